"""MinIO's Python client: files of every size both ways, lists, versions, tags, locks, URLs."""

import datetime
import hashlib
import io
import os
import pathlib
import tempfile
import unittest
import urllib.parse
import urllib.request
import uuid

from minio import Minio
from minio.commonconfig import GOVERNANCE, REPLACE, ComposeSource, CopySource, Tags
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention
from minio.versioningconfig import ENABLED, VersioningConfig

from checks import CONFIGURATION, FILE_COUNT, FILES, IMAGES, INPUTS
from checks import post_form, same_bytes, tree_of

LARGE = FILES / "20-mib.bin"
MODELS = [INPUTS / "models" / f"{version}.bin" for version in ["v1", "v2", "v3"]]


def connect():
    address = urllib.parse.urlsplit(CONFIGURATION["endpoint"])
    return Minio(
        address.netloc,
        access_key=CONFIGURATION["access_key"],
        secret_key=CONFIGURATION["secret_key"],
        secure=address.scheme == "https",
    )


class MinioTest(unittest.TestCase):
    def setUp(self):
        self.minio = connect()
        self.bucket = f"minio-py-{uuid.uuid4().hex[:12]}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def put_folder(self, folder):
        paths = [path for path in folder.rglob("*") if path.is_file()]
        for path in paths:
            self.minio.fput_object(self.bucket, str(path.relative_to(folder)), str(path))
        return len(paths)

    def names(self, **given):
        return [entry.object_name for entry in self.minio.list_objects(self.bucket, **given)]

    def text_of(self, key, **given):
        answer = self.minio.get_object(self.bucket, key, **given)
        try:
            return answer.read()
        finally:
            answer.close()
            answer.release_conn()


class Objects(MinioTest):
    def setUp(self):
        super().setUp()
        self.minio.make_bucket(self.bucket)

    def test_a_bucket_is_listed_exists_and_is_gone_when_removed(self):
        self.assertTrue(self.minio.bucket_exists(self.bucket))
        self.assertIn(self.bucket, [bucket.name for bucket in self.minio.list_buckets()])
        self.minio.remove_bucket(self.bucket)
        self.assertFalse(self.minio.bucket_exists(self.bucket))
        self.assertNotIn(self.bucket, [bucket.name for bucket in self.minio.list_buckets()])

    def test_files_of_every_size_come_back_bit_for_bit(self):
        self.assertEqual(self.put_folder(FILES), FILE_COUNT)
        for entry in self.minio.list_objects(self.bucket, recursive=True):
            path = self.folder / entry.object_name
            self.assertEqual(entry.size, (FILES / entry.object_name).stat().st_size)
            self.minio.fget_object(self.bucket, entry.object_name, str(path))
        self.assertEqual(tree_of(self.folder), tree_of(FILES))

    def test_lists_are_whole_in_order_and_by_folder(self):
        self.assertEqual(self.put_folder(INPUTS / "digits"), IMAGES)
        names = self.names(recursive=True)
        self.assertEqual(names, sorted(tree_of(INPUTS / "digits")))
        self.assertEqual(self.names(), [f"{digit}/" for digit in range(10)])
        self.assertEqual(self.names(prefix="7/"), [name for name in names if name[0] == "7"])
        after = names[1000]
        self.assertEqual(self.names(recursive=True, start_after=after), names[1001:])

    def test_a_stat_tells_size_digest_type_and_metadata(self):
        metadata = {"accuracy": "0.97", "trained-by": "小明"}
        with open(MODELS[0], "rb") as file:
            self.minio.put_object(
                self.bucket,
                "model",
                file,
                MODELS[0].stat().st_size,
                content_type="application/x-pickle",
                metadata={name: urllib.parse.quote(value) for name, value in metadata.items()},
            )
        stat = self.minio.stat_object(self.bucket, "model")
        self.assertEqual(stat.size, MODELS[0].stat().st_size)
        self.assertEqual(stat.etag, hashlib.md5(MODELS[0].read_bytes()).hexdigest())
        self.assertEqual(stat.content_type, "application/x-pickle")
        told = {
            name.lower().removeprefix("x-amz-meta-"): urllib.parse.unquote(value)
            for name, value in stat.metadata.items()
            if name.lower().startswith("x-amz-meta-")
        }
        self.assertEqual(told, metadata)

    def test_a_stream_of_unknown_length_is_sent_in_parts(self):
        with open(LARGE, "rb") as file:
            self.minio.put_object(self.bucket, "stream", file, -1, part_size=5 * 1024 * 1024)
        self.assertTrue(self.minio.stat_object(self.bucket, "stream").etag.endswith("-4"))
        self.assertEqual(self.text_of("stream"), LARGE.read_bytes())

    def test_a_range_is_what_was_asked_for(self):
        self.minio.fput_object(self.bucket, "large", str(LARGE))
        got = self.text_of("large", offset=16 * 1024 * 1024 - 5, length=4096)
        self.assertEqual(got, LARGE.read_bytes()[16 * 1024 * 1024 - 5 :][:4096])

    def test_a_copy_has_the_bytes_and_the_metadata_it_is_given(self):
        self.minio.fput_object(self.bucket, "数据/源 1+2.bin", str(LARGE), metadata={"a": "1"})
        source = CopySource(self.bucket, "数据/源 1+2.bin")
        self.minio.copy_object(self.bucket, "same", source)
        self.minio.copy_object(
            self.bucket, "other", source, metadata={"b": "2"}, metadata_directive=REPLACE
        )
        for key, kept in [("same", "a"), ("other", "b")]:
            self.assertEqual(self.text_of(key), LARGE.read_bytes())
            metadata = self.minio.stat_object(self.bucket, key).metadata
            given = [name.lower() for name in metadata if name.lower().startswith("x-amz-meta-")]
            self.assertEqual(given, [f"x-amz-meta-{kept}"])

    def test_objects_are_composed_of_others(self):
        self.minio.fput_object(self.bucket, "one", str(LARGE))
        self.minio.fput_object(self.bucket, "two", str(FILES / "small.bin"))
        sources = [ComposeSource(self.bucket, name) for name in ["one", "two"]]
        self.minio.compose_object(self.bucket, "both", sources)
        whole = LARGE.read_bytes() + (FILES / "small.bin").read_bytes()
        self.assertEqual(self.text_of("both"), whole)

    def test_tags_of_an_object_come_back_and_go(self):
        self.minio.fput_object(self.bucket, "model", str(MODELS[0]))
        tags = Tags.new_object_tags()
        tags.update({"stage": "test", "team": "视觉 / vision+speech"})
        self.minio.set_object_tags(self.bucket, "model", tags)
        self.assertEqual(dict(self.minio.get_object_tags(self.bucket, "model")), dict(tags))
        self.minio.delete_object_tags(self.bucket, "model")
        self.assertIsNone(self.minio.get_object_tags(self.bucket, "model"))

    def test_many_objects_are_removed_at_once(self):
        self.put_folder(INPUTS / "digits" / "1")
        names = [DeleteObject(name) for name in self.names()]
        self.assertEqual(list(self.minio.remove_objects(self.bucket, names)), [])
        self.assertEqual(self.names(), [])
        self.minio.remove_bucket(self.bucket)

    def test_what_is_not_there_is_said_in_the_words_of_s3(self):
        for code, call in [
            ("NoSuchKey", lambda: self.minio.stat_object(self.bucket, "none")),
            ("NoSuchKey", lambda: self.minio.get_object(self.bucket, "none")),
            ("NoSuchBucket", lambda: list(self.minio.list_objects(self.bucket + "-none"))),
        ]:
            with self.assertRaises(S3Error) as refused:
                call()
            self.assertEqual(refused.exception.code, code)

    def test_presigned_urls_store_and_give_bytes_without_keys(self):
        key = "数据/模型 1+2.bin"
        body = MODELS[0].read_bytes()
        url = self.minio.presigned_put_object(self.bucket, key)
        with urllib.request.urlopen(urllib.request.Request(url, body, method="PUT")) as answer:
            self.assertEqual(answer.status, 200)
        name = {"response-content-disposition": 'attachment; filename="model"'}
        url = self.minio.presigned_get_object(self.bucket, key, response_headers=name)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), body)
            disposition = answer.headers["Content-Disposition"]
        self.assertEqual(disposition, name["response-content-disposition"])


    def test_a_form_stores_what_its_policy_allows_and_nothing_else(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
        policy = PostPolicy(self.bucket, soon)
        policy.add_starts_with_condition("key", "forms/")
        policy.add_content_length_range_condition(1, 100_000)
        signed = self.minio.presigned_post_policy(policy)
        url = f"{CONFIGURATION['endpoint']}/{self.bucket}"
        image = (INPUTS / "digits" / "7" / "0007.png").read_bytes()
        self.assertEqual(post_form(url, {"key": "forms/七.png", **signed}, image), 204)
        self.assertEqual(self.text_of("forms/七.png"), image)
        self.assertEqual(post_form(url, {"key": "elsewhere", **signed}, image), 403)
        self.assertEqual(post_form(url, {"key": "forms/large", **signed}, bytes(100_001)), 400)
        self.assertEqual(self.names(recursive=True), ["forms/七.png"])


class Versions(MinioTest):
    def setUp(self):
        super().setUp()
        self.minio.make_bucket(self.bucket)
        self.minio.set_bucket_versioning(self.bucket, VersioningConfig(ENABLED))

    def test_every_version_comes_back_and_is_listed_newest_first(self):
        self.assertEqual(self.minio.get_bucket_versioning(self.bucket).status, ENABLED)
        ids = self.put_models()
        for version_id, model in zip(ids, MODELS):
            path = self.folder / version_id
            self.minio.fget_object(self.bucket, "model", str(path), version_id=version_id)
            self.assertTrue(same_bytes(path, model))
        listed = list(self.minio.list_objects(self.bucket, include_version=True))
        self.assertEqual([entry.version_id for entry in listed], ids[::-1])
        self.assertEqual([entry.is_latest.lower() for entry in listed], ["true", "false", "false"])

    def test_a_removed_object_comes_back_when_its_marker_goes(self):
        self.put_models()
        self.minio.remove_object(self.bucket, "model")
        self.assertEqual(self.names(), [])
        listed = self.minio.list_objects(self.bucket, include_version=True)
        [marker] = [entry for entry in listed if entry.is_delete_marker]
        self.minio.remove_object(self.bucket, "model", version_id=marker.version_id)
        self.assertEqual(self.text_of("model"), MODELS[-1].read_bytes())

    def test_all_versions_and_markers_are_removed_at_once(self):
        self.put_models()
        self.minio.remove_object(self.bucket, "model")
        listed = list(self.minio.list_objects(self.bucket, include_version=True))
        self.assertEqual(len(listed), 4)
        names = [DeleteObject(entry.object_name, entry.version_id) for entry in listed]
        self.assertEqual(list(self.minio.remove_objects(self.bucket, names)), [])
        self.minio.remove_bucket(self.bucket)

    def put_models(self):
        return [
            self.minio.fput_object(self.bucket, "model", str(model)).version_id for model in MODELS
        ]


class Locks(MinioTest):
    def setUp(self):
        super().setUp()
        self.minio.make_bucket(self.bucket, object_lock=True)

    def test_a_locked_version_stays_until_the_lock_is_bypassed(self):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        body = io.BytesIO(b"locked")
        given = {"retention": Retention(GOVERNANCE, until), "legal_hold": True}
        version = self.minio.put_object(self.bucket, "a", body, 6, **given).version_id
        name = {"bucket_name": self.bucket, "object_name": "a", "version_id": version}
        self.assertTrue(self.minio.is_object_legal_hold_enabled(**name))
        self.minio.disable_object_legal_hold(**name)
        self.assertFalse(self.minio.is_object_legal_hold_enabled(**name))
        self.assertEqual(self.minio.get_object_retention(**name).mode, GOVERNANCE)
        with self.assertRaises(S3Error) as refused:
            self.minio.remove_object(**name)
        self.assertEqual(refused.exception.code, "AccessDenied")
        [error] = self.minio.remove_objects(self.bucket, [DeleteObject("a", version)])
        self.assertEqual(error.code, "AccessDenied")
        bypass = {"bypass_governance_mode": True}
        removed = self.minio.remove_objects(self.bucket, [DeleteObject("a", version)], **bypass)
        self.assertEqual(list(removed), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

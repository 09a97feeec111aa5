"""The main job with the aws command: cp, sync, mb, rm, presign, and versions through s3api."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
import uuid

from checks import CONFIGURATION, FILE_COUNT, FILES, IMAGES, INPUTS, same_bytes, tree_of

AWS = str(pathlib.Path(sys.executable).parent / "aws")


def aws(*arguments):
    """What the command prints; a failure shows what it said."""
    run = subprocess.run(
        [AWS, "--endpoint-url", CONFIGURATION["endpoint"], *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    if run.returncode != 0:
        raise AssertionError(f"aws {' '.join(map(str, arguments))}: {run.stderr}")
    return run.stdout


def s3api(operation, **parameters):
    """The answer of one API call, if it has one. `version_id` becomes `--version-id`."""
    flags = [
        part
        for name, value in parameters.items()
        for part in (f"--{name.replace('_', '-')}", value)
    ]
    return json.loads(aws("s3api", operation, *flags) or "null")


class MainJob(unittest.TestCase):
    def setUp(self):
        self.bucket = f"cli-{uuid.uuid4().hex[:12]}"
        aws("s3", "mb", f"s3://{self.bucket}")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_checkpoint_of_300_mb_is_copied_both_ways_bit_for_bit(self):
        aws("s3", "cp", "--quiet", INPUTS / "checkpoint.bin", f"s3://{self.bucket}/checkpoint")
        aws("s3", "cp", "--quiet", f"s3://{self.bucket}/checkpoint", self.folder / "checkpoint")
        self.assertTrue(same_bytes(self.folder / "checkpoint", INPUTS / "checkpoint.bin"))

    def test_files_of_every_size_are_copied_both_ways_bit_for_bit(self):
        remote = f"s3://{self.bucket}/files"
        sent = aws("s3", "cp", "--no-progress", "--recursive", FILES, remote)
        self.assertEqual(sent.count("upload: "), FILE_COUNT)
        aws("s3", "cp", "--quiet", "--recursive", remote, self.folder)
        self.assertEqual(tree_of(self.folder), tree_of(FILES))

    def test_a_sync_with_delete_removes_what_is_gone(self):
        remote = f"s3://{self.bucket}/files"
        shutil.copytree(FILES, self.folder / "files")
        aws("s3", "sync", "--quiet", self.folder / "files", remote)
        (self.folder / "files" / "说明.md").unlink()
        said = aws("s3", "sync", "--no-progress", "--delete", self.folder / "files", remote)
        self.assertEqual(said.splitlines(), [f"delete: {remote}/说明.md"])

    def test_a_second_sync_moves_nothing(self):
        remote = f"s3://{self.bucket}/digits"
        sent = aws("s3", "sync", "--no-progress", INPUTS / "digits", remote)
        self.assertEqual(sent.count("upload: "), IMAGES)
        self.assertEqual(aws("s3", "sync", "--no-progress", INPUTS / "digits", remote), "")

        got = aws("s3", "sync", "--no-progress", remote, self.folder)
        self.assertEqual(got.count("download: "), IMAGES)
        self.assertEqual(tree_of(self.folder), tree_of(INPUTS / "digits"))
        self.assertEqual(aws("s3", "sync", "--no-progress", remote, self.folder), "")

    def test_an_old_version_of_a_model_comes_back_and_is_restored(self):
        s3api(
            "put-bucket-versioning",
            bucket=self.bucket,
            versioning_configuration="Status=Enabled",
        )
        name = {"bucket": self.bucket, "key": "models/digits"}
        ids = [
            s3api("put-object", **name, body=INPUTS / "models" / f"{version}.bin")["VersionId"]
            for version in ["v1", "v2", "v3"]
        ]
        listed = s3api("list-object-versions", bucket=self.bucket)["Versions"]
        self.assertEqual([version["VersionId"] for version in listed], ids[::-1])

        self.get_object(name, "old", "--version-id", ids[0])
        self.assertTrue(same_bytes(self.folder / "old", INPUTS / "models" / "v1.bin"))

        source = f"{self.bucket}/models/digits?versionId={ids[0]}"
        s3api("copy-object", **name, copy_source=source)
        self.get_object(name, "restored")
        self.assertTrue(same_bytes(self.folder / "restored", INPUTS / "models" / "v1.bin"))

    def test_a_deleted_object_comes_back_when_its_marker_goes(self):
        s3api(
            "put-bucket-versioning",
            bucket=self.bucket,
            versioning_configuration="Status=Enabled",
        )
        name = {"bucket": self.bucket, "key": "models/digits"}
        s3api("put-object", **name, body=INPUTS / "models" / "v1.bin")
        marker = s3api("delete-object", **name)
        self.assertTrue(marker["DeleteMarker"])
        with self.assertRaisesRegex(AssertionError, "404|NoSuchKey"):
            s3api("head-object", **name)
        s3api("delete-object", **name, version_id=marker["VersionId"])
        self.get_object(name, "back")
        self.assertTrue(same_bytes(self.folder / "back", INPUTS / "models" / "v1.bin"))

    def test_rm_empties_a_prefix_and_rb_removes_the_bucket(self):
        aws("s3", "cp", "--quiet", "--recursive", INPUTS / "digits" / "7", f"s3://{self.bucket}/7")
        self.assertEqual(len(aws("s3", "ls", f"s3://{self.bucket}/7/").splitlines()), 179)
        aws("s3", "rm", "--quiet", "--recursive", f"s3://{self.bucket}/7")
        aws("s3", "rb", f"s3://{self.bucket}")
        self.assertNotIn(self.bucket, aws("s3", "ls"))

    def test_a_presigned_url_gives_the_bytes_without_keys(self):
        aws("s3", "cp", "--quiet", INPUTS / "models" / "v1.bin", f"s3://{self.bucket}/v1")
        url = aws("s3", "presign", f"s3://{self.bucket}/v1", "--region", "eu-central-1").strip()
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), (INPUTS / "models" / "v1.bin").read_bytes())

    def get_object(self, name, file, *flags):
        arguments = ["--bucket", name["bucket"], "--key", name["key"], *flags]
        aws("s3api", "get-object", *arguments, self.folder / file)


if __name__ == "__main__":
    unittest.main(verbosity=2)

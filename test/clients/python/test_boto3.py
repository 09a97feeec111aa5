"""The main job with boto3: models in versions, a checkpoint, a dataset of small files."""

import pathlib
import tempfile
import unittest
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.config import Config

import model_store
from checks import CONFIGURATION, IMAGES, INPUTS
from checks import facts_of, post_form, predictions_of, same_bytes, tree_of

VERSIONS = ["v1", "v2", "v3"]


class MainJob(unittest.TestCase):
    def setUp(self):
        self.s3 = model_store.connect(CONFIGURATION)
        self.bucket = f"job-{uuid.uuid4().hex[:12]}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_every_version_of_a_model_comes_back_and_predicts_as_before(self):
        model_store.make_bucket(self.s3, self.bucket, versioned=True)
        ids = [self.upload(version) for version in VERSIONS]
        self.assertEqual(len(set(ids)), 3)
        for version, version_id in zip(VERSIONS, ids):
            path = self.folder / version
            model_store.download_model(self.s3, self.bucket, "digits", path, version_id)
            self.assertTrue(same_bytes(path, INPUTS / "models" / f"{version}.bin"))
            self.assertEqual(predictions_of(path), facts_of(version)["predictions"])

    def test_the_list_of_models_names_every_version_newest_first(self):
        model_store.make_bucket(self.s3, self.bucket, versioned=True)
        ids = [self.upload(version) for version in VERSIONS]
        listed = model_store.list_models(self.s3, self.bucket)
        self.assertEqual([model["version"] for model in listed], list(reversed(ids)))
        self.assertEqual({model["name"] for model in listed}, {"digits"})
        sizes = [(INPUTS / "models" / f"{version}.bin").stat().st_size for version in VERSIONS]
        self.assertEqual([model["size"] for model in listed], list(reversed(sizes)))

    def test_an_old_version_is_restored_and_nothing_between_is_lost(self):
        model_store.make_bucket(self.s3, self.bucket, versioned=True)
        first, *_ = [self.upload(version) for version in VERSIONS]
        restored = model_store.restore_model(self.s3, self.bucket, "digits", first)
        self.assertNotEqual(restored, first)
        path = self.folder / "restored"
        model_store.download_model(self.s3, self.bucket, "digits", path)
        self.assertEqual(predictions_of(path), facts_of("v1")["predictions"])
        self.assertNotEqual(facts_of("v1")["predictions"], facts_of("v3")["predictions"])
        self.assertEqual(len(model_store.list_models(self.s3, self.bucket)), 4)

    def test_what_a_model_scored_is_kept_with_it(self):
        model_store.make_bucket(self.s3, self.bucket)
        self.upload("v2")
        head = self.s3.head_object(Bucket=self.bucket, Key="models/digits/model.bin")
        self.assertEqual(head["Metadata"], {"accuracy": str(facts_of("v2")["accuracy"])})

    def test_a_checkpoint_of_300_mb_comes_back_bit_for_bit(self):
        model_store.make_bucket(self.s3, self.bucket)
        self.s3.upload_file(str(INPUTS / "checkpoint.bin"), self.bucket, "checkpoints/1")
        self.s3.download_file(self.bucket, "checkpoints/1", str(self.folder / "checkpoint"))
        self.assertTrue(same_bytes(self.folder / "checkpoint", INPUTS / "checkpoint.bin"))

    def test_a_dataset_of_1797_images_comes_back_bit_for_bit(self):
        model_store.make_bucket(self.s3, self.bucket)
        sent = model_store.upload_dataset(self.s3, self.bucket, "digits", INPUTS / "digits")
        got = model_store.download_dataset(self.s3, self.bucket, "digits", self.folder / "digits")
        self.assertEqual((sent, got), (IMAGES, IMAGES))
        self.assertEqual(tree_of(self.folder / "digits"), tree_of(INPUTS / "digits"))

    def upload(self, version):
        path = INPUTS / "models" / f"{version}.bin"
        accuracy = facts_of(version)["accuracy"]
        return model_store.upload_model(
            self.s3, self.bucket, "digits", path, {"accuracy": accuracy}
        )


class PresignedUrls(unittest.TestCase):
    def setUp(self):
        # Without it boto3 presigns with signature version 2 in us-east-1.
        self.s3 = boto3.client(
            "s3",
            endpoint_url=CONFIGURATION["endpoint"],
            config=Config(signature_version="s3v4"),
        )
        self.bucket = f"signed-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.name = {"Bucket": self.bucket, "Key": "dir/ü +&.txt"}

    def test_a_presigned_get_gives_the_bytes_without_keys(self):
        self.s3.put_object(**self.name, Body=b"hello")
        url = self.s3.generate_presigned_url("get_object", Params=self.name)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), b"hello")

    def test_a_presigned_put_stores_bytes_without_keys(self):
        url = self.s3.generate_presigned_url("put_object", Params=self.name)
        with urllib.request.urlopen(urllib.request.Request(url, b"sent", method="PUT")) as answer:
            self.assertEqual(answer.status, 200)
        self.assertEqual(self.s3.get_object(**self.name)["Body"].read(), b"sent")

    def test_a_presigned_form_stores_a_file_without_keys(self):
        limits = [["content-length-range", 1, 100_000]]
        form = self.s3.generate_presigned_post(self.bucket, "forms/七.png", Conditions=limits)
        image = (INPUTS / "digits" / "7" / "0007.png").read_bytes()
        self.assertEqual(post_form(form["url"], form["fields"], image), 204)
        name = {"Bucket": self.bucket, "Key": "forms/七.png"}
        self.assertEqual(self.s3.get_object(**name)["Body"].read(), image)
        self.assertEqual(post_form(form["url"], form["fields"], bytes(100_001)), 400)
        other = {**form["fields"], "key": "secret"}
        self.assertEqual(post_form(form["url"], other, image), 403)

    def test_a_presigned_url_for_one_key_does_not_open_another(self):
        self.s3.put_object(**self.name, Body=b"hello")
        self.s3.put_object(Bucket=self.bucket, Key="secret", Body=b"secret")
        url = self.s3.generate_presigned_url("get_object", Params=self.name)
        path = url.split("?")[0].removeprefix(CONFIGURATION["endpoint"])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url.replace(path, f"/{self.bucket}/secret"))
        self.assertEqual(refused.exception.code, 403)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The calls that Dify makes to S3, in its order and with the settings that it gives boto3.

See https://github.com/langgenius/dify, api/extensions/storage/aws_s3_storage.py: it ignores a
bucket that it may not see, makes one that is missing, and takes any other answer for an error.
"""

import hashlib
import pathlib
import tempfile
import unittest
import urllib.request
import uuid

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

from checks import CONFIGURATION, FILE_COUNT, FILES, same_bytes

TENANT = "0a1b2c3d-tenant"
# What S3_REGION and S3_ADDRESS_STYLE are when nobody sets them.
REGION = "us-east-1"
ADDRESS_STYLE = "auto"
# boto3 presigns by version 4 in regions that never knew version 2.
LATER_REGION = "cn-north-1"


def connect(region=REGION, **keys):
    given = {
        "aws_access_key_id": CONFIGURATION["access_key"],
        "aws_secret_access_key": CONFIGURATION["secret_key"],
        **keys,
    }
    return boto3.client(
        "s3",
        endpoint_url=CONFIGURATION["endpoint"],
        region_name=region,
        config=Config(s3={"addressing_style": ADDRESS_STYLE}),
        **given,
    )


def code_of(call):
    """What Dify decides by: the code of the refusal, and none when there was no refusal."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


class Start(unittest.TestCase):
    def setUp(self):
        self.bucket = f"dify-{uuid.uuid4().hex[:12]}"

    def test_a_missing_bucket_is_404_and_is_made(self):
        s3 = connect()
        self.assertEqual(code_of(lambda: s3.head_bucket(Bucket=self.bucket)), "404")
        s3.create_bucket(Bucket=self.bucket)
        self.assertIsNone(code_of(lambda: s3.head_bucket(Bucket=self.bucket)))

    def test_a_bucket_that_is_there_is_found_by_the_next_process(self):
        connect().create_bucket(Bucket=self.bucket)
        self.assertIsNone(code_of(lambda: connect().head_bucket(Bucket=self.bucket)))

    def test_a_bucket_that_may_not_be_seen_is_403_and_the_start_goes_on(self):
        connect().create_bucket(Bucket=self.bucket)
        for wrong in ["aws_access_key_id", "aws_secret_access_key"]:
            s3 = connect(**{wrong: "wrong-wrong-wrong"})
            self.assertEqual(code_of(lambda: s3.head_bucket(Bucket=self.bucket)), "403")


class Files(unittest.TestCase):
    def setUp(self):
        self.bucket = f"dify-{uuid.uuid4().hex[:12]}"
        self.s3 = connect()
        self.s3.create_bucket(Bucket=self.bucket)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def get(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]

    def head(self, key):
        return self.s3.head_object(Bucket=self.bucket, Key=key)

    def test_uploads_are_stored_loaded_streamed_downloaded_and_deleted(self):
        paths = [path for path in FILES.rglob("*") if path.is_file()]
        self.assertEqual(len(paths), FILE_COUNT)
        for path in paths:
            content = path.read_bytes()
            key = f"upload_files/{TENANT}/{uuid.uuid4()}{path.suffix}"
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
            self.assertEqual(self.get(key).read(), content)
            streamed = hashlib.sha256()
            for chunk in self.get(key).iter_chunks():
                streamed.update(chunk)
            self.assertEqual(streamed.digest(), hashlib.sha256(content).digest())
            target = self.folder / path.name
            self.s3.download_file(self.bucket, key, str(target))
            self.assertTrue(same_bytes(target, path))
            self.assertEqual(self.head(key)["ContentLength"], len(content))
            self.s3.delete_object(Bucket=self.bucket, Key=key)
            self.assertEqual(code_of(lambda: self.head(key)), "404")

    def test_a_missing_file_is_said_as_dify_expects_it(self):
        key = f"upload_files/{TENANT}/none.pdf"
        self.assertEqual(code_of(lambda: self.get(key)), "NoSuchKey")
        self.assertEqual(code_of(lambda: self.head(key)), "404")
        target = str(self.folder / "none")
        self.assertEqual(code_of(lambda: self.s3.download_file(self.bucket, key, target)), "404")
        self.assertIsNone(code_of(lambda: self.s3.delete_object(Bucket=self.bucket, Key=key)))

    def test_a_presigned_url_gives_the_bytes_without_keys(self):
        key = f"upload_files/{TENANT}/{uuid.uuid4()}.txt"
        content = (FILES / "说明.md").read_bytes()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        name = {"Bucket": self.bucket, "Key": key}
        url = connect(LATER_REGION).generate_presigned_url("get_object", Params=name)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), content)

    def test_a_file_that_is_saved_again_is_the_new_one(self):
        key = "privkeys/tenant/private.pem"
        for content in [b"old", b"new"]:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        self.assertEqual(self.get(key).read(), b"new")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""boto3's transfers: files of every size, an upload that was cut and goes on, copies, ETags."""

import hashlib
import http.client
import io
import pathlib
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from checks import CONFIGURATION, FILE_COUNT, FILES, same_bytes, tree_of

LARGE = FILES / "20-mib.bin"
PART_BYTES = 5 * 1024 * 1024
PARTS = 4


def connect(**given):
    return boto3.client("s3", endpoint_url=CONFIGURATION["endpoint"], **given)


def md5_of(content):
    return hashlib.md5(content)


def part_of(number):
    return LARGE.read_bytes()[(number - 1) * PART_BYTES : number * PART_BYTES]


def etag_of_parts():
    digests = b"".join(md5_of(part_of(number)).digest() for number in range(1, PARTS + 1))
    return f'"{md5_of(digests).hexdigest()}-{PARTS}"'


class TransferTest(unittest.TestCase):
    def setUp(self):
        self.s3 = connect()
        self.bucket = f"transfers-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def body_of(self, key, **given):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **given)["Body"].read()

    def etag_of(self, key):
        return self.s3.head_object(Bucket=self.bucket, Key=key)["ETag"]


class Files(TransferTest):
    def test_files_of_every_size_come_back_bit_for_bit(self):
        paths = [path for path in FILES.rglob("*") if path.is_file()]
        self.assertEqual(len(paths), FILE_COUNT)
        for path in paths:
            key = str(path.relative_to(FILES))
            self.s3.upload_file(str(path), self.bucket, key)
            (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.bucket, key, str(self.folder / key))
        self.assertEqual(tree_of(self.folder), tree_of(FILES))
        listed = self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]
        keys = [str(path.relative_to(FILES)) for path in paths]
        self.assertEqual([entry["Key"] for entry in listed], sorted(keys, key=str.encode))

    def test_etags_are_md5_of_the_bytes_or_of_their_parts(self):
        small = (FILES / "small.bin").read_bytes()
        self.s3.put_object(Bucket=self.bucket, Key="small", Body=small)
        self.assertEqual(self.etag_of("small"), f'"{md5_of(small).hexdigest()}"')
        sizes = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
        self.s3.upload_file(str(LARGE), self.bucket, "large", Config=sizes)
        self.assertEqual(self.etag_of("large"), etag_of_parts())

    def test_a_stream_is_sent_and_received_in_parts(self):
        sizes = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
        with open(LARGE, "rb") as file:
            self.s3.upload_fileobj(file, self.bucket, "stream", Config=sizes)
        got = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "stream", got, Config=sizes)
        self.assertEqual(got.getvalue(), LARGE.read_bytes())
        part = self.body_of("stream", PartNumber=2)
        self.assertEqual(part, part_of(2))


class Copies(TransferTest):
    def test_a_large_object_is_copied_in_parts(self):
        self.s3.upload_file(str(LARGE), self.bucket, "数据/源 1+2.bin")
        source = {"Bucket": self.bucket, "Key": "数据/源 1+2.bin"}
        sizes = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
        self.s3.copy(source, self.bucket, "copy", Config=sizes)
        self.assertEqual(self.etag_of("copy"), etag_of_parts())
        self.assertEqual(self.body_of("copy"), LARGE.read_bytes())

    def test_a_copy_keeps_or_replaces_metadata(self):
        name = {"Bucket": self.bucket, "CopySource": {"Bucket": self.bucket, "Key": "model"}}
        given = {"Metadata": {"accuracy": "0.97"}, "ContentType": "application/x-pickle"}
        self.s3.put_object(Bucket=self.bucket, Key="model", Body=b"x", **given)
        self.s3.copy_object(Key="kept", **name)
        self.s3.copy_object(
            Key="replaced", Metadata={"stage": "test"}, MetadataDirective="REPLACE", **name
        )
        kept = self.s3.head_object(Bucket=self.bucket, Key="kept")
        self.assertEqual({name: kept[name] for name in given}, given)
        replaced = self.s3.head_object(Bucket=self.bucket, Key="replaced")
        self.assertEqual(replaced["Metadata"], {"stage": "test"})


class CutUploads(TransferTest):
    def setUp(self):
        super().setUp()
        # Part URLs must be signed by version 4.
        self.s3 = connect(config=Config(signature_version="s3v4"))
        begun = self.s3.create_multipart_upload(Bucket=self.bucket, Key="large")
        self.upload = {"Bucket": self.bucket, "Key": "large", "UploadId": begun["UploadId"]}

    def put_part(self, s3, number):
        return s3.upload_part(**self.upload, PartNumber=number, Body=part_of(number))["ETag"]

    def cut_part(self, number):
        """Sends half of a part; then the connection is gone."""
        given = {**self.upload, "PartNumber": number}
        url = urllib.parse.urlsplit(self.s3.generate_presigned_url("upload_part", Params=given))
        connection = http.client.HTTPConnection(url.netloc)
        connection.putrequest("PUT", f"{url.path}?{url.query}")
        connection.putheader("Content-Length", str(PART_BYTES))
        connection.endheaders()
        connection.send(part_of(number)[: PART_BYTES // 2])
        connection.close()

    def test_an_upload_that_was_cut_goes_on_with_the_parts_that_are_missing(self):
        for number in [1, 2]:
            self.put_part(self.s3, number)
        self.cut_part(3)

        s3 = connect()
        [begun] = s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]
        self.assertEqual(begun["UploadId"], self.upload["UploadId"])
        there = s3.list_parts(**self.upload)["Parts"]
        self.assertEqual([part["PartNumber"] for part in there], [1, 2])
        for part in there:
            digest = md5_of(part_of(part["PartNumber"])).hexdigest()
            self.assertEqual((part["ETag"], part["Size"]), (f'"{digest}"', PART_BYTES))
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in there]
        for number in [3, 4]:
            parts.append({"PartNumber": number, "ETag": self.put_part(s3, number)})
        done = s3.complete_multipart_upload(**self.upload, MultipartUpload={"Parts": parts})

        self.assertEqual(done["ETag"], etag_of_parts())
        s3.download_file(self.bucket, "large", str(self.folder / "large"))
        self.assertTrue(same_bytes(self.folder / "large", LARGE))
        self.assertNotIn("Uploads", s3.list_multipart_uploads(Bucket=self.bucket))

    def test_an_upload_that_is_given_up_leaves_nothing(self):
        self.put_part(self.s3, 1)
        self.s3.abort_multipart_upload(**self.upload)
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket=self.bucket))
        with self.assertRaises(ClientError) as refused:
            self.put_part(self.s3, 2)
        self.assertEqual(refused.exception.response["Error"]["Code"], "NoSuchUpload")
        self.s3.delete_bucket(Bucket=self.bucket)

    def test_a_part_that_is_not_the_one_that_was_sent_is_refused(self):
        self.put_part(self.s3, 1)
        parts = {"Parts": [{"PartNumber": 1, "ETag": '"0123456789abcdef0123456789abcdef"'}]}
        with self.assertRaises(ClientError) as refused:
            self.s3.complete_multipart_upload(**self.upload, MultipartUpload=parts)
        self.assertEqual(refused.exception.response["Error"]["Code"], "InvalidPart")


class OldSignatures(TransferTest):
    def test_a_url_of_signature_version_2_is_refused_with_what_to_use(self):
        self.s3.put_object(Bucket=self.bucket, Key="a", Body=b"x")
        old = connect(region_name="us-east-1", config=Config(signature_version="s3"))
        name = {"Bucket": self.bucket, "Key": "a"}
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(old.generate_presigned_url("get_object", Params=name))
        self.assertEqual(refused.exception.code, 400)
        said = refused.exception.read().decode()
        self.assertIn("Please use AWS4-HMAC-SHA256.", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)

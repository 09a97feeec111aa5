"""s3fs: files, folders and tables in partitions as pandas and fsspec use them."""

import pathlib
import tempfile
import unittest
import urllib.request
import uuid

import pandas
import pyarrow.parquet as parquet
import s3fs

from checks import CONFIGURATION, FILE_COUNT, FILES, IMAGES, INPUTS, tree_of

DIGITS = FILES / "digits.parquet"
OPTIONS = {
    "key": CONFIGURATION["access_key"],
    "secret": CONFIGURATION["secret_key"],
    "endpoint_url": CONFIGURATION["endpoint"],
}


class S3fsTest(unittest.TestCase):
    def setUp(self):
        self.s3 = s3fs.S3FileSystem(**OPTIONS, skip_instance_cache=True)
        self.bucket = f"s3fs-{uuid.uuid4().hex[:12]}"
        self.s3.mkdir(self.bucket)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Files(S3fsTest):
    def test_a_folder_with_files_of_every_size_comes_back_bit_for_bit(self):
        self.s3.put(f"{FILES}/", f"{self.bucket}/files/", recursive=True)
        self.assertEqual(len(self.s3.find(f"{self.bucket}/files")), FILE_COUNT)
        self.s3.get(f"{self.bucket}/files/", f"{self.folder}/", recursive=True)
        self.assertEqual(tree_of(self.folder), tree_of(FILES))

    def test_a_dataset_of_1797_images_is_found_whole(self):
        self.s3.put(f"{INPUTS / 'digits'}/", f"{self.bucket}/digits/", recursive=True)
        found = [path.removeprefix(f"{self.bucket}/digits/") for path in self.s3.find(self.bucket)]
        self.assertEqual(len(found), IMAGES)
        self.assertEqual(found, sorted(tree_of(INPUTS / "digits")))
        sevens = self.s3.glob(f"{self.bucket}/digits/7/*.png")
        self.assertEqual(len(sevens), 179)
        folders = [f"{self.bucket}/digits/{digit}" for digit in range(10)]
        self.assertEqual(self.s3.ls(f"{self.bucket}/digits"), folders)

    def test_a_large_file_is_written_in_blocks_and_read_from_any_place(self):
        truth = (FILES / "20-mib.bin").read_bytes()
        path = f"{self.bucket}/large"
        with self.s3.open(path, "wb", block_size=6 * 1024 * 1024) as file:
            for at in range(0, len(truth), 1_000_003):
                file.write(truth[at : at + 1_000_003])
        self.assertEqual(self.s3.info(path)["size"], len(truth))
        with self.s3.open(path, "rb") as file:
            file.seek(16 * 1024 * 1024 - 5)
            self.assertEqual(file.read(10), truth[16 * 1024 * 1024 - 5 :][:10])
        self.assertEqual(self.s3.cat_file(path), truth)

    def test_a_file_is_appended_copied_moved_and_removed(self):
        path = f"{self.bucket}/记录/log.txt"
        self.s3.pipe_file(path, b"one\n")
        with self.s3.open(path, "ab") as file:
            file.write(b"two\n")
        self.assertEqual(self.s3.cat_file(path), b"one\ntwo\n")
        self.s3.copy(path, f"{self.bucket}/copy")
        self.s3.mv(f"{self.bucket}/copy", f"{self.bucket}/moved")
        self.assertEqual(self.s3.cat_file(f"{self.bucket}/moved"), b"one\ntwo\n")
        self.assertFalse(self.s3.exists(f"{self.bucket}/copy"))
        self.s3.rm(self.bucket, recursive=True)
        self.assertFalse(self.s3.exists(self.bucket))

    def test_a_file_that_is_there_is_not_written_over_in_exclusive_mode(self):
        path = f"{self.bucket}/once"
        self.s3.pipe_file(path, b"first", mode="create")
        with self.assertRaises(FileExistsError):
            self.s3.pipe_file(path, b"second", mode="create")
        self.assertEqual(self.s3.cat_file(path), b"first")

    def test_metadata_and_tags_come_back(self):
        path = f"{self.bucket}/model"
        self.s3.pipe_file(path, b"x", Metadata={"accuracy": "0.97"})
        self.assertEqual(self.s3.metadata(path), {"accuracy": "0.97"})
        self.s3.setxattr(path, stage="test")
        self.assertEqual(self.s3.getxattr(path, "stage"), "test")
        self.s3.put_tags(path, {"team": "视觉"})
        self.assertEqual(self.s3.get_tags(path), {"team": "视觉"})

    def test_old_versions_are_opened_by_their_ids(self):
        self.s3.make_bucket_versioned(self.bucket, True)
        s3 = s3fs.S3FileSystem(**OPTIONS, version_aware=True, skip_instance_cache=True)
        path = f"{self.bucket}/model"
        for body in [b"old", b"new"]:
            s3.pipe_file(path, body)
        versions = s3.object_version_info(path)
        self.assertEqual([version["IsLatest"] for version in versions], [True, False])
        with s3.open(path, version_id=versions[1]["VersionId"]) as file:
            self.assertEqual(file.read(), b"old")

    def test_a_url_gives_the_bytes_without_keys(self):
        self.s3.pipe_file(f"{self.bucket}/a b", b"hello")
        s3 = s3fs.S3FileSystem(
            **OPTIONS, config_kwargs={"signature_version": "s3v4"}, skip_instance_cache=True
        )
        with urllib.request.urlopen(s3.url(f"{self.bucket}/a b")) as answer:
            self.assertEqual(answer.read(), b"hello")


class Tables(S3fsTest):
    def setUp(self):
        super().setUp()
        self.digits = pandas.read_parquet(DIGITS)
        self.url = f"s3://{self.bucket}/digits"
        self.digits.to_parquet(self.url, partition_cols=["label"], storage_options=OPTIONS)

    def test_a_partitioned_table_comes_back_row_by_row(self):
        self.assertEqual(len(self.s3.ls(f"{self.bucket}/digits")), 10)
        got = pandas.read_parquet(self.url, storage_options=OPTIONS)
        got["label"] = got["label"].astype("int64")
        got = got[self.digits.columns]
        by_all = list(self.digits.columns)
        ordered = [frame.sort_values(by_all, ignore_index=True) for frame in (got, self.digits)]
        self.assertEqual(len(got), IMAGES)
        pandas.testing.assert_frame_equal(*ordered)

    def test_a_filter_gives_the_rows_that_it_would_give_on_disk(self):
        wanted = [("label", "==", 7), ("pixel_20", ">", 8)]
        columns = ["pixel_20", "pixel_21"]
        got = pandas.read_parquet(
            self.url, filters=wanted, columns=columns, storage_options=OPTIONS
        )
        rows = (self.digits["label"] == 7) & (self.digits["pixel_20"] > 8)
        expected = self.digits.loc[rows, columns].reset_index(drop=True)
        self.assertGreater(len(expected), 10)
        pandas.testing.assert_frame_equal(got[columns], expected)

    def test_a_table_in_one_file_is_the_one_that_was_written(self):
        path = f"{self.bucket}/one.parquet"
        parquet.write_table(parquet.read_table(DIGITS), path, filesystem=self.s3)
        got = parquet.read_table(path, filesystem=self.s3)
        self.assertTrue(got.equals(parquet.read_table(DIGITS)))


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""pyarrow with its own S3 file system: tables in partitions, written, filtered and read back."""

import unittest
import uuid

import pyarrow
import pyarrow.compute as compute
import pyarrow.dataset as dataset
import pyarrow.fs
import pyarrow.parquet as parquet

from checks import CONFIGURATION, FILE_COUNT, FILES, IMAGES, INPUTS

DIGITS = FILES / "digits.parquet"
BY_LABEL = dataset.partitioning(pyarrow.schema([("label", pyarrow.int64())]), flavor="hive")


def connect():
    return pyarrow.fs.S3FileSystem(
        endpoint_override=CONFIGURATION["endpoint"],
        access_key=CONFIGURATION["access_key"],
        secret_key=CONFIGURATION["secret_key"],
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )


class PyarrowTest(unittest.TestCase):
    def setUp(self):
        self.s3 = connect()
        self.bucket = f"pyarrow-{uuid.uuid4().hex[:12]}"
        self.s3.create_dir(self.bucket)

    def names(self, folder=""):
        selector = pyarrow.fs.FileSelector(f"{self.bucket}/{folder}", recursive=True)
        return {
            entry.path.removeprefix(f"{self.bucket}/"): entry.size
            for entry in self.s3.get_file_info(selector)
            if entry.is_file
        }


class Tables(PyarrowTest):
    def setUp(self):
        super().setUp()
        self.digits = parquet.read_table(DIGITS)

    def test_a_partitioned_dataset_comes_back_row_by_row(self):
        self.write_by_label()
        self.assertEqual(len(self.names("digits")), 10)
        got = self.open_by_label().to_table().select(self.digits.column_names)
        self.assertEqual(got.num_rows, IMAGES)
        order = [("label", "ascending"), *[(f"pixel_{at}", "ascending") for at in range(64)]]
        self.assertTrue(got.sort_by(order).equals(self.digits.sort_by(order)))

    def test_a_filter_gives_the_rows_that_it_would_give_on_disk(self):
        self.write_by_label()
        wanted = (dataset.field("label") == 7) & (dataset.field("pixel_20") > 8)
        got = self.open_by_label().to_table(filter=wanted, columns=["pixel_20", "pixel_21"])
        expected = self.digits.filter(wanted).select(["pixel_20", "pixel_21"])
        self.assertGreater(expected.num_rows, 10)
        self.assertTrue(got.equals(expected))

    def test_only_the_partition_that_is_asked_for_is_read(self):
        self.write_by_label()
        fragments = list(self.open_by_label().get_fragments(filter=dataset.field("label") == 3))
        self.assertEqual([fragment.path.split("/")[-2] for fragment in fragments], ["label=3"])
        truth = compute.sum(compute.equal(self.digits["label"], 3)).as_py()
        self.assertEqual(fragments[0].count_rows(), truth)

    def test_one_column_of_a_large_file_comes_back(self):
        many = pyarrow.concat_tables([self.digits] * 40)
        path = f"{self.bucket}/数据/large.parquet"
        parquet.write_table(
            many, path, filesystem=self.s3, compression="none", use_dictionary=False
        )
        size = self.s3.get_file_info(path).size
        self.assertGreater(size, 16 * 1024 * 1024)
        got = parquet.read_table(path, filesystem=self.s3, columns=["pixel_36"])
        self.assertTrue(got.equals(many.select(["pixel_36"])))

    def test_a_dataset_is_overwritten_without_leaving_old_rows(self):
        self.write_by_label()
        dark = (dataset.field("label") < 5) & (dataset.field("pixel_20") > 8)
        half = self.digits.filter(dark)
        self.write_by_label(half)
        low = self.open_by_label().count_rows(filter=dataset.field("label") < 5)
        self.assertEqual(low, half.num_rows)
        self.s3.delete_dir_contents(f"{self.bucket}/digits")
        self.assertEqual(self.names("digits"), {})

    def write_by_label(self, table=None):
        dataset.write_dataset(
            table or self.digits,
            f"{self.bucket}/digits",
            filesystem=self.s3,
            format="parquet",
            partitioning=BY_LABEL,
            existing_data_behavior="delete_matching",
        )

    def open_by_label(self):
        return dataset.dataset(f"{self.bucket}/digits", filesystem=self.s3, partitioning=BY_LABEL)


class Files(PyarrowTest):
    def test_files_of_every_size_come_back_bit_for_bit(self):
        local = pyarrow.fs.LocalFileSystem()
        pyarrow.fs.copy_files(str(FILES), f"{self.bucket}/files", local, self.s3)
        sizes = self.names("files")
        self.assertEqual(len(sizes), FILE_COUNT)
        for name, size in sizes.items():
            truth = (FILES / name.removeprefix("files/")).read_bytes()
            with self.s3.open_input_stream(f"{self.bucket}/{name}") as stream:
                self.assertEqual(stream.read(), truth)
            self.assertEqual(size, len(truth))

    def test_a_file_is_read_from_any_place(self):
        truth = (INPUTS / "files" / "20-mib.bin").read_bytes()
        path = f"{self.bucket}/large"
        with self.s3.open_output_stream(path) as stream:
            stream.write(truth)
        with self.s3.open_input_file(path) as file:
            self.assertEqual(file.size(), len(truth))
            for place in [0, 65_535, 16 * 1024 * 1024 - 1, len(truth) - 10]:
                self.assertEqual(file.read_at(4096, place), truth[place : place + 4096])

    def test_a_file_is_moved_copied_and_deleted(self):
        kind = {"Content-Type": "text/csv"}
        with self.s3.open_output_stream(f"{self.bucket}/a", metadata=kind) as stream:
            stream.write(b"1,2\n")
        self.s3.copy_file(f"{self.bucket}/a", f"{self.bucket}/b")
        self.s3.move(f"{self.bucket}/b", f"{self.bucket}/数据 c")
        self.s3.delete_file(f"{self.bucket}/a")
        self.assertEqual(self.names(), {"数据 c": 4})
        with self.s3.open_input_stream(f"{self.bucket}/数据 c") as stream:
            self.assertEqual(stream.metadata()["Content-Type"], b"text/csv")
            self.assertEqual(stream.read(), b"1,2\n")
        with self.assertRaises(FileNotFoundError):
            self.s3.open_input_file(f"{self.bucket}/a")

    def test_a_bucket_is_deleted_with_all_that_is_in_it(self):
        with self.s3.open_output_stream(f"{self.bucket}/a/b") as stream:
            stream.write(b"x")
        self.s3.delete_dir(self.bucket)
        gone = self.s3.get_file_info(self.bucket)
        self.assertEqual(gone.type, pyarrow.fs.FileType.NotFound)


if __name__ == "__main__":
    unittest.main(verbosity=2)

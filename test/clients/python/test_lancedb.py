"""LanceDB on s3://: tables, versions, search, and writers in several processes at once."""

import os
import subprocess
import sys
import unittest
import uuid

import lancedb
import numpy
import pyarrow.fs
import pyarrow.parquet as parquet
from lancedb.index import BTree, IvfFlat

from checks import CONFIGURATION, FILES, IMAGES

DIGITS = FILES / "digits.parquet"
WRITERS = 2
COMMITS = 15
ROWS_PER_COMMIT = 20
TRIES = 50
OPTIONS = {
    "endpoint": CONFIGURATION["endpoint"],
    "aws_access_key_id": CONFIGURATION["access_key"],
    "aws_secret_access_key": CONFIGURATION["secret_key"],
    "region": "us-east-1",
    "allow_http": "true",
}


def connect(bucket):
    return lancedb.connect(f"s3://{bucket}/lance", storage_options=OPTIONS)


def make_bucket(bucket):
    pyarrow.fs.S3FileSystem(
        endpoint_override=CONFIGURATION["endpoint"],
        access_key=CONFIGURATION["access_key"],
        secret_key=CONFIGURATION["secret_key"],
        allow_bucket_creation=True,
    ).create_dir(bucket)


def rows_of(writer, commit):
    return [
        {"writer": writer, "commit": commit, "row": row, "vector": [float(writer), float(row)]}
        for row in range(ROWS_PER_COMMIT)
    ]


def write(bucket, writer):
    """One of the writers at once. Says when it is ready, and begins when it is told to."""
    table = connect(bucket).open_table("events")
    print("ready", flush=True)
    sys.stdin.readline()
    for commit in range(COMMITS):
        for attempt in range(TRIES):
            try:
                table.add(rows_of(writer, commit))
                break
            except Exception as error:
                if "conflict" not in str(error).lower() or attempt == TRIES - 1:
                    raise


class LancedbTest(unittest.TestCase):
    def setUp(self):
        self.bucket = f"lance-{uuid.uuid4().hex[:12]}"
        make_bucket(self.bucket)
        self.db = connect(self.bucket)

    def make_digits(self):
        """The images as vectors, each with its number and label."""
        digits = parquet.read_table(DIGITS)
        pixels = numpy.column_stack([digits[f"pixel_{at}"] for at in range(64)])
        labels = digits["label"].to_pylist()
        rows = [
            {"number": number, "label": label, "vector": vector.astype("float32").tolist()}
            for number, (label, vector) in enumerate(zip(labels, pixels))
        ]
        return self.db.create_table("digits", rows), pixels, labels

    def test_every_image_is_the_nearest_to_itself(self):
        _, pixels, labels = self.make_digits()
        table = connect(self.bucket).open_table("digits")
        self.assertEqual(table.count_rows(), IMAGES)
        for number in range(0, IMAGES, 100):
            [found] = table.search(pixels[number]).limit(1).to_list()
            self.assertEqual((found["number"], found["label"]), (number, labels[number]))
            self.assertEqual(found["_distance"], 0)

    def test_a_search_by_index_finds_what_a_search_without_finds(self):
        table, pixels, labels = self.make_digits()
        table.create_index("vector", config=IvfFlat(num_partitions=4))
        table.create_index("label", config=BTree())
        for number in range(0, IMAGES, 200):
            query = connect(self.bucket).open_table("digits").search(pixels[number])
            [found] = query.nprobes(4).limit(1).to_list()
            self.assertEqual(found["number"], number)
        sevens = table.search().where("label = 7").limit(IMAGES).to_list()
        self.assertEqual(len(sevens), labels.count(7))

    def test_old_versions_are_read_and_restored(self):
        table, _, labels = self.make_digits()
        first = table.version
        table.delete("label = 7")
        table.update(where="label = 3", values={"label": 33})
        self.assertEqual(table.count_rows(), IMAGES - labels.count(7))
        self.assertEqual(table.count_rows("label = 33"), labels.count(3))
        table.checkout(first)
        self.assertEqual(table.count_rows(), IMAGES)
        self.assertEqual(table.count_rows("label = 7"), labels.count(7))
        table.restore()
        again = connect(self.bucket).open_table("digits")
        self.assertEqual(again.count_rows("label = 3"), labels.count(3))
        self.assertEqual(len(again.list_versions()), 4)

    def test_two_processes_that_write_at_once_lose_no_row(self):
        self.db.create_table("events", rows_of(WRITERS, 0))
        arguments = [sys.executable, __file__, "write", self.bucket]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        writers = [
            subprocess.Popen([*arguments, str(writer)], env=os.environ, **pipes)
            for writer in range(WRITERS)
        ]
        for writer in writers:
            self.assertEqual(writer.stdout.readline(), "ready\n")
        for writer in writers:
            writer.stdin.write("begin\n")
            writer.stdin.flush()
        for writer in writers:
            writer.communicate(timeout=60)
            self.assertEqual(writer.returncode, 0)
        table = connect(self.bucket).open_table("events")
        got = table.to_arrow().select(["writer", "commit", "row"]).to_pylist()
        expected = rows_of(WRITERS, 0) + [
            row
            for writer in range(WRITERS)
            for commit in range(COMMITS)
            for row in rows_of(writer, commit)
        ]
        names = ["writer", "commit", "row"]
        self.assertEqual(
            sorted(tuple(row[name] for name in names) for row in got),
            sorted(tuple(row[name] for name in names) for row in expected),
        )
        self.assertEqual(table.version, 1 + WRITERS * COMMITS)

    def test_a_table_is_compacted_listed_and_dropped(self):
        table = self.db.create_table("many", rows_of(0, 0))
        for commit in range(1, 10):
            table.add(rows_of(0, commit))
        table.optimize()
        self.assertEqual(table.count_rows(), 10 * ROWS_PER_COMMIT)
        self.assertEqual(list(self.db.list_tables().tables), ["many"])
        self.db.drop_table("many")
        self.assertEqual(list(connect(self.bucket).list_tables().tables), [])


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2], int(sys.argv[3]))
    else:
        unittest.main(verbosity=2)

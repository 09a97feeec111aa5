"""Makes what the clients store.

    models/          three trained models, the questions they are asked, what they answer
    digits/          a dataset of 1,797 images in ten folders
    files/           a bit of everything, from 0 bytes to 20 MiB, some with Chinese names
    checkpoint.bin   300 MiB

usage: make_inputs.py <folder>
"""

import json
import pathlib
import pickle
import struct
import sys
import zlib

import numpy
import pyarrow
import pyarrow.parquet
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

CHECKPOINT_BYTES = 300 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024
# Around the sizes at which clients begin to send parts, and stores to keep bodies elsewhere.
SIZES = {
    "empty": 0,
    "one-byte": 1,
    "small": 4096,
    "middling": 262_145,
    "5-mib": 5 * BLOCK_BYTES,
    "20-mib": 20 * BLOCK_BYTES,
}
TEXTS = {
    "说明.md": "# 手写数字\n\n1797 张图像，每张 8×8 像素。\n",
    "数据 集/第一章 + 注释 & 引用 100%.txt": "模型在测试集上的准确率。\n" * 2000,
    "modèle/été.txt": "Chaque modèle a ses données.\n",
}
# Each version is a better model than the one before, so their predictions differ.
TREES_BY_VERSION = {"v1": 1, "v2": 5, "v3": 50}


def make_models(folder, digits):
    train, test, answers, truth = train_test_split(
        digits.data, digits.target, test_size=0.3, random_state=0
    )
    numpy.save(folder / "questions.npy", test)
    for version, trees in TREES_BY_VERSION.items():
        model = RandomForestClassifier(n_estimators=trees, random_state=0).fit(train, answers)
        (folder / f"{version}.bin").write_bytes(pickle.dumps(model))
        facts = {
            "accuracy": round(model.score(test, truth), 4),
            "predictions": model.predict(test).tolist(),
        }
        (folder / f"{version}.json").write_text(json.dumps(facts))


def make_files(folder, digits):
    random = numpy.random.default_rng(seed=2)
    for name, size in SIZES.items():
        (folder / f"{name}.bin").write_bytes(random.bytes(size))
    for name, text in TEXTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    columns = {f"pixel_{at}": pixels for at, pixels in enumerate(digits.data.T)}
    table = pyarrow.table({"label": digits.target, **columns})
    pyarrow.parquet.write_table(table, folder / "digits.parquet")


def make_checkpoint(path):
    random = numpy.random.default_rng(seed=1)
    with open(path, "wb") as file:
        for _ in range(CHECKPOINT_BYTES // BLOCK_BYTES):
            file.write(random.bytes(BLOCK_BYTES))


def make_images(folder, digits):
    for number, (image, label) in enumerate(zip(digits.images, digits.target)):
        path = folder / str(label) / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png((image * 255 / 16).astype(numpy.uint8)))


def encode_png(image):
    """An 8-bit greyscale PNG. See RFC 2083."""
    height, width = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(encode_chunk(*chunk) for chunk in chunks)


def encode_chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in ["models", "digits", "files"]:
        (folder / name).mkdir(parents=True)
    digits = load_digits()
    make_models(folder / "models", digits)
    make_images(folder / "digits", digits)
    make_files(folder / "files", digits)
    make_checkpoint(folder / "checkpoint.bin")


if __name__ == "__main__":
    main()

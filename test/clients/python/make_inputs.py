"""Makes what the clients store: trained models, a checkpoint-sized file, a dataset of images.

usage: make_inputs.py <folder>
"""

import json
import pathlib
import pickle
import struct
import sys
import zlib

import numpy
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

CHECKPOINT_BYTES = 300 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024
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
    for name in ["models", "digits"]:
        (folder / name).mkdir(parents=True)
    digits = load_digits()
    make_models(folder / "models", digits)
    make_images(folder / "digits", digits)
    make_checkpoint(folder / "checkpoint.bin")


if __name__ == "__main__":
    main()

"""What the tests compare: bytes of files and folders, and what a model answers."""

import filecmp
import hashlib
import json
import os
import pathlib
import pickle
import urllib.error
import urllib.request
import uuid

INPUTS = pathlib.Path(os.environ["INPUTS"])
CONFIGURATION = {
    "endpoint": os.environ["ENDPOINT"],
    "access_key": os.environ["AWS_ACCESS_KEY_ID"],
    "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}
IMAGES = 1797
FILES = INPUTS / "files"
FILE_COUNT = 10


def facts_of(version):
    return json.loads((INPUTS / "models" / f"{version}.json").read_text())


def predictions_of(path):
    import numpy

    model = pickle.loads(pathlib.Path(path).read_bytes())
    return model.predict(numpy.load(INPUTS / "models" / "questions.npy")).tolist()


def same_bytes(one, other):
    return filecmp.cmp(one, other, shallow=False)


def post_form(url, fields, file):
    """Sends a form as browsers do, and gives the status of the answer. See RFC 7578."""
    boundary = uuid.uuid4().hex
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = head.encode() + file + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, kind)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def tree_of(folder):
    """The digest of every file below a folder, by its path there."""
    folder = pathlib.Path(folder)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }

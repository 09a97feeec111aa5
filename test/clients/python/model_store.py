"""A team's models and datasets on S3. Plain boto3: nothing here knows which store answers."""

import pathlib
from concurrent.futures import ThreadPoolExecutor

import boto3

AT_ONCE = 8


def connect(configuration):
    return boto3.client(
        "s3",
        endpoint_url=configuration["endpoint"],
        aws_access_key_id=configuration["access_key"],
        aws_secret_access_key=configuration["secret_key"],
    )


def make_bucket(s3, bucket, versioned=False):
    s3.create_bucket(Bucket=bucket)
    if versioned:
        s3.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )


def upload_model(s3, bucket, name, path, metrics):
    """Stores a model as the newest version of its name and gives the version's id."""
    key = f"models/{name}/model.bin"
    metadata = {metric: str(value) for metric, value in metrics.items()}
    s3.upload_file(str(path), bucket, key, ExtraArgs={"Metadata": metadata})
    return s3.head_object(Bucket=bucket, Key=key).get("VersionId")


def download_model(s3, bucket, name, path, version=None):
    extra = {"VersionId": version} if version else {}
    s3.download_file(bucket, f"models/{name}/model.bin", str(path), ExtraArgs=extra)


def list_models(s3, bucket):
    """Every version of every model, newest first within a name."""
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix="models/"
    )
    return [
        {"name": entry["Key"].split("/")[1], "version": entry["VersionId"], "size": entry["Size"]}
        for page in pages
        for entry in page.get("Versions", [])
    ]


def restore_model(s3, bucket, name, version):
    """Makes an old version the newest again; the versions between stay."""
    key = f"models/{name}/model.bin"
    source = {"Bucket": bucket, "Key": key, "VersionId": version}
    return s3.copy_object(Bucket=bucket, Key=key, CopySource=source).get("VersionId")


def upload_dataset(s3, bucket, name, folder):
    folder = pathlib.Path(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]

    def upload(path):
        s3.upload_file(str(path), bucket, f"datasets/{name}/{path.relative_to(folder)}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(upload, files))
    return len(files)


def download_dataset(s3, bucket, name, folder):
    prefix = f"datasets/{name}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def download(key):
        path = pathlib.Path(folder) / key.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(path))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(download, keys))
    return len(keys)

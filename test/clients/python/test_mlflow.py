"""MLflow with its artifacts on s3://: runs, models in versions, aliases, predictions."""

import os
import pathlib
import pickle
import tempfile
import unittest
import uuid

import boto3

from checks import CONFIGURATION, FILE_COUNT, FILES, INPUTS, facts_of, tree_of

# MLflow reads its store's address when it is imported.
os.environ["MLFLOW_S3_ENDPOINT_URL"] = CONFIGURATION["endpoint"]
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"

import mlflow
import mlflow.sklearn
import numpy
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

VERSIONS = ["v1", "v2", "v3"]


def model_of(version):
    return pickle.loads((INPUTS / "models" / f"{version}.bin").read_bytes())


class Mlflow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        mlflow.set_tracking_uri(f"sqlite:///{folder.name}/tracking.sqlite")

    def setUp(self):
        self.bucket = f"mlflow-{uuid.uuid4().hex[:12]}"
        self.s3 = boto3.client("s3", endpoint_url=CONFIGURATION["endpoint"])
        self.s3.create_bucket(Bucket=self.bucket)
        self.experiment = mlflow.create_experiment(self.bucket, f"s3://{self.bucket}/artifacts")
        self.questions = numpy.load(INPUTS / "models" / "questions.npy")

    def keys(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def register(self, version):
        """Logs a trained model with what is known of it and makes it the newest of its name."""
        with mlflow.start_run(experiment_id=self.experiment):
            mlflow.log_metric("accuracy", facts_of(version)["accuracy"])
            logged = mlflow.sklearn.log_model(
                model_of(version),
                name="model",
                # Without them MLflow loads each model once more to find out.
                pip_requirements=["scikit-learn"],
                registered_model_name=self.bucket,
                serialization_format="pickle",
            )
        return logged.registered_model_version

    def test_a_model_is_registered_and_loaded_by_its_alias(self):
        numbers = [self.register(version) for version in VERSIONS]
        client = mlflow.MlflowClient()
        for alias, number in [("champion", numbers[2]), ("fallback", numbers[0])]:
            client.set_registered_model_alias(self.bucket, alias, number)
        for alias, version in [("champion", "v3"), ("fallback", "v1")]:
            loaded = mlflow.sklearn.load_model(f"models:/{self.bucket}@{alias}")
            answers = loaded.predict(self.questions).tolist()
            self.assertEqual(answers, facts_of(version)["predictions"])
        client.set_registered_model_alias(self.bucket, "champion", numbers[1])
        loaded = mlflow.pyfunc.load_model(f"models:/{self.bucket}@champion")
        self.assertEqual(loaded.predict(self.questions).tolist(), facts_of("v2")["predictions"])
        self.assertEqual(len([key for key in self.keys() if key.endswith("/model.pkl")]), 3)

    def test_artifacts_of_a_run_come_back_bit_for_bit(self):
        with mlflow.start_run(experiment_id=self.experiment) as run:
            mlflow.log_artifacts(str(FILES), artifact_path="files")
            mlflow.log_text("第一次运行\n", "说明.txt")
            mlflow.log_dict({"epochs": 3}, "settings.json")
        self.assertEqual(len(self.keys()), FILE_COUNT + 2)
        top = mlflow.artifacts.list_artifacts(run_id=run.info.run_id)
        self.assertEqual([entry.path for entry in top], ["files", "settings.json", "说明.txt"])
        uri = f"runs:/{run.info.run_id}/files"
        got = mlflow.artifacts.download_artifacts(uri, dst_path=str(self.folder))
        self.assertEqual(tree_of(got), tree_of(FILES))
        text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/说明.txt")
        self.assertEqual(text, "第一次运行\n")

    def test_artifacts_go_when_they_are_deleted(self):
        with mlflow.start_run(experiment_id=self.experiment) as run:
            mlflow.log_artifacts(str(INPUTS / "digits" / "7"), artifact_path="digits/7")
        self.assertEqual(len(self.keys()), 179)
        get_artifact_repository(run.info.artifact_uri).delete_artifacts("digits")
        self.assertEqual(self.keys(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

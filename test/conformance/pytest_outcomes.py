"""A plugin for pytest: gives each worker its configuration, s3tests.<worker>.conf in the folder
$S3TEST_FOLDER, and writes what became of every test as JSON to the file that $OUTCOMES names."""

import json
import os

outcomes = {}


def pytest_configure(config):
    worker = getattr(config, "workerinput", {}).get("workerid", "gw0")
    name = f"s3tests.{worker}.conf"
    os.environ["S3TEST_CONF"] = os.path.join(os.environ["S3TEST_FOLDER"], name)


def pytest_runtest_logreport(report):
    name = report.nodeid.split("/")[-1].replace(".py::", ".")
    if report.failed:
        outcomes[name] = f"failed: {message_of(report)}"
    elif report.skipped:
        outcomes.setdefault(name, f"skipped: {reason_of(report)}")
    elif report.when == "call":
        outcomes.setdefault(name, "passed")


def message_of(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    line = text.strip().split("\n")[0]
    return line if report.when == "call" else f"{report.when}: {line}"


def reason_of(report):
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_sessionfinish(session):
    # With xdist, the workers have a part each, and the process that they report to has it all.
    if hasattr(session.config, "workerinput"):
        return
    with open(os.environ["OUTCOMES"], "w") as file:
        json.dump(outcomes, file)

"""A function that writes down what it was asked to do, and cannot do what is bad."""

import os
from pathlib import Path


def handler(event, context):
    if "Records" in event:
        bad = [record for record in event["Records"] if not _done(record["body"])]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in bad]}
    if not _done(event["detail"]["order"]):
        raise ValueError("it is bad")
    return None


def _done(what):
    with Path(os.environ["JOURNAL"]).open("a") as journal:
        journal.write(f"{what}\n")
    return what != "bad"

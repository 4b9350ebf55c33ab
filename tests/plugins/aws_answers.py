"""AWS services of which an emulator has little: what they are asked is checked against botocore's
model of them, and so is what the test lets them answer."""

import json
from collections import defaultdict
from datetime import UTC, datetime

import boto3
import botocore.handlers
import pytest
from botocore.awsrequest import AWSResponse
from botocore.validate import ParamValidator

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
"""A Monday."""


class Cloud:
    """Answers by operation, and remembers what was asked."""

    def __init__(self):
        self.answers, self.asked = {}, defaultdict(list)

    def answering(self, **answers):
        self.answers |= answers
        return self

    def __call__(self, model, params, **_):
        # Botocore has checked the parameters by now.
        self.asked[model.name].append(params["body"])
        answer = self.answers[model.name]
        answer = answer(_parameters(params["body"])) if callable(answer) else answer
        if report := ParamValidator().validate(answer, model.output_shape).generate_report():
            raise AssertionError(f"{model.name} does not answer so: {report}")
        return AWSResponse("https://x", 200, {}, None), answer


def _parameters(body):
    try:
        return json.loads(body or b"{}")
    except (TypeError, ValueError):
        return {}


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud()
    monkeypatch.setattr(
        botocore.handlers,
        "BUILTIN_HANDLERS",
        [*botocore.handlers.BUILTIN_HANDLERS, ("before-call", cloud)],
    )
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    return cloud


def finding(weakness="CVE-2026-1", resource="i-0123456789abcdef0", **given):
    """A finding as ListFindings answers it."""
    if isinstance(resource, str):
        resource = {"type": "AWS_EC2_INSTANCE", "id": resource}
    about = {
        "severity": "CRITICAL",
        "since": datetime(2026, 10, 1, tzinfo=UTC),
        "fix": "YES",
    } | given
    return {
        "findingArn": "arn:aws:inspector2:eu-central-1:123456789012:finding/x",
        "awsAccountId": "123456789012",
        "type": "PACKAGE_VULNERABILITY",
        "description": "x",
        "title": f"{weakness} - x",
        "remediation": {"recommendation": {"text": "None Provided"}},
        "severity": about["severity"],
        "firstObservedAt": about["since"],
        "lastObservedAt": NOW,
        "status": "ACTIVE",
        "resources": [resource],
        "fixAvailable": about["fix"],
        "exploitAvailable": "NO",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": weakness,
            "source": "AMAZON_LINUX",
            "vulnerablePackages": [
                {
                    "name": "openssl",
                    "version": "3.0.8",
                    "packageManager": "OS",
                    "fixedInVersion": "1:3.0.8-1.amzn2023.0.20",
                }
            ],
        },
    }


def image(digest, repository="payments"):
    return {
        "type": "AWS_ECR_CONTAINER_IMAGE",
        "id": f"arn:aws:ecr:eu-central-1:123456789012:repository/{repository}/sha256:{digest}",
        "details": {
            "awsEcrContainerImage": {
                "repositoryName": repository,
                "registry": "123456789012",
                "imageHash": f"sha256:{digest * 64}",
                "pushedAt": datetime(2026, 11, 1, tzinfo=UTC),
            }
        },
    }

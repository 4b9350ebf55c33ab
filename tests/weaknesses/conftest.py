import json

import pytest
from aws_answers import cloud as _cloud

from bulwark_runtime.weaknesses import aws

cloud = _cloud


@pytest.fixture
def counted(cloud, monkeypatch, capsys):
    """Call the function with findings; the metrics that it writes."""

    aws._client.cache_clear()

    def run(*findings, unpatched=(), time="2026-11-24T05:00:00Z", **environment):
        monkeypatch.setenv("BULWARK_METRICS_NAMESPACE", "Bulwark/it")
        monkeypatch.setenv("BULWARK_DEADLINES", json.dumps({"critical": 30, "medium": 90}))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        cloud.answering(
            ListFindings={"findings": list(findings)},
            ListResourceComplianceSummaries={
                "ResourceComplianceSummaryItems": [
                    {"ResourceId": machine, "ComplianceType": "Patch", "Status": "NON_COMPLIANT"}
                    for machine in unpatched
                ]
            },
        )
        aws.handler({"time": time}, None)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return next(line for line in lines if "_aws" in line)

    yield run
    aws._client.cache_clear()

"""Machines that Update Manager patches, for as long as a test lasts: an installation takes a few
looks to end. Rows are as Resource Graph gives them; what Azure itself would answer is in its
documentation."""

import pytest
from arm import SUBSCRIPTION

GRAPH = "/providers/Microsoft.ResourceGraph/resources"
CVE = "CVE-2026-12345"


def vm(name):
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourcegroups/payments/providers/microsoft.compute"
        f"/virtualmachines/{name}"
    )


def weakness(resource, *, cve=CVE, published="2026-11-01T00:00:00.0000000Z", **about):
    """A row of Defender's about a machine, with what a test says otherwise."""
    return {
        "id": f"{resource}/providers/Microsoft.Security/assessments/a/subAssessments/s",
        "looked": about.pop("looked", "2026-11-01T08:12:34.1234567Z"),
        "properties": {
            "displayName": "A library can be made to run code",
            "id": "s",
            "status": {"code": "Unhealthy", "severity": about.pop("severity", "High")},
            "resourceDetails": {"source": "Azure", "id": resource.upper()},
            "timeGenerated": "2026-11-20T00:00:00Z",
            "additionalData": {
                "assessedResourceType": "ServerVulnerability",
                "vulnerabilityDetails": {"cveId": cve, "publishedDate": published},
                "softwareDetails": {
                    "packageName": "openssl",
                    "version": "3.0.2",
                    "fixedVersion": "3.0.13",
                    "fixStatus": about.pop("fix", "FixAvailable"),
                },
                **about,
            },
        },
    }


class AzureFleet:
    """`looks` is how often an installation is looked at until it has ended."""

    def __init__(self, arm, looks=1):
        self.arm, self.looks = arm, looks
        self.machines, self.findings, self.assessments, self.missing = [], [], [], []
        self.installed, self.failing, self.seen = [], set(), {}
        arm.posts[GRAPH] = self.answer

    def add(self, name, group, *, lacks=True, system="Linux", state="PowerState/running", **more):
        row = {
            "id": vm(name).upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
            "group": group,
            "system": system,
            "state": state,
            "mode": "AutomaticByPlatform",
            "bypass": True,
            **more,
        }
        self.machines.append(row)
        if lacks:
            self.findings.append(weakness(vm(name)))
        path = f"{vm(name)}/installPatches"
        self.arm.posts[path] = lambda body: self.install(name, body)

    def answer(self, asked):
        query = asked["query"]
        rows = self.machines
        if "subassessments" in query:
            rows = self.findings
        elif "patchassessmentresources" in query:
            rows = self.missing
        elif query.startswith("securityresources"):
            rows = self.assessments
        assert asked["subscriptions"] == [SUBSCRIPTION]
        # Two pages, so that whoever reads the first alone is found out.
        half = (len(rows) + 1) // 2
        if "$skipToken" in asked["options"]:
            return 200, {}, {"data": rows[half:]}
        return 200, {}, {"data": rows[:half], "$skipToken": "more"}

    def install(self, name, body):
        self.installed.append((name, body))
        self.seen[name] = 0
        path = f"/operations/{name}"
        self.arm.operations[path] = lambda: self.look(name)
        return 202, {"Azure-AsyncOperation": f"{self.arm.at}{path}"}, {}

    def look(self, name):
        self.seen[name] += 1
        if self.seen[name] <= self.looks:
            return {"status": "InProgress"}
        status = "Failed" if name in self.failing else "Succeeded"
        return {"status": "Succeeded", "properties": {"output": {"status": status}}}


@pytest.fixture
def azure_fleet(arm, monkeypatch):
    naps = []
    monkeypatch.setattr("time.sleep", naps.append)
    fleet = AzureFleet(arm)
    fleet.naps = naps
    return fleet

"""A secret that the program made has no value: its first rotation gives it one.

On a secret in memory, since the emulator cannot move a stage that is nowhere yet.
"""

import json

import pytest

from bulwark_runtime.rotation import Generated, Pepper, Rotation, RotationError, aws
from bulwark_runtime.rotation.steps import About

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotator"


class Empty:
    def __init__(self, kind):
        self.kind, self.stages, self.values = kind, {"token": ["AWSPENDING"]}, {}

    def about(self):
        stages = {version: tuple(found) for version, found in self.stages.items()}
        return About(rotator=FUNCTION, stages=stages, tags={"bulwark:rotation": self.kind.name})

    def value(self, version, stage):
        return self.values.get(version) if stage in self.stages[version] else None

    def put(self, version, value):
        self.values.setdefault(version, value)

    def move(self, stage, *, to, away_from):
        assert away_from is None
        self.stages[to].append(stage)


@pytest.mark.parametrize("kind", [Generated(), Pepper()], ids=lambda kind: kind.name)
def test_the_first_rotation_makes_the_first_value(kind):
    secret = Empty(kind)
    rotation = Rotation(secret=secret, kind=kind, version="token", function=FUNCTION)

    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        rotation.run(step)
        rotation.run(step)

    assert secret.stages == {"token": ["AWSPENDING", "AWSCURRENT"]}
    value = secret.values["token"]
    if kind.name == "pepper":
        assert json.loads(value)["current"] == "v1"
    else:
        assert len(value) == 32


# The same through the handlers and the service's interface, in each way that the service may go.


class Service:
    """The emulated service, with what it does not do to a secret that has had no value.

    By the API's reference the first value of a secret becomes the current one as it is put; where
    it does not, the last step makes it so. Which of them, and whether the empty version that a
    rotation begins with is the current one already, is nowhere said of rotations.
    """

    def __init__(self, line, secret, *, first_is_current):
        self._line, self._secret = line, secret
        self._first_is_current = first_is_current

    def __getattr__(self, name):
        return getattr(self._line, name)

    def put_secret_value(self, **asked):
        version = self._secret.inside.versions[asked["ClientRequestToken"]]
        assert asked["VersionStages"] == ["AWSPENDING"]
        version["secret_string"] = asked["SecretString"]
        if self._first_is_current and "AWSCURRENT" not in version["version_stages"]:
            version["version_stages"].append("AWSCURRENT")

    def get_secret_value(self, **asked):
        version = self._secret.inside.versions[asked["VersionId"]]
        if asked["VersionStage"] in version["version_stages"] and "secret_string" in version:
            return {"SecretString": version["secret_string"]}
        raise self._line.exceptions.ResourceNotFoundException({"Error": {}}, "GetSecretValue")

    def update_secret_version_stage(self, **asked):
        # Without RemoveFromVersionId: no version is the current one yet.
        assert asked.keys() == {"SecretId", "VersionStage", "MoveToVersionId"}
        stages = self._secret.inside.versions[asked["MoveToVersionId"]]["version_stages"]
        assert asked["VersionStage"] not in stages
        stages.append(asked["VersionStage"])


WAYS = {
    "current at the last step": ({}, ["AWSPENDING"]),
    "current as it is put": ({"first_is_current": True}, ["AWSPENDING"]),
    "pending and current from the start": ({}, ["AWSPENDING", "AWSCURRENT"]),
    "current from the start": ({}, ["AWSCURRENT"]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["generated", "pepper"])
def test_a_secret_without_a_value_gets_one_whatever_the_service_does(
    secret, line, monkeypatch, kind, way
):
    more, stages = WAYS[way]
    empty = secret(kind, None)
    service = Service(line, empty, **{"first_is_current": False, **more})
    monkeypatch.setattr(aws, "_client", lambda: service)
    version = empty.begin()
    empty.inside.versions[version]["version_stages"] = list(stages)

    for step in STEPS:
        empty.step(step, version)
        empty.step(step, version)

    value = service.get_secret_value(VersionId=version, VersionStage="AWSCURRENT")["SecretString"]
    assert json.loads(value)["current"] == "v1" if kind == "pepper" else len(value) == 32


def test_a_first_rotation_that_failed_is_finished_by_the_services_own_repetition(
    secret, line, monkeypatch
):
    empty = secret("generated", None)
    service = Service(line, empty, first_is_current=False)
    monkeypatch.setattr(aws, "_client", lambda: service)
    version = empty.begin()
    line.cut(0, before=True)
    with pytest.raises(line.Cut):
        empty.step("createSecret", version)
    line.mend()

    for step in STEPS:
        empty.step(step, version)

    assert empty.stages(version) == {"AWSPENDING", "AWSCURRENT"}


def test_what_somebody_sets_while_the_first_rotation_runs_stays(secret, line, monkeypatch):
    empty = secret("generated", None)
    service = Service(line, empty, first_is_current=False)
    monkeypatch.setattr(aws, "_client", lambda: service)
    version = empty.begin()
    empty.inside.versions.clear()
    empty.inside.versions["set"] = {
        "createdate": 0,
        "version_id": "set",
        "version_stages": ["AWSCURRENT"],
        "secret_string": "by hand",
    }

    for step in STEPS:
        with pytest.raises(RotationError, match="no such version"):
            empty.step(step, version)
    assert empty.inside.versions["set"]["secret_string"] == "by hand"

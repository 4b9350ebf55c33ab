"""A secret that the program made has no value: its first rotation gives it one.

On a secret in memory, since the emulator cannot move a stage that is nowhere yet.
"""

import json

import pytest

from bulwark_runtime.rotation import Generated, Pepper, Rotation
from bulwark_runtime.rotation.steps import About

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

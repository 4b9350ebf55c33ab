"""The four steps of a rotation, whatever is repeated, cut or meant for somebody else."""

import base64
import contextlib
import json

import pytest

from bulwark_runtime.rotation import RotationError

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotator"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
OLD = "x" * 32
V1, V2 = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2"))
PEPPERS = json.dumps({"current": "v2", "peppers": {"v1": V1, "v2": V2}})
FIRST = {"generated": OLD, "pepper": PEPPERS}

SIDES = pytest.mark.parametrize("before", [True, False], ids=["not done", "done, answer lost"])
KINDS = pytest.mark.parametrize("kind", ["generated", "pepper"])


@pytest.fixture
def of(secret):
    return lambda kind, **more: secret(kind, FIRST[kind], **more)


def peppers(text):
    record = json.loads(text)
    return record["current"], record["peppers"]


@KINDS
def test_after_the_four_steps_there_is_a_new_value_and_the_old_one_is_the_previous(of, kind):
    secret = of(kind)

    version = secret.rotate()

    assert secret.value() != FIRST[kind]
    assert secret.value("AWSPREVIOUS") == FIRST[kind]
    # The service takes the pending stage away itself; a function that does fails the rotation.
    assert secret.stages(version) == {"AWSCURRENT", "AWSPENDING"}


@KINDS
def test_until_the_last_step_the_old_value_is_current(of, kind):
    secret = of(kind)
    version = secret.begin()

    for step in STEPS[:3]:
        secret.step(step, version)
        assert secret.value() == FIRST[kind]


# Repetition and interruption


@KINDS
@pytest.mark.parametrize("times", [2, 3])
def test_steps_may_be_repeated(of, kind, times):
    secret = of(kind)
    version = secret.begin()
    pending = None

    for step in STEPS:
        for _ in range(times):
            secret.step(step, version)
            pending = pending or secret.value("AWSPENDING")

    assert secret.value() == pending
    assert secret.value("AWSPREVIOUS") == FIRST[kind]


@KINDS
def test_the_whole_rotation_may_be_repeated(of, kind):
    secret = of(kind)
    version = secret.rotate()
    value = secret.value()

    secret.rotate(version)

    assert secret.value() == value


@KINDS
@SIDES
@pytest.mark.parametrize("call", range(5))
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_cut_at_any_call_is_finished_by_its_repetition(of, kind, step, call, before):
    secret = of(kind)
    version = secret.begin()
    for earlier in STEPS[: STEPS.index(step)]:
        secret.step(earlier, version)

    line = secret.line
    line.cut(call, before=before)
    with contextlib.suppress(line.Cut):
        secret.step(step, version)
    assert len(line.calls) <= 5
    line.mend()
    assert secret.value() == FIRST[kind] or step == "finishSecret"
    for repeated in STEPS[STEPS.index(step) :]:
        secret.step(repeated, version)

    assert secret.value() != FIRST[kind]
    assert secret.value("AWSPREVIOUS") == FIRST[kind]
    if kind == "pepper":
        assert list(peppers(secret.value())[1]) == ["v1", "v2", "v3"]


@KINDS
@pytest.mark.parametrize("after", range(4))
def test_a_rotation_that_was_given_up_is_followed_by_a_new_one(of, kind, after):
    secret = of(kind)
    version = secret.begin()
    for step in STEPS[:after]:
        secret.step(step, version)

    secret.rotate()

    assert secret.value("AWSPREVIOUS") == FIRST[kind]
    if kind == "pepper":
        assert list(peppers(secret.value())[1]) == ["v1", "v2", "v3"]


def test_a_value_that_is_there_is_not_made_again(of, line):
    secret = of("generated")
    version = secret.begin()
    secret.step("createSecret", version)
    line.calls.clear()

    secret.step("createSecret", version)

    assert "put_secret_value" not in line.calls


def test_a_step_that_runs_twice_at_once_keeps_the_value_of_the_faster(of, line, client):
    secret = of("generated")
    version = secret.begin()

    def as_the_service(**arguments):
        # Between our look and our put the faster one puts. The emulator would overwrite its value.
        client.put_secret_value(**arguments | {"SecretString": "f" * 32})
        raise client.exceptions.ResourceExistsException({"Error": {}}, "PutSecretValue")

    line.client = _With(client, put_secret_value=as_the_service)
    for step in STEPS:
        secret.step(step, version)

    assert secret.value() == "f" * 32


class _With:
    def __init__(self, target, **own):
        self._target, self._own = target, own

    def __getattr__(self, name):
        return self._own.get(name) or getattr(self._target, name)


def test_a_pending_pepper_that_lacks_one_added_meanwhile_is_dropped(of, client):
    secret = of("pepper")
    version = secret.begin()
    secret.step("createSecret", version)
    added = json.dumps({"current": "v9", "peppers": {"v1": V1, "v2": V2, "v9": V1}})
    client.put_secret_value(SecretId=secret.arn, SecretString=added, VersionStages=["AWSCURRENT"])

    for step in ("testSecret", "finishSecret", "createSecret"):
        with pytest.raises(RotationError, match="lacks pepper v9"):
            secret.step(step, version)

    assert secret.stages(version) == set()
    assert secret.value() == added
    secret.rotate()
    assert list(peppers(secret.value())[1]) == ["v1", "v2", "v9", "v10"]


@KINDS
def test_a_version_without_a_value_never_becomes_current(of, kind):
    secret = of(kind)
    version = secret.begin()

    with pytest.raises(RotationError, match="has no value"):
        secret.step("finishSecret", version)
    assert secret.value() == FIRST[kind]


@KINDS
@pytest.mark.parametrize("copied", [True, False])
def test_setting_up_the_rotation_runs_the_test_alone(of, kind, copied):
    secret = of(kind)
    version = secret.begin()
    if copied:
        secret.inside.versions[version]["secret_string"] = FIRST[kind]

    secret.step("testSecret", version)

    assert secret.value() == FIRST[kind]


# Not ours


@KINDS
@pytest.mark.parametrize("step", STEPS)
def test_a_secret_without_rotation_is_refused(of, kind, step):
    secret = of(kind, rotator=None)

    with pytest.raises(RotationError, match="rotation is not enabled"):
        secret.step(step, secret.begin())


@KINDS
@pytest.mark.parametrize("step", STEPS)
def test_a_secret_that_another_function_rotates_is_refused(of, kind, step):
    secret = of(kind, rotator=f"{FUNCTION}-2")

    with pytest.raises(RotationError, match="another function"):
        secret.step(step, secret.begin())


@pytest.mark.parametrize("kind", ["pepper", "database", ""])
def test_a_secret_of_another_kind_is_refused(of, kind):
    secret = of("generated", tags={"bulwark:rotation": kind})

    with pytest.raises(RotationError, match="tag bulwark:rotation is not generated"):
        secret.step("createSecret", secret.begin())


@KINDS
@pytest.mark.parametrize("step", STEPS)
def test_an_unknown_version_is_refused(of, kind, step):
    secret = of(kind)
    secret.begin()

    with pytest.raises(RotationError, match="no such version"):
        secret.step(step, "00000000-0000-4000-8000-000000000000")


@KINDS
@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_not_pending_is_refused(of, kind, step):
    secret = of(kind)
    given_up = secret.begin()
    secret.begin()

    with pytest.raises(RotationError, match="not pending"):
        secret.step(step, given_up)


def test_an_unknown_step_is_refused(of):
    secret = of("generated")

    with pytest.raises(RotationError, match="a step is one of createSecret"):
        secret.step("dropSecret", secret.begin())


def test_a_function_is_the_same_under_an_alias(of):
    secret = of("generated", rotator=f"{FUNCTION}:live")
    version = secret.begin()

    secret.step("createSecret", version, function=f"{FUNCTION}:7")

    assert secret.value("AWSPENDING")


@KINDS
def test_no_value_is_in_a_log_line(of, kind, logged):
    secret = of(kind)
    secret.rotate()
    secret.inside.rotation_enabled = False
    with pytest.raises(RotationError):
        secret.step("createSecret", secret.begin())

    text = logged.getvalue()
    assert "not enabled" in text
    values = [secret.value(), FIRST[kind]]
    if kind == "pepper":
        values = [*peppers(values[0])[1].values(), V1, V2]
    assert not any(value in text for value in values)

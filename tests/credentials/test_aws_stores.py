"""What only the stores on AWS must do."""

from collections import Counter

import pytest
from botocore.awsrequest import AWSResponse

from bulwark_runtime.credentials.aws_table import TableDocuments
from bulwark_runtime.credentials.documents import Document

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"


class Busy:
    """Answers the first calls of an operation as a busy service, then lets them through."""

    def __init__(self, times, code):
        self.left, self.code, self.seen = times, code, 0

    def __call__(self, request, **_):
        self.seen += 1
        if self.left == 0:
            return None
        self.left -= 1
        body = f'{{"__type": "com.amazonaws#{self.code}", "message": "later"}}'.encode()
        answer = AWSResponse(request.url, 400, {}, None)
        answer._content = body
        return answer


@pytest.fixture
def busy(monkeypatch):
    """Makes a service busy; the client's pauses take no time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    hung = []

    def hang(client, operation, times, code):
        service = client.meta.service_model.service_id.hyphenize()
        event, answer = f"before-send.{service}.{operation}", Busy(times, code)
        client.meta.events.register_first(event, answer)
        hung.append((client, event, answer))
        return answer

    yield hang
    for client, event, answer in hung:
        client.meta.events.unregister(event, answer)


@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
def test_a_throttled_table_is_asked_again(table_world, busy, operation):
    vault = table_world.vault()
    answer = busy(table_world.dynamodb, operation, 3, "ProvisionedThroughputExceededException")

    assert vault.register("ada", PASSWORD).outcome == "done"
    assert vault.verify("ada", PASSWORD, source=HOME).outcome == "done"
    assert answer.left == 0
    assert answer.seen > 3


@pytest.mark.parametrize("operation", ["CreateSecret", "PutSecretValue", "GetSecretValue"])
def test_throttled_secrets_are_asked_again(secrets_world, busy, operation):
    vault = secrets_world.vault()
    answer = busy(secrets_world.manager, operation, 3, "ThrottlingException")

    assert vault.register("ada", PASSWORD).outcome == "done"
    assert vault.change("ada", PASSWORD, OTHER, source=HOME).outcome == "done"
    assert answer.left == 0


def test_a_write_that_was_done_though_its_answer_was_lost_is_one_write(table_world):
    """The client repeats it, and the table says that the condition no longer holds."""
    documents = TableDocuments(table_world.dynamodb, table_world.table("users"))
    document = Document("{}", "v1")
    assert documents.save("ada", document, expected=None)

    assert documents.save("ada", document, expected=None)
    assert not documents.save("ada", Document("{}", "v2"), expected=None)


def test_the_table_is_read_as_it_is_and_not_as_it_was(table_world, monkeypatch):
    asked = []
    for name in ("get_item", "scan"):
        real = getattr(table_world.dynamodb, name)
        monkeypatch.setattr(
            table_world.dynamodb,
            name,
            lambda real=real, **more: asked.append(more["ConsistentRead"]) or real(**more),
        )
    vault = table_world.vault()
    vault.register("ada", PASSWORD)
    vault.verify("ada", PASSWORD, source=HOME)
    table_world.users().scan()

    assert asked
    assert all(asked)


def secrets_of(world):
    ours = {"Key": "name", "Values": [f"{world.name}/users/"]}
    return world.manager.list_secrets(Filters=[ours])["SecretList"]


def stages(world):
    (secret,) = secrets_of(world)
    about = world.manager.describe_secret(SecretId=secret["ARN"])
    return about["VersionIdsToStages"]


def test_a_user_has_one_secret_whose_name_tells_nothing(secrets_world):
    secrets_world.vault().register("joy@example.org", PASSWORD)  # no digits of hexadecimal

    (secret,) = secrets_of(secrets_world)
    assert "joy" not in repr(secret)
    assert len(secret["Name"]) == len(f"{secrets_world.name}/users/") + 32


def test_a_secret_is_made_with_the_key_and_the_tags_that_are_given(secrets_world):
    place = secrets_world.place()
    key = "arn:aws:kms:eu-central-1:123456789012:key/hashes"
    own = type(place)(
        client=place.client, prefix=place.prefix, decoy=place.decoy, key_arn=key, tags={"a": "b"}
    )
    own.keep("nest", (), beside=None)

    (secret,) = secrets_of(secrets_world)
    assert secret["KmsKeyId"] == key
    assert secret["Tags"] == [{"Key": "a", "Value": "b"}]


def test_the_record_has_no_hash_and_the_secret_has_nothing_else(secrets_world):
    secrets_world.vault().register("ada", PASSWORD)

    assert "$2b$" not in secrets_world.documents("users").load("ada").text
    (secret,) = secrets_of(secrets_world)
    text = secrets_world.manager.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    assert "$2b$" in text
    assert "ada" not in text


def test_the_version_that_counts_is_the_current_one(secrets_world):
    vault = secrets_world.vault()
    vault.register("ada", PASSWORD)
    for old, new in ((PASSWORD, OTHER), (OTHER, "paper moon over tin roofs")):
        vault.change("ada", old, new, source=HOME)

        counts = secrets_world.users().load("ada").kept
        assert "AWSCURRENT" in stages(secrets_world)[counts]


def test_the_version_that_counts_has_a_stage_again_after_a_crash(secrets_world):
    """What has none is removed by the service some day."""
    vault = secrets_world.vault()
    vault.register("ada", PASSWORD)
    # Of its writes: the attempt, its clearing, the version, the record; then the stage.
    secrets_world.line.cut(3, before=False)
    with pytest.raises(secrets_world.line.Cut):
        vault.change("ada", PASSWORD, OTHER, source=HOME)
    secrets_world.line.mend()
    counts = secrets_world.users().load("ada").kept
    assert stages(secrets_world)[counts] == ["AWSPENDING"]

    # The next change takes the pending stage: before it does, the one that counts is made current.
    secrets_world.line.cut(3, before=False)
    with pytest.raises(secrets_world.line.Cut):
        vault.change("ada", OTHER, "paper moon over tin roofs", source=HOME)
    secrets_world.line.mend()

    assert secrets_world.users().load("ada").kept == counts
    assert "AWSCURRENT" in stages(secrets_world)[counts]


def test_what_does_not_touch_the_password_does_not_touch_the_secret(secrets_world):
    vault = secrets_world.vault()
    vault.register("ada", PASSWORD)
    before = stages(secrets_world)

    vault.verify("ada", OTHER, source=HOME)
    vault.verify("ada", PASSWORD, source=HOME)
    vault.begin_reset("ada")
    vault.disable("ada")
    vault.enable("ada")

    assert stages(secrets_world) == before


def test_for_a_user_who_does_not_exist_another_secret_is_read(secrets_world):
    vault = secrets_world.vault()
    vault.register("ada", PASSWORD)

    def reads(user):
        secrets_world.line.calls.clear()
        vault.verify(user, OTHER, source=HOME)
        return secrets_world.line.calls.count("get_secret_value")

    assert reads("ada") == reads("nobody") == 1


def test_a_record_that_points_nowhere_is_an_error_and_no_refusal(secrets_world):
    from bulwark_runtime.credentials import StoreError

    vault = secrets_world.vault()
    vault.register("ada", PASSWORD)
    (secret,) = secrets_of(secrets_world)
    secrets_world.manager.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)

    with pytest.raises(StoreError, match="a record points to hashes that are not there"):
        vault.verify("ada", PASSWORD, source=HOME)


CALLS = {
    # What docs/credentials.md says of reads and writes.
    ("table", "sign-in"): {"get_item": 3, "put_item": 2},
    ("table", "refused"): {"get_item": 2, "put_item": 1},
    ("table", "change"): {"get_item": 3, "put_item": 3},
    ("secrets", "sign-in"): {"get_item": 3, "put_item": 2, "get_secret_value": 1},
    ("secrets", "refused"): {"get_item": 2, "put_item": 1, "get_secret_value": 1},
    ("secrets", "change"): {
        "get_item": 3,
        "put_item": 3,
        "get_secret_value": 1,
        "describe_secret": 2,
        "put_secret_value": 1,
        "update_secret_version_stage": 1,
    },
}


@pytest.mark.parametrize(("store", "what"), CALLS)
def test_an_operation_makes_the_calls_that_the_documentation_counts(world_of, store, what):
    world = world_of(store)
    vault = world.vault()
    vault.register("ada", PASSWORD)
    world.line.calls.clear()

    if what == "sign-in":
        vault.verify("ada", PASSWORD, source=HOME)
    elif what == "refused":
        vault.verify("ada", OTHER, source=HOME)
    else:
        vault.change("ada", PASSWORD, OTHER, source=HOME)

    assert Counter(world.line.calls) == CALLS[store, what]

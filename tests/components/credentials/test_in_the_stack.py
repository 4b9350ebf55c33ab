from pulumi_bulwark.credentials import CredentialsSpec
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs
from pulumi_bulwark.tags import TagsSpec

TAGS = TagsSpec(owner="me", environment="test", cost_center="1", data_classification="public")


def build(**settings):
    spec = StackConfig(cloud="aws", profile="prod", tags=TAGS, **settings)
    return lambda: AwsStack("test", AwsStackArgs(spec=spec))


def test_there_is_no_vault_unless_asked_for(preview):
    graph = preview(build())

    assert graph.of_type("bulwark:index:AwsCredentials") == []
    assert graph["test"].outputs["credentials"] == {}


def test_the_vault_has_the_keys_of_its_purposes(preview):
    graph = preview(build(credentials=CredentialsSpec(enabled=True)), rendered=True)

    key = graph["test-keys-data"].outputs["arn"]
    table = graph["test-credentials-users-table"].inputs
    assert table["serverSideEncryption"]["kmsKeyArn"] == key
    assert graph["test-credentials-verify-function"].inputs["kmsKeyArn"] == key
    assert (
        graph["test-credentials-pepper"].inputs["kmsKeyId"]
        == graph["test-keys-secrets"].outputs["arn"]
    )


def test_a_secret_of_the_stack_rotates(preview):
    key = {"description": "Signs sessions", "source": "generated", "rotation_days": 30}
    graph = preview(build(secrets=SecretsSpec(named={"key": key})))

    assert graph["test-secrets-key-rotation"].inputs["rotationRules"] == {
        "automaticallyAfterDays": 30,
        "duration": "4h",
    }

import pytest

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.azure import AzureSecrets, AzureSecretsArgs

VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"

PLACE = AzurePlace(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location="westeurope",
    resource_group_name="group",
)
STORE = AzureLogStore(
    place=PLACE,
    workspace_id="workspace",
    archive_id="archive",
    retention_days=400,
    deletion_protection=True,
)
APP = "identity:00000000-0000-0000-0000-00000000000a"
PEOPLE = "group:00000000-0000-0000-0000-00000000000b"


@pytest.fixture
def built(preview):
    def build(named=None, *, deletion_protection=True, **spec):
        args = AzureSecretsArgs(
            spec=SecretsSpec.load("bulwark:secrets", {"named": named or {}, **spec}),
            place=PLACE,
            store=STORE,
            deletion_protection=deletion_protection,
        )
        return preview(lambda: AzureSecrets("it", args), rendered=True)

    return build


def secret(**settings):
    return {"description": "Opens the database", **settings}


def test_no_secret_and_so_no_value_is_in_the_program(built):
    graph = built({"db": secret(), "key": secret(source="generated", length=48)})

    assert not list(graph.of_type("azure-native:keyvault:Secret"))
    assert graph["it"].outputs["generated"] == {"key": 48}
    assert graph["it"].outputs["names"] == {"db": "db", "key": "key"}


def test_a_reader_reads_the_current_value_wherever_it_stands(built):
    uri = built({"db": secret()})["it"].outputs["ids"]["db"]

    assert uri.startswith("https://")
    assert uri.endswith(".vault.azure.net/secrets/db")


def test_who_is_named_reads_that_secret_and_no_other(built):
    graph = built({"db": secret(readers=[APP]), "key": secret()})

    (given,), (vault,) = graph.of_type(ASSIGNMENT), graph.of_type(VAULT)
    assert given.inputs["scope"] == f"{vault.id}/secrets/db"
    assert given.inputs["roleDefinitionId"].endswith("4633458b-17de-408a-b874-0445c86b69e6")
    assert given.inputs["principalId"] == APP.partition(":")[2]
    assert given.inputs["principalType"] == "ServicePrincipal"


def test_administrators_set_values_and_read_none(built):
    graph = built({"db": secret()}, administrators=[PEOPLE])

    (role,) = graph.of_type(ROLE)
    actions = {a.rpartition("/secrets/")[2] for a in role.inputs["permissions"][0]["dataActions"]}
    assert "setSecret/action" in actions
    assert not actions & {"getSecret/action", "backup/action", "*", "purge/action"}


def test_administrators_alone_lock_nobody_out_where_roles_only_add_up(built):
    assert built(administrators=[PEOPLE])


def test_on_aws_administrators_without_deployers_are_still_refused():
    with pytest.raises(ConfigError, match="come together"):
        SecretsSpec(administrators=("arn:aws:iam::123456789012:role/admins",))


def test_the_vault_keeps_what_was_deleted_and_holds_no_key(built):
    (vault,) = built(recoveryDays=90).of_type(VAULT)

    assert vault.inputs["properties"]["softDeleteRetentionInDays"] == 90
    assert vault.inputs["properties"]["enablePurgeProtection"] is True
    assert vault.inputs["properties"]["sku"]["name"] == "standard"


def test_who_reads_which_secret_is_logged(built):
    graph = built()

    (setting,), (vault,) = graph.of_type(SETTING), graph.of_type(VAULT)
    assert setting.inputs["resourceUri"] == vault.id
    assert setting.inputs["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]


def test_what_a_person_must_still_do_is_said(built):
    texts = [note.text for note in built({"db": secret()}).notes]

    assert "no secret is there before `bulwark secrets set NAME`" in texts
    assert any("name administrators" in text for text in texts)


@pytest.mark.parametrize("protected", [True, False])
def test_the_vault_is_protected_where_the_environment_is(built, protected):
    (vault,) = built(deletion_protection=protected).of_type(VAULT)

    assert vault.options.protect is protected


def test_the_vault_says_whose_it_is_since_its_name_has_chance_in_it(built):
    (vault,) = built().of_type(VAULT)

    assert vault.inputs["tags"] == {"bulwark-vault": "project/stack/it"}

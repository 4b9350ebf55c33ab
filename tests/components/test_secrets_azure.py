import json
from datetime import UTC, datetime, timedelta

import pytest
from azure_place import KEY, PLACE, STORE

from bulwark_runtime.rotation import azure
from bulwark_runtime.rotation.renewal import SETTLING
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.secret.azure_rotator import AzureRotator, AzureRotatorArgs, RotatingSecret
from pulumi_bulwark.secrets import SecretsSpec
from pulumi_bulwark.secrets.azure import AzureRotation, AzureSecrets, AzureSecretsArgs
from pulumi_bulwark.stacks.azure_watched import Watched

VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"

ROTATION = AzureRotation(key=KEY)
APP = "identity:00000000-0000-0000-0000-00000000000a"
PEOPLE = "group:00000000-0000-0000-0000-00000000000b"


@pytest.fixture
def built(preview):
    def build(named=None, *, deletion_protection=True, rotation=ROTATION, **spec):
        args = AzureSecretsArgs(
            spec=SecretsSpec.load("bulwark:secrets", {"named": named or {}, **spec}),
            place=PLACE,
            store=STORE,
            rotation=rotation,
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

    assert "no secret is there before `bulwark secrets set NAME` or a rotation has made it" in texts
    assert any("name administrators" in text for text in texts)


@pytest.mark.parametrize("protected", [True, False])
def test_the_vault_is_protected_where_the_environment_is(built, protected):
    (vault,) = built(deletion_protection=protected).of_type(VAULT)

    assert vault.options.protect is protected


def test_the_vault_says_whose_it_is_since_its_name_has_chance_in_it(built):
    (vault,) = built().of_type(VAULT)

    assert vault.inputs["tags"] == {"bulwark-vault": "project/stack/it"}


# Rotation

ROTATES = {"source": "generated", "rotationDays": 30, "length": 48}
SITE = "azure-native:web:WebApp"
VAULT_URI = "https://vault.vault.azure.net/"


@pytest.fixture
def rotator(preview):
    def build(**secrets):
        args = AzureRotatorArgs(
            vault_id="/vault", vault_uri=VAULT_URI, secrets=secrets, store=STORE, key=KEY
        )
        return preview(lambda: AzureRotator("it", args), rendered=True)

    return build


def settings(graph):
    (site,) = graph.of_type(SITE)
    return {s["name"]: s["value"] for s in site.inputs["siteConfig"]["appSettings"]}


def actions(role):
    names = role.inputs["permissions"][0]["dataActions"]
    return {name.rpartition("/vaults/secrets/")[2].removesuffix("/action") for name in names}


def test_nothing_runs_where_no_secret_rotates(built):
    graph = built({"db": secret()}, rotation=None)

    assert not graph.of_type(SITE)
    assert "rotatorName" not in graph["it"].outputs


def test_one_function_is_told_of_all_that_rotate_and_of_no_other(built):
    graph = built({"db": secret(), "key": secret(**ROTATES), "seed": secret(**ROTATES)})

    plan = json.loads(settings(graph)["BULWARK_ROTATION"])
    about = {"kind": "generated", "days": 30, "settings": {"bulwark:length": "48"}}
    assert plan == {"key": about, "seed": about}
    (vault,) = graph.of_type(VAULT)
    assert settings(graph)["BULWARK_VAULT_URI"] == vault.outputs["properties"]["vaultUri"]
    assert graph["it"].outputs["rotatorName"] == graph["it-rotator-function-app"].outputs["name"]


def test_it_may_renew_the_secrets_that_rotate_each_by_itself_and_read_none(built):
    graph = built({"db": secret(), "key": secret(**ROTATES)})

    (vault,), (role,) = graph.of_type(VAULT), graph.of_type(ROLE)
    assert actions(role) == {"readMetadata", "setSecret", "update"}
    at = [a.inputs["scope"] for a in graph.of_type(ASSIGNMENT) if is_of(a, role)]
    assert at == [f"{vault.id}/secrets/key"]


def test_it_reads_a_pepper_which_the_next_one_is_made_of(rotator):
    graph = rotator(
        pepper=RotatingSecret(kind="pepper", days=90, settings={"retired": "v1 v2"}),
        key=RotatingSecret(kind="generated", days=30),
    )

    reads = {role.name: "getSecret" in actions(role) for role in graph.of_type(ROLE)}
    assert reads == {"it-pepper": True, "it-generated": False}
    (pepper,) = [r for r in graph.of_type(ROLE) if r.name == "it-pepper"]
    at = [a.inputs["scope"] for a in graph.of_type(ASSIGNMENT) if is_of(a, pepper)]
    assert at == ["/vault/secrets/pepper"]
    assert json.loads(settings(graph)["BULWARK_ROTATION"])["pepper"]["settings"] == {
        "bulwark:retired": "v1 v2"
    }


def test_what_it_is_told_is_what_the_code_reads(rotator):
    graph = rotator(
        pepper=RotatingSecret(kind="pepper", days=90),
        key=RotatingSecret(kind="generated", days=30, settings={"length": "48"}),
    )

    told = settings(graph)
    assert {azure.VAULT, azure.PLAN} < set(told)
    plan = {secret.name: secret for secret in azure.planned(told[azure.PLAN])}
    assert plan["key"].days == 30
    assert plan["key"].settings == {"bulwark:length": "48"}
    assert plan["pepper"].kind.name == "pepper"


def test_a_run_is_over_before_a_pepper_that_it_could_undo_is_used(rotator):
    graph = rotator(pepper=RotatingSecret(kind="pepper", days=90))

    longest = settings(graph)["AzureFunctionsJobHost__functionTimeout"]
    assert longest == "00:05:00"
    assert timedelta(minutes=5) < SETTLING


def test_as_many_secrets_as_there_can_be_fit_into_what_it_is_told(rotator):
    many = {f"{'s' * 60}-{n:03}": RotatingSecret(kind="generated", days=1000) for n in range(100)}

    assert len(settings(rotator(**many))["BULWARK_ROTATION"]) < 32_768


def test_what_an_alarm_waits_for_is_what_each_run_says(caplog):
    watched = Watched()
    watched.add_rotation("rotation", "app")

    with caplog.at_level("INFO", "bulwark.rotation"):
        azure.rotate(None, iter(()), datetime.now(UTC))
    (said,) = caplog.messages
    assert watched.lines["rotation"].words in said
    assert watched.functions == {"rotation": "app"}


def test_where_nothing_rotates_no_silence_is_an_alarm():
    watched = Watched()
    watched.add_rotation("rotation", None)

    assert not watched.lines
    assert not watched.functions


def test_a_rotation_that_has_nowhere_to_run_is_refused(built):
    with pytest.raises(ConfigError, match=r"named\.key\.rotationDays: needs `rotation`"):
        built({"key": secret(**ROTATES)}, rotation=None)


def is_of(assignment, role):
    return assignment.inputs["roleDefinitionId"] == role.id

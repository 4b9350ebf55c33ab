import json

import pytest
from azure_place import APPLICATION, GROUP, KEY

from bulwark_runtime.credentials import azure_log
from bulwark_runtime.credentials.answers import METRICS
from bulwark_runtime.credentials.azure import OPERATIONS as KNOWN_TO_THE_RUNTIME
from bulwark_runtime.credentials.azure import Settings
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.credentials import CredentialsSpec, Operation
from pulumi_bulwark.credentials.aws_rights import RIGHTS
from pulumi_bulwark.credentials.azure import AzureCredentials, AzureCredentialsArgs
from pulumi_bulwark.credentials.azure_apps import APPS
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs
from pulumi_bulwark.tags import TagsSpec

ACCOUNT = "azure-native:storage:StorageAccount"
ENDPOINT = "azure-native:network:PrivateEndpoint"
TABLE = "azure-native:storage:Table"
VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleDefinition"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"
APP = "azure-native:web:WebApp"
CALLERS = "azure-native:web:WebAppAuthSettingsV2"

SHOP = "00000000-0000-0000-0000-00000000000a"
DESK = "00000000-0000-0000-0000-00000000000b"


def place(**where):
    return AzurePlace(
        **{
            "subscription_id": "00000000-0000-0000-0000-000000000001",
            "tenant_id": "00000000-0000-0000-0000-000000000002",
            "location": "westeurope",
            "resource_group_name": "group",
            "functions_subnet_id": f"{GROUP}/subnets/functions",
            **where,
        }
    )


def args(*, where=None, application=APPLICATION, protected=True, **spec):
    store = AzureLogStore(
        place=where or place(),
        workspace_id=f"{GROUP}/workspaces/logs",
        archive_id=f"{GROUP}/storageAccounts/logs",
        retention_days=400,
        deletion_protection=True,
    )
    return AzureCredentialsArgs(
        spec=CredentialsSpec.load("bulwark:credentials", {"enabled": True, **spec}),
        store=store,
        key=KEY,
        application=application,
        deletion_protection=protected,
    )


def built(**more):
    graph = Preview()(lambda: AzureCredentials("it", args(**more)), rendered=True)
    assert graph.problems == ()
    return graph


@pytest.fixture(scope="module")
def graph():
    """One with hashes in its table."""
    return built(
        callers={
            "verify": (f"identity:{SHOP}",),
            "register": (f"identity:{SHOP}",),
            "disable": (f"identity:{DESK}",),
        },
        retiredPeppers=("v1",),
    )


@pytest.fixture(scope="module")
def in_secrets():
    """One with hashes in secrets, in a private network, that may be torn down."""
    where = place(subnet_id=f"{GROUP}/subnets/endpoints")
    return built(where=where, protected=False, store="secrets", upkeep=True)


def settings(graph, app):
    told = graph[f"it-{app}-app"].inputs["siteConfig"]["appSettings"]
    return {setting["name"]: setting["value"] for setting in told}


def account_of_tables(graph):
    (name,) = {table.inputs["accountName"] for table in graph.of_type(TABLE)}
    (account,) = [a for a in graph.of_type(ACCOUNT) if a.outputs["name"] == name]
    return account


def roles(graph, app):
    """Where the app has which role."""
    return {
        (r.name.removeprefix(f"it-{app}-runs-as-"), r.inputs["scope"]): r.inputs["roleDefinitionId"]
        for r in graph.of_type(ASSIGNMENT)
        if r.name.startswith(f"it-{app}-runs-as-")
    }


def actions(graph, name):
    (permissions,) = graph[f"it-{name}"].inputs["permissions"]
    assert permissions["actions"] == []
    return {action.rpartition("entities/")[2] for action in permissions["dataActions"]}


# --- tables


def test_the_tables_are_in_an_account_of_their_own_that_takes_no_keys(graph):
    assert {t.inputs["tableName"] for t in graph.of_type(TABLE)} == {"users", "attempts"}
    account = account_of_tables(graph)
    assert account.inputs["allowSharedKeyAccess"] is False
    assert account.inputs["networkRuleSet"]["defaultAction"] == "Deny"


def test_what_is_in_the_tables_is_encrypted_with_the_customers_key(graph):
    encryption = account_of_tables(graph).inputs["encryption"]

    assert encryption["keyVaultProperties"]["keyName"] == "data"
    # Azure leaves tables to a key of its own unless that is said as the account is made.
    assert encryption["services"]["table"] == {"enabled": True, "keyType": "Account"}


@pytest.mark.parametrize("what", ["it-tables-users", "it-tables-attempts"])
def test_what_holds_data_refuses_deletion_or_does_not(graph, in_secrets, what):
    for made, protected in ((graph, True), (in_secrets, False)):
        assert made[what].options.protect is protected
        assert made[what].options.retain_on_delete is protected


def test_who_reads_and_writes_records_is_logged(graph):
    setting = graph["it-tables-logs"].inputs

    assert setting["resourceUri"].endswith("/tableServices/default")
    assert {log["category"] for log in setting["logs"]} == {
        "StorageRead",
        "StorageWrite",
        "StorageDelete",
    }


def test_in_a_private_network_the_tables_have_an_address_there_and_no_other(in_secrets):
    endpoint = in_secrets["it-tables-endpoint"].inputs
    account = account_of_tables(in_secrets)

    (connection,) = endpoint["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["table"]
    assert connection["privateLinkServiceId"] == account.id
    assert account.inputs["publicNetworkAccess"] == "Disabled"
    of_account = [
        e.name
        for e in in_secrets.of_type(ENDPOINT)
        if e.inputs["privateLinkServiceConnections"][0]["privateLinkServiceId"] == account.id
    ]
    assert of_account == ["it-tables-endpoint"]  # no blob is in it


# --- vaults


def test_the_pepper_is_in_a_vault_in_which_nothing_else_is(graph, in_secrets):
    assert [v.name for v in graph.of_type(VAULT)] == ["it-pepper-kv"]
    assert [v.name for v in in_secrets.of_type(VAULT)] == ["it-pepper-kv", "it-hashes-kv"]


def test_a_vault_that_holds_what_cannot_be_made_again_is_not_purged(in_secrets):
    for vault in in_secrets.of_type(VAULT):
        properties = vault.inputs["properties"]
        assert properties["enablePurgeProtection"] is True
        assert properties["softDeleteRetentionInDays"] == 30
        assert properties["enableRbacAuthorization"] is True


def test_every_vault_is_logged(in_secrets):
    logged = {setting.inputs["resourceUri"] for setting in in_secrets.of_type(SETTING)}

    assert {vault.id for vault in in_secrets.of_type(VAULT)} <= logged


def test_no_value_is_in_the_program(in_secrets):
    assert not list(in_secrets.of_type("azure-native:keyvault:Secret"))


def test_the_rotation_makes_the_pepper_and_takes_away_the_retired(graph):
    told = settings(graph, "rotator-function")

    assert json.loads(told["BULWARK_ROTATION"]) == {
        "pepper": {"kind": "pepper", "days": 90, "settings": {"bulwark:retired": "v1"}}
    }
    assert graph["it"].outputs["pepperId"] == f"{told['BULWARK_VAULT_URI']}secrets/pepper"


# --- who may do what


def test_each_operation_is_done_by_one_app(graph):
    done = [operation for app in APPS.values() for operation in app.operations]

    assert sorted(done) == sorted(Operation.__args__)
    assert set(done) == KNOWN_TO_THE_RUNTIME


def test_the_pepper_goes_to_those_who_need_it_on_aws_too():
    with_pepper = {op for app in APPS.values() if app.pepper for op in app.operations}

    assert with_pepper == {operation for operation, rights in RIGHTS.items() if rights.pepper}


def test_who_signs_in_reads_the_pepper_and_who_administers_has_no_role_there(graph):
    vault = graph["it-pepper-kv"].id

    def near_the_pepper(app):
        return [scope for _, scope in roles(graph, app) if scope.startswith(vault)]

    assert near_the_pepper("sign-in") == [f"{vault}/secrets/pepper"]
    assert near_the_pepper("administration") == []


def test_a_role_is_given_at_a_table_and_not_at_the_account(graph):
    account = account_of_tables(graph)
    for app in APPS:
        scopes = [scope for _, scope in roles(graph, app) if scope.startswith(account.id)]
        assert sorted(scopes) == [
            f"{account.id}/tableServices/default/tables/{table}" for table in ("attempts", "users")
        ]


def test_a_role_of_the_vaults_own_has_only_what_it_does_with_records(graph):
    assert actions(graph, "keeps-records") == {"read", "add/action", "update/action", "delete"}
    assert actions(graph, "clears-records") == {"read", "delete"}


def test_who_administers_counts_no_attempts(graph):
    (found,) = [
        role for (of, _), role in roles(graph, "administration").items() if of == "attempts"
    ]

    assert found == graph["it-clears-records"].id


def test_hashes_in_secrets_are_read_and_written_by_name(in_secrets):
    (permissions,) = in_secrets["it-keeps-hashes"].inputs["permissions"]

    assert permissions["dataActions"] == [
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "Microsoft.KeyVault/vaults/secrets/setSecret/action",
        "Microsoft.KeyVault/vaults/secrets/delete",
    ]
    for app in APPS:
        scopes = [scope for of, scope in roles(in_secrets, app) if of == "hashes"]
        assert scopes == [in_secrets["it-hashes-kv"].id]


# --- what the apps are told


@pytest.mark.parametrize("app", APPS)
def test_an_app_reads_what_it_is_told(graph, in_secrets, app):
    for made in (graph, in_secrets):
        told = Settings.read(settings(made, app))
        assert (told.pepper is not None) is (app == "sign-in")
        assert told.drops_expired is (app == "administration")
        assert told.policy.cost == 12
        assert told.vault == made["it"].outputs["metrics"]["vault"]
    assert (told.store, told.hashes) == (
        "secrets",
        in_secrets["it-hashes-kv"].outputs["properties"]["vaultUri"],
    )


def test_a_caller_comes_in_where_it_is_named_and_asks_for_that_alone(graph):
    def let_in(app):
        (entra,) = [c for c in graph.of_type(CALLERS) if c.name == f"it-{app}-callers"]
        validation = entra.inputs["identityProviders"]["azureActiveDirectory"]["validation"]
        return validation["defaultAuthorizationPolicy"]["allowedPrincipals"]["identities"]

    assert let_in("sign-in") == [SHOP]
    assert let_in("administration") == [DESK]
    assert Settings.read(settings(graph, "sign-in")).operations == {
        "register": {SHOP},
        "verify": {SHOP},
        "change": set(),
        "begin-reset": set(),
        "finish-reset": set(),
    }


def test_whom_nobody_named_is_let_in_nowhere(in_secrets):
    for app in APPS:
        (entra,) = [c for c in in_secrets.of_type(CALLERS) if c.name == f"it-{app}-callers"]
        provider = entra.inputs["identityProviders"]["azureActiveDirectory"]
        assert provider == {"enabled": False}
        assert entra.inputs["globalValidation"]["requireAuthentication"] is True
    assert in_secrets["it"].outputs.get("audience") is None


def test_each_operation_has_an_address(graph, in_secrets):
    assert in_secrets["it"].outputs["functionUrls"].keys() == set(Operation.__args__)
    urls = graph["it"].outputs["functionUrls"]
    upkeep = {"count-peppers", "move-hashes"}
    assert urls.keys() == set(Operation.__args__) - upkeep
    host = graph["it-sign-in-app"].outputs["defaultHostName"]
    assert urls["begin-reset"] == f"https://{host}/begin-reset"


def test_the_lines_of_the_log_are_as_the_outputs_say(graph):
    metrics = graph["it"].outputs["metrics"]

    assert metrics["service"] == azure_log.SERVICE
    assert metrics["lockouts"] == METRICS["delayed"]


def test_the_apps_have_a_whole_processor_and_time_for_what_they_do(graph):
    def runs(app):
        config = graph[f"it-{app}-app"].inputs["functionAppConfig"]
        memory = config["scaleAndConcurrency"]["instanceMemoryMB"]
        return memory, settings(graph, app)["AzureFunctionsJobHost__functionTimeout"]

    assert runs("sign-in") == (2048, "00:00:10")
    assert runs("administration") == (2048, "00:05:00")


# --- what is said, and what is refused


def test_what_azure_cannot_do_is_said(graph, in_secrets):
    def told(made):
        return " ".join(note.text for note in made.notes)

    assert "no way back in time" in told(graph)
    assert "first pepper" in told(graph)
    assert "nobody is named who calls the vault" in told(in_secrets)
    assert "can be restored for 30 days, and not purged" in told(in_secrets)
    assert "can be restored" not in told(graph)


REFUSED = {
    "a group": (
        {"callers": {"verify": (f"group:{SHOP}",)}},
        "bulwark:credentials.callers.verify[0]: is a group",
    ),
    "upkeep that is off": (
        {"callers": {"count-peppers": (f"identity:{SHOP}",)}},
        "bulwark:credentials.callers.count-peppers: there is no such function",
    ),
    "no application": (
        {"application": None, "callers": {"verify": (f"identity:{SHOP}",)}},
        "bulwark:foundation.functionApplication: missing",
    ),
    "no subnet": (
        {"where": place(functions_subnet_id=None)},
        "bulwark:foundation.network.functionsSubnetId: missing",
    ),
    "too much memory": (
        {"function": {"memoryMb": 8192}},
        "bulwark:credentials.function.memoryMb: not on Azure",
    ),
}


@pytest.mark.parametrize(("settings", "said"), REFUSED.values(), ids=REFUSED)
def test_what_azure_would_refuse_is_said_once_before_anything_is_made(preview, settings, said):
    with pytest.raises(ConfigError) as error:
        preview(lambda: AzureCredentials("it", args(**settings)))

    (problem,) = error.value.problems
    assert problem.startswith(said)


# --- in the stack


TAGS = TagsSpec(
    owner="me@example.com", environment="test", cost_center="1", data_classification="public"
)


def stack(**credentials):
    spec = StackConfig.model_validate(
        {"cloud": "azure", "profile": "prod", "tags": TAGS, "credentials": credentials}
    )
    return lambda: AzureStack("test", AzureStackArgs(spec=spec))


def test_in_a_stack_the_vault_has_the_key_for_data_and_is_watched_and_locked(preview):
    location = {"azure-native:location": "westeurope"}
    graph = preview(stack(enabled=True), config=location, rendered=True)

    table = graph["test-credentials-tables-users"]
    key = account_of_tables(graph).inputs["encryption"]["keyVaultProperties"]["keyName"]
    assert key == graph["test-keys-data"].inputs["keyName"]
    exported = graph["test"].outputs["credentials"]
    assert exported.keys() >= {"functionUrls", "tableNames", "pepperId", "metrics"}
    (lock,) = graph.of_type("azure-native:authorization:ManagementLockByScope")
    assert table.urn in lock.dependencies


def test_in_a_stack_what_azure_would_refuse_is_said_before_the_first_resource(preview):
    callers = {"verify": (f"group:{SHOP}", f"identity:{SHOP}")}
    with pytest.raises(ConfigError) as error:
        preview(
            stack(enabled=True, callers=callers), config={"azure-native:location": "westeurope"}
        )

    assert len(error.value.problems) == 2

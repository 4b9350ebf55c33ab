"""Function apps on Azure: what they may do, who may come in, and how their code arrives."""

from pathlib import Path

import pulumi
import pytest
from azure_place import APPLICATION

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.function import FunctionSpec, Package
from pulumi_bulwark.function.azure import AzureFunction, AzureFunctionArgs
from pulumi_bulwark.function.azure import problems as found_in
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.role.azure import Grant
from pulumi_bulwark.vault.azure import AzureKey

APP = "azure-native:web:WebApp"
PLAN = "azure-native:web:AppServicePlan"
CALLERS = "azure-native:web:WebAppAuthSettingsV2"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
SETTING = "azure-native:monitor:DiagnosticSetting"
ENDPOINT = "azure-native:network:PrivateEndpoint"
ACCOUNT = "azure-native:storage:StorageAccount"
CODE = "command:local:Command"

CALLER = "00000000-0000-0000-0000-000000000005"


def place(**where):
    return AzurePlace(
        subscription_id="00000000-0000-0000-0000-000000000001",
        tenant_id="00000000-0000-0000-0000-000000000002",
        location="westeurope",
        resource_group_name="group",
        **{"functions_subnet_id": "/subnets/functions", **where},
    )


def args(*, where=None, spec=None, called=True, **more):
    store = AzureLogStore(
        place=where or place(),
        workspace_id="/workspace",
        archive_id="/archive",
        retention_days=400,
        deletion_protection=False,
    )
    key = AzureKey(name="data", vault_uri="https://v.vault.azure.net/", resource_id="/keys/data")
    by = {"callers": [CALLER], "application": APPLICATION} if called else {}
    return AzureFunctionArgs(
        spec=FunctionSpec(**(spec or {})),
        store=store,
        key=key,
        **{
            "description": "Pays out what is due",
            "code": Package("rotation"),
            "app": "main:app",
            **by,
            **more,
        },
    )


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = tmp_path / "payouts"
    code.mkdir()
    (code / "main.py").write_text("app = 1\n")


@pytest.fixture
def function(preview):
    return lambda **more: preview(lambda: AzureFunction("it", args(**more)), rendered=True)


@pytest.fixture
def problems():
    return lambda **more: list(found_in(args(**more)))


def one(graph, kind):
    (found,) = graph.of_type(kind)
    return found


def settings(graph):
    return {s["name"]: s["value"] for s in one(graph, APP).inputs["siteConfig"]["appSettings"]}


class TestTheApp:
    def test_it_is_closed_to_whatever_is_old_or_in_the_clear(self, function):
        found = one(function(), APP).inputs

        assert found["httpsOnly"] is True
        assert found["siteConfig"]["minTlsVersion"] == "1.2"
        assert found["siteConfig"]["scmMinTlsVersion"] == "1.2"
        assert found["siteConfig"]["remoteDebuggingEnabled"] is False

    def test_nothing_is_sent_that_flex_consumption_refuses(self, function):
        graph = function()
        site = one(graph, APP).inputs["siteConfig"]

        refused = {"netFrameworkVersion", "linuxFxVersion", "alwaysOn", "ftpsState"}
        refused |= {"use32BitWorkerProcess", "vnetRouteAllEnabled"}
        assert refused.isdisjoint(site)
        assert not [n for n in settings(graph) if n.startswith(("FUNCTIONS_", "WEBSITE_", "SCM_"))]

    def test_it_has_a_plan_of_its_own(self, function):
        graph = function()

        assert one(graph, PLAN).inputs["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
        assert one(graph, APP).inputs["serverFarmId"] == one(graph, PLAN).id

    def test_it_runs_as_an_identity_that_also_reads_its_references_and_its_code(self, function):
        graph = function()
        found = one(graph, APP).inputs

        (identity,) = found["identity"]["userAssignedIdentities"]
        storage = found["functionAppConfig"]["deployment"]["storage"]
        assert identity == graph["it"].outputs["identityId"]
        assert found["identity"]["type"] == "UserAssigned"
        assert found["keyVaultReferenceIdentity"] == identity
        assert storage["authentication"]["type"] == "UserAssignedIdentity"
        assert storage["authentication"]["userAssignedIdentityResourceId"] == identity

    def test_it_runs_in_the_subnet_that_data_lets_in(self, function):
        assert one(function(), APP).inputs["virtualNetworkSubnetId"] == "/subnets/functions"

    @pytest.mark.parametrize(("asked", "got"), [(128, 512), (1_769, 2_048), (4_096, 4_096)])
    def test_an_instance_is_the_smallest_that_has_enough_memory(self, function, asked, got):
        found = one(function(spec={"memory_mb": asked}), APP).inputs["functionAppConfig"]

        assert found["scaleAndConcurrency"]["instanceMemoryMB"] == got

    @pytest.mark.parametrize(("asked", "got"), [(None, 100), (40, 40)])
    def test_it_grows_no_further_than_said(self, function, asked, got):
        found = one(function(spec={"reserved_concurrency": asked}), APP).inputs

        assert found["functionAppConfig"]["scaleAndConcurrency"]["maximumInstanceCount"] == got

    def test_the_host_is_told_how_long_how_often_and_how_much(self, function):
        spec = {"timeout_seconds": 900, "retries": 1, "log_level": "WARN"}

        found = settings(function(spec=spec))

        assert found["AzureFunctionsJobHost__functionTimeout"] == "00:15:00"
        assert found["AzureFunctionsJobHost__extensions__queues__maxDequeueCount"] == "2"
        assert found["AzureFunctionsJobHost__logging__logLevel__default"] == "Warning"

    def test_the_worker_is_told_which_app_and_who_it_is(self, function):
        graph = function(environment={"LEVEL": "high"})
        found = settings(graph)

        assert found["BULWARK_APP"] == "main:app"
        assert found["LEVEL"] == "high"
        assert found["AZURE_CLIENT_ID"] == graph["it"].outputs["clientId"]

    def test_its_log_goes_where_all_go(self, function):
        graph = function()

        (logs,) = [
            s
            for s in graph.of_type(SETTING)
            if s.inputs["resourceUri"].endswith("sites/" + graph["it"].outputs["name"])
        ]
        assert logs.inputs["logs"] == [{"categoryGroup": "allLogs", "enabled": True}]
        assert logs.inputs["workspaceId"] == "/workspace"


class TestItsStorage:
    def test_it_is_reached_by_identity_and_no_key_is_in_the_settings(self, function):
        graph = function()
        found = settings(graph)

        assert one(graph, ACCOUNT).inputs["allowSharedKeyAccess"] is False
        assert found["AzureWebJobsStorage__accountName"] == graph["it"].outputs["storageName"]
        assert found["AzureWebJobsStorage__credential"] == "managedidentity"
        assert "AzureWebJobsStorage" not in found

    def test_no_function_can_write_the_code_of_another(self, preview):
        def two():
            for name in ("one", "other"):
                AzureFunction(name, args())

        graph = preview(two, rendered=True)

        of_one = {a.inputs["scope"] for a in graph.of_type(ASSIGNMENT) if "one-runs" in a.name}
        of_other = {a.inputs["scope"] for a in graph.of_type(ASSIGNMENT) if "other-runs" in a.name}
        assert len(of_one) == len(of_other) == 1
        assert of_one.isdisjoint(of_other)

    def test_the_roles_count_and_the_container_is_there_before_the_app(self, preview):
        graph = preview(lambda: AzureFunction("it", args()))

        before = one(graph, APP).dependencies
        assert graph["it-runs-as-roles"].urn in before
        assert graph["it-storage-packages"].urn in before

    def test_what_it_may_do_beside_is_what_is_named(self, function):
        grant = Grant(name="reads", role="Key Vault Secrets User", scope="/vault/secrets/one")

        (more,) = [
            a for a in function(grants=[grant]).of_type(ASSIGNMENT) if a.name.endswith("reads")
        ]

        assert more.inputs["scope"] == "/vault/secrets/one"


class TestWhoMayCome:
    def test_a_caller_is_named_and_shows_a_token_of_the_application(self, function):
        found = one(function(), CALLERS).inputs

        entra = found["identityProviders"]["azureActiveDirectory"]
        allowed = entra["validation"]["defaultAuthorizationPolicy"]["allowedPrincipals"]
        assert entra["enabled"] is True
        assert entra["registration"]["clientId"] == APPLICATION.client_id
        assert entra["validation"]["allowedAudiences"] == [
            "api://functions",
            APPLICATION.client_id,
        ]
        assert allowed == {"identities": [CALLER]}

    def test_everybody_else_is_refused_and_sent_nowhere(self, function):
        found = one(function(), CALLERS).inputs

        assert found["platform"]["enabled"] is True
        assert found["globalValidation"] == {
            "requireAuthentication": True,
            "unauthenticatedClientAction": "Return401",
        }

    def test_whom_nobody_calls_refuses_every_address_but_not_its_code(self, function):
        graph = function(called=False)

        site = one(graph, APP).inputs["siteConfig"]
        entra = one(graph, CALLERS).inputs["identityProviders"]["azureActiveDirectory"]
        assert site["ipSecurityRestrictionsDefaultAction"] == "Deny"
        assert site["scmIpSecurityRestrictionsDefaultAction"] == "Allow"
        assert entra == {"enabled": False}
        assert graph["it"].outputs.get("audience") is None

    def test_no_password_brings_code(self, function):
        graph = function()

        assert one(graph, "azure-native:web:WebAppFtpAllowed").inputs["allow"] is False
        assert one(graph, "azure-native:web:WebAppScmAllowed").inputs["allow"] is False

    def test_in_a_network_whom_nobody_calls_has_no_public_address(self, function):
        graph = function(where=place(subnet_id="/subnets/endpoints"), called=False)

        services = {
            e.inputs["privateLinkServiceConnections"][0]["name"] for e in graph.of_type(ENDPOINT)
        }
        assert one(graph, APP).inputs["publicNetworkAccess"] == "Disabled"
        assert services == {"blob", "queue", "sites"}
        assert any("whoever deploys runs in that network" in n.text for n in graph.notes)

    def test_in_a_network_whom_the_api_calls_keeps_its_address_and_says_so(self, function):
        graph = function(where=place(subnet_id="/subnets/endpoints"))

        assert one(graph, APP).inputs["publicNetworkAccess"] == "Enabled"
        assert any("it has a public address" in n.text for n in graph.notes)


class TestItsCode:
    def triggers(self, graph):
        return one(graph, CODE).inputs["triggers"]

    def test_it_comes_once_every_other_way_in_is_shut(self, function):
        graph = function()

        before = one(graph, CODE).dependencies
        for shut in ("it-callers", "it-ftp", "it-scm", "it-logs"):
            assert graph[shut].urn in before

    def test_the_command_names_no_folder_of_this_machine(self, function, tmp_path):
        found = one(function(), CODE).inputs["create"]

        assert "bulwark publish build/functions/rotation-python3.13-azure.zip --app /subsc" in found
        assert str(tmp_path) not in found

    def test_other_code_or_other_files_bring_it_again(self, function):
        own = Package("payouts", folder="payouts")
        before = self.triggers(function(code=own))

        assert self.triggers(function(code=own)) == before
        assert self.triggers(function(code=own, files={"a.json": "{}"})) != before
        Path("payouts", "main.py").write_text("app = 2\n")
        assert self.triggers(function(code=own)) != before

    def test_another_account_to_keep_it_in_brings_it_again(self, function):
        graph = function()

        assert graph["it"].outputs["storageName"] in self.triggers(graph)

    def test_the_url_is_known_once_the_code_is_there(self, preview):
        def program():
            made = AzureFunction("it", args())
            pulumi.CustomResource("test:index:Thing", "thing", {"url": made.url})

        graph = preview(program)

        assert one(graph, CODE).urn in graph["thing"].dependencies


class TestWhatAzureWouldRefuse:
    def test_what_is_usual_has_no_problem(self, problems):
        assert problems() == []

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ({"app": "main"}, "by a module and a name"),
            ({"description": ""}, "has 0 characters"),
            ({"description": "x" * 257}, "has 257 characters"),
            ({"spec": {"memory_mb": 8_192}}, "up to 4096 MB"),
            ({"spec": {"runtime": "nodejs24.x"}}, "python3.12 and python3.13"),
            ({"spec": {"reserved_concurrency": 5}}, "40 to 1000"),
            ({"spec": {"ephemeral_storage_mb": 1_024}}, "temporary files"),
            ({"spec": {"failures_days": 7}}, "in a queue"),
            ({"application": None}, "functionApplication: missing"),
            ({"files": {"../a": ""}}, "must lie beside the code"),
            ({"files": {"host.json": ""}}, "be none of host.json"),
            ({"files": {"a": "x" * (4 * 1024 * 1024 + 1)}}, "4,194,305 bytes"),
            ({"code": Package("rotatoin")}, "no job rotatoin"),
            ({"environment": {"FUNCTIONS_WORKER_RUNTIME": "x"}}, "Azure Functions sets itself"),
            ({"environment": {"WEBSITE_RUN_FROM_PACKAGE": "1"}}, "Azure Functions sets itself"),
            ({"environment": {"AzureWebJobsStorage": "x"}}, "Azure Functions sets itself"),
            ({"environment": {"with-hyphen": "x"}}, "letters, digits and _"),
            ({"environment": {"DB_PASSWORD": "x"}}, "looks like a secret"),
            ({"environment": {"BUS": "Endpoint=sb://b;SharedAccessKey=x"}}, "looks like a secret"),
            ({"environment": {"A1": "x" * 40_000}}, "40,002 bytes"),
        ],
    )
    def test_it_is_said_in_one_line(self, problems, more, said):
        (line,) = problems(**more)

        assert said in line

    def test_a_network_without_a_subnet_for_functions_is_said(self, problems):
        (line,) = problems(where=place(functions_subnet_id=None))

        assert line.startswith("bulwark:foundation.network.functionsSubnetId: missing.")

    @pytest.mark.parametrize(
        "environment",
        [
            {"DB_PASSWORD": "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/db)"},
            {"BUS__credential": "managedidentity", "BUS__fullyQualifiedNamespace": "b"},
            {"DB_SECRET": "https://v.vault.azure.net/secrets/db"},
            {"AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentSessions": "1"},
        ],
    )
    def test_what_says_where_a_secret_is_and_what_the_host_reads_are_taken(
        self, problems, environment
    ):
        assert problems(environment=environment) == []

    def test_the_component_raises_them_all_at_once(self, preview):
        with pytest.raises(ConfigError) as error:
            preview(lambda: AzureFunction("it", args(app="main", description="")))

        assert len(error.value.problems) == 2

    def test_a_secret_of_pulumis_in_the_environment_stops_the_run(self, preview):
        def program():
            AzureFunction("it", args(environment={"LEVEL": pulumi.Output.secret("pLaNtEd")}))

        with pytest.raises(ConfigError, match="is a secret of Pulumi's") as error:
            preview(program)

        assert "pLaNtEd" not in str(error.value)


def test_a_runtime_that_azure_no_longer_mends_is_told(function, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")  # in 2030

    assert any("which Azure mends no longer" in note.text for note in function().notes)

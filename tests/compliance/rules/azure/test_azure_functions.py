import pytest
from pulumi_azure_native import monitor, resources, web
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.end_of_support import days
from bulwark_toolkit.compliance.rules import RULES
from pulumi_bulwark.function import FunctionApplication, FunctionSpec, Package
from pulumi_bulwark.function.azure import AzureFunction, AzureFunctionArgs
from pulumi_bulwark.function.spec import END_OF_SUPPORT_ON_AZURE
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.vault.azure import AzureKey

A = "azure.functions."
IN = {"resource_group_name": "group"}
ASKED = {
    "platform": {"enabled": True},
    "global_validation": {
        "require_authentication": True,
        "unauthenticated_client_action": "Return401",
    },
}


def nothing():
    """A program without an app."""
    resources.ResourceGroup("it")


def app(settings=None, *, kind="functionapp,linux", runtime=None, site=None, **inputs):
    named = [{"name": name, "value": value} for name, value in (settings or {}).items()]
    config = {"app_settings": named or None, **(site or {})}
    runs = runtime and {"runtime": dict(zip(("name", "version"), runtime, strict=True))}
    return lambda: web.WebApp(
        "it", kind=kind, site_config=config, function_app_config=runs, **IN, **inputs
    )


def with_policies(*, ftp=False, scm=False):
    def program():
        made = app()()
        if ftp is not None:
            web.WebAppFtpAllowed("ftp", name=made.name, allow=ftp, **IN)
        if scm is not None:
            web.WebAppScmAllowed("scm", name=made.name, allow=scm, **IN)

    return program


def asked(**settings):
    def program():
        made = app()()
        web.WebAppAuthSettingsV2("callers", name=made.name, **IN, **(ASKED | settings))

    return program


def entra(*, audiences=("api://it",), enabled=True, **policy):
    providers = {
        "azure_active_directory": {
            "enabled": enabled,
            "validation": {
                "allowed_audiences": list(audiences),
                "default_authorization_policy": policy,
            },
        }
    }
    return asked(identity_providers=providers)


def logged(group="allLogs"):
    def program():
        made = app()()
        monitor.DiagnosticSetting(
            "logs",
            resource_uri=made.id,
            workspace_id="workspace",
            logs=[{"category_group": group, "enabled": True}],
        )

    return program


def deployed(kind):
    storage = {"type": "blobContainer", "authentication": {"type": kind}}
    return lambda: web.WebApp(
        "it",
        kind="functionapp,linux",
        function_app_config={"deployment": {"storage": storage}},
        **IN,
    )


NAMED = {"allowed_principals": {"identities": ["one"]}}
CASES = {
    A + "app-is-reached-over-tls-only": (app(https_only=True), app(), nothing),
    A + "app-speaks-tls-1-2-at-least": (
        app(site={"min_tls_version": "1.3"}),
        app(site={"min_tls_version": "1.0"}),
        nothing,
    ),
    A + "no-password-brings-code": (with_policies(), with_policies(scm=True), nothing),
    A + "nobody-debugs-from-afar": (
        app(),
        app(site={"remote_debugging_enabled": True}),
        nothing,
    ),
    A + "app-has-an-identity": (app(identity={"type": "UserAssigned"}), app(), nothing),
    A + "app-asks-who-calls": (asked(), app(), nothing),
    A + "only-who-is-named-calls": (entra(**NAMED), entra(), entra(enabled=False)),
    A + "no-secret-is-in-the-settings": (app({"LEVEL": "high"}), app({"DB_PASSWORD": "x"}), app()),
    A + "storage-is-reached-by-identity": (
        app({"AzureWebJobsStorage__accountName": "it"}),
        app({"AzureWebJobsStorage": "x"}),
        app({"AzureWebJobsStorage": "x"}, kind="app,linux"),
    ),
    A + "runtime-is-maintained": (
        app(runtime=("python", "3.13")),
        app(runtime=("python", "3.9")),
        app(),
    ),
    A + "app-logs-what-it-does": (logged(), app(), nothing),
}
ALSO = {
    "a-door-with-an-old-tls": (
        A + "app-speaks-tls-1-2-at-least",
        app(site={"scm_min_tls_version": "1.1"}),
    ),
    "ftp-with-passwords": (A + "no-password-brings-code", with_policies(ftp=True)),
    "a-door-of-which-nothing-is-said": (A + "no-password-brings-code", with_policies(scm=None)),
    "a-caller-who-is-sent-to-sign-in": (
        A + "app-asks-who-calls",
        asked(global_validation={"require_authentication": True}),
    ),
    "authentication-that-is-off": (A + "app-asks-who-calls", asked(platform={"enabled": False})),
    "strangers-who-are-let-through": (
        A + "app-asks-who-calls",
        asked(global_validation={"unauthenticated_client_action": "Return401"}),
    ),
    "a-token-for-anything": (A + "only-who-is-named-calls", entra(audiences=(), **NAMED)),
    "a-connection-string": (
        A + "no-secret-is-in-the-settings",
        app({"BUS": "Endpoint=sb://b/;SharedAccessKey=x"}),
    ),
    "a-secret-in-the-other-class": (
        A + "no-secret-is-in-the-settings",
        lambda: web.WebAppApplicationSettings("it", name="app", properties={"API_KEY": "x"}, **IN),
    ),
    "a-deployment-by-key": (
        A + "storage-is-reached-by-identity",
        deployed("StorageAccountConnectionString"),
    ),
    "an-old-stack-of-another-plan": (
        A + "runtime-is-maintained",
        app(site={"linux_fx_version": "PYTHON|3.8"}),
    ),
}
FINE = {
    "an-application-that-is-named": (
        A + "only-who-is-named-calls",
        entra(allowed_applications=["one"]),
    ),
    "a-reference-to-key-vault": (
        A + "no-secret-is-in-the-settings",
        app({"DB_PASSWORD": "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/a)"}),
    ),
    "an-identity-in-the-place-of-a-secret": (
        A + "no-secret-is-in-the-settings",
        app({"BUS__credential": "managedidentity"}),
    ),
    "a-deployment-by-identity": (
        A + "storage-is-reached-by-identity",
        deployed("UserAssignedIdentity"),
    ),
    "a-stack-of-another-plan": (
        A + "runtime-is-maintained",
        app(site={"linux_fx_version": "Python|3.13"}),
    ),
}


def test_every_rule_has_its_cases():
    assert {rule.id for rule in RULES if rule.id.startswith(A)} == set(CASES)


@pytest.mark.parametrize("called", [True, False])
def test_our_own_function_passes_every_rule_of_functions(preview, called):
    by = {
        "callers": ["00000000-0000-0000-0000-000000000005"],
        "application": FunctionApplication(
            client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
        ),
    }
    place = AzurePlace(
        subscription_id="00000000-0000-0000-0000-000000000001",
        tenant_id="00000000-0000-0000-0000-000000000002",
        location="westeurope",
        resource_group_name="group",
        functions_subnet_id="/subnets/functions",
    )
    args = AzureFunctionArgs(
        spec=FunctionSpec(),
        description="For a test",
        code=Package("rotation"),
        app="main:app",
        store=AzureLogStore(
            place=place,
            workspace_id="/workspace",
            archive_id="/archive",
            retention_days=400,
            deletion_protection=False,
        ),
        key=AzureKey(name="k", vault_uri="https://v.vault.azure.net/", resource_id="/k"),
        **(by if called else {}),
    )
    graph = preview(lambda: AzureFunction("it", args), rendered=True)

    asked_of = [r for r in RULES if r.id.startswith((A, "azure.object_store."))]
    found = {(f.rule.id, f.outcome) for f in judge(graph, asked_of)}
    failed = {rule_id for rule_id, outcome in found if outcome not in {"pass", "not applicable"}}
    # Of the storage, which has a firewall where there is no network.
    assert failed == {"azure.object_store.account-has-no-public-address"}


def test_the_rule_and_the_component_know_the_same_days():
    of_rule = days()["azure-functions"]

    for runtime, day in END_OF_SUPPORT_ON_AZURE.items():
        assert of_rule[f"python {runtime.removeprefix('python')}"] == day

"""Function apps, and other apps of App Service: who comes in, what they run on, what they know."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.azure_logs import is_logged
from bulwark_toolkit.compliance.end_of_support import last_day
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.secret_names import holds_a_secret
from bulwark_toolkit.compliance.subject import Subject

APP: Final = "azure-native:web:WebApp"
CALLERS: Final = "azure-native:web:WebAppAuthSettingsV2"
SETTINGS: Final = "azure-native:web:WebAppApplicationSettings"
FTP: Final = "azure-native:web:WebAppFtpAllowed"
SCM: Final = "azure-native:web:WebAppScmAllowed"

_NEWEST_TLS: Final = ("1.2", "1.3")
_REFUSED: Final = ("Return401", "Return403", "Return404")
_LOGS: Final = ("allLogs", "audit", "FunctionAppLogs", "AppServiceHTTPLogs")
_ENTRA: Final = "identityProviders.azureActiveDirectory"
_STACK: Final = re.compile(r"(?P<language>[A-Za-z-]+)\|(?P<version>[\w.]+)")
"""A runtime as plans other than Flex Consumption have it, such as PYTHON|3.11."""

_OWN_STORAGE: Final = ("AzureWebJobsStorage", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING")
"""Settings that hold a key of the app's storage: with an identity, their names have more parts."""


@rule(
    "azure.functions.app-is-reached-over-tls-only",
    APP,
    severity="high",
    requires="Every app refuses whatever is sent in the clear",
    remediation="Set httpsOnly to true.",
    reference="PCI 4.2.1",
)
def app_is_reached_over_tls_only(app: Subject) -> Iterator[Verdict]:
    value = app.get("httpsOnly", False)  # Azure's default
    yield Verdict(value is True, "httpsOnly", value)


@rule(
    "azure.functions.app-speaks-tls-1-2-at-least",
    APP,
    severity="medium",
    requires="Every app, and the door that its code comes through, speaks TLS 1.2 or newer",
    remediation='Set siteConfig.minTlsVersion and siteConfig.scmMinTlsVersion to "1.2".',
    reference="PCI 4.2.1",
)
def app_speaks_tls_1_2_at_least(app: Subject) -> Iterator[Verdict]:
    for at in ("siteConfig.minTlsVersion", "siteConfig.scmMinTlsVersion"):
        value = app.get(at, "1.2")  # Azure's default since 2018
        yield Verdict(value in _NEWEST_TLS, at, value)


@rule(
    "azure.functions.no-password-brings-code",
    APP,
    severity="high",
    requires="Code comes to an app with a token of Entra ID, never with a password",
    remediation="Make WebAppFtpAllowed and WebAppScmAllowed of the app with allow set to false.",
    reference="PCI 8.3.2",
    alone=False,
)
def no_password_brings_code(app: Subject) -> Iterator[Verdict]:
    for token, what in ((FTP, "FTP"), (SCM, "the deployment door")):
        found = app.attached(token, by="name")
        for policy in found:
            value = policy.get("allow")
            yield Verdict(value is False, "allow", value, urn=policy.urn)
        if not found:
            yield Verdict(False, "name", text=f"nothing says that {what} takes no passwords")


@rule(
    "azure.functions.nobody-debugs-from-afar",
    APP,
    severity="high",
    requires="No app has a door for debuggers",
    remediation="Set siteConfig.remoteDebuggingEnabled to false.",
    reference="PCI 2.2.4",
)
def nobody_debugs_from_afar(app: Subject) -> Iterator[Verdict]:
    at = "siteConfig.remoteDebuggingEnabled"
    value = app.get(at, False)
    yield Verdict(value is False, at, value)


@rule(
    "azure.functions.app-has-an-identity",
    APP,
    severity="high",
    requires="Every app is somebody to Entra ID, so that it needs no keys",
    remediation="Set identity to a user-assigned one, and give it its roles.",
    reference="PCI 8.6.2",
)
def app_has_an_identity(app: Subject) -> Iterator[Verdict]:
    value = app.get("identity.type", "None")
    yield Verdict(value != "None", "identity.type", value)


@rule(
    "azure.functions.app-asks-who-calls",
    APP,
    severity="critical",
    requires="Every app lets in only who proves who they are, and sends nobody elsewhere for it",
    remediation="Make WebAppAuthSettingsV2 of the app with platform.enabled, "
    "globalValidation.requireAuthentication and unauthenticatedClientAction Return401.",
    reference="PCI 7.3.1",
    alone=False,
)
def app_asks_who_calls(app: Subject) -> Iterator[Verdict]:
    found = app.attached(CALLERS, by="name")
    for settings in found:
        for at, usual in (
            ("platform.enabled", False),
            ("globalValidation.requireAuthentication", False),
        ):
            value = settings.get(at, usual)
            yield Verdict(value is True, at, value, urn=settings.urn)
        at = "globalValidation.unauthenticatedClientAction"
        action = settings.get(at, "RedirectToLoginPage")
        yield Verdict(action in _REFUSED, at, action, urn=settings.urn)
    if not found:
        yield Verdict(False, "name", text="has no WebAppAuthSettingsV2")


@rule(
    "azure.functions.only-who-is-named-calls",
    CALLERS,
    severity="high",
    requires="An app that takes tokens of Entra ID takes those for itself, of who is named",
    remediation="Set validation.allowedAudiences, and in validation.defaultAuthorizationPolicy the "
    "identities, groups or applications: else everybody in the tenant may call.",
    reference="PCI 7.2.1",
)
def only_who_is_named_calls(settings: Subject) -> Iterator[Verdict]:
    if settings.get(f"{_ENTRA}.enabled", True) is False or not settings.has(_ENTRA):
        return
    at = f"{_ENTRA}.validation"
    # The ids need not be known to be counted.
    audiences = settings.each(f"{at}.allowedAudiences")
    yield Verdict(bool(audiences), f"{at}.allowedAudiences", len(audiences))
    policy = f"{at}.defaultAuthorizationPolicy"
    named = [
        one
        for where in (
            f"{policy}.allowedPrincipals.identities",
            f"{policy}.allowedPrincipals.groups",
            f"{policy}.allowedApplications",
        )
        for one in settings.each(where)
    ]
    yield Verdict(bool(named), policy, len(named))


@rule(
    "azure.functions.no-secret-is-in-the-settings",
    APP,
    SETTINGS,
    severity="high",
    requires="No app has a secret in its settings",
    remediation="Keep it in Key Vault, and give the app its address or a reference to it.",
    reference="PCI 8.6.2",
)
def no_secret_is_in_the_settings(app: Subject) -> Iterator[Verdict]:
    at, named = _settings(app)
    # Never its value: that is what it may be.
    found = [name for name, value in named.items() if holds_a_secret(name, value)]
    for name in found:
        yield Verdict(False, at, name)
    if named and not found:
        yield Verdict(True, at, sorted(named))


@rule(
    "azure.functions.storage-is-reached-by-identity",
    APP,
    severity="high",
    requires="A function app reaches its own storage by its identity, and holds no key of it",
    remediation="Set AzureWebJobsStorage__accountName and __credential in the place of "
    "AzureWebJobsStorage, and the deployment's authentication to a managed identity.",
    reference="PCI 8.6.2",
)
def storage_is_reached_by_identity(app: Subject) -> Iterator[Verdict]:
    if "functionapp" not in str(app.get("kind", "")):
        return
    at, named = _settings(app)
    held = sorted(set(_OWN_STORAGE) & set(named))
    yield Verdict(not held, at, ", ".join(held) or "no key")
    deployed = "functionAppConfig.deployment.storage.authentication.type"
    if app.has(deployed):
        value = app.get(deployed)
        yield Verdict(value != "StorageAccountConnectionString", deployed, value)


@rule(
    "azure.functions.runtime-is-maintained",
    APP,
    severity="high",
    requires="Every app runs on what Azure still mends",
    remediation="Move to a newer version of the language.",
    reference="PCI 6.3.3",
)
def runtime_is_maintained(app: Subject) -> Iterator[Verdict]:
    at = "functionAppConfig.runtime"
    if app.has(at):
        runtime = f"{app.get(f'{at}.name')} {app.get(f'{at}.version')}"
    else:
        at = "siteConfig.linuxFxVersion"
        found = _STACK.fullmatch(app.get(at, ""))
        runtime = f"{found['language'].lower()} {found['version']}" if found else ""
    if runtime:  # without one, it is a container's
        last = last_day("azure-functions", runtime)
        yield Verdict(True, at, runtime, f"mended until {last} only", until=last)


@rule(
    "azure.functions.app-logs-what-it-does",
    APP,
    severity="medium",
    requires="Every app sends its log where it is kept",
    remediation="Make a DiagnosticSetting of the app with the group allLogs.",
    reference="CIS Azure 6.1.4",
    alone=False,
)
def app_logs_what_it_does(app: Subject) -> Iterator[Verdict]:
    yield from is_logged(app, _LOGS)


def _settings(app: Subject) -> tuple[str, dict[str, Any]]:
    """The settings by name, and where they are."""
    if app.has("properties"):  # the class that holds nothing else
        return "properties", app.get("properties")
    at = "siteConfig.appSettings"
    # A value need not be known: its name says enough.
    return at, {app.get(f"{one}.name"): app.get(one).get("value") for one in app.each(at)}

"""What a subscription still lacks for a stack: asked of Azure, and never changed by us."""

import fnmatch
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from pulumi_bulwark.access import AccessSpec
from pulumi_bulwark.access.azure_rights import BESIDE
from pulumi_bulwark.errors import ConfigError

from ..preview import Graph, Project, UsageError
from . import azure_sdk, common

_RESOURCES: Final = "Microsoft.Resources"
"""What every subscription has."""

_BESIDE: Final = {
    "Microsoft.Authorization/policyAssignments": "Microsoft.PolicyInsights",
    "Microsoft.Insights/scheduledQueryRules": "Microsoft.AlertsManagement",
    # Functions run in a subnet that is delegated to it.
    "Microsoft.Network/virtualNetworks": "Microsoft.App",
    "Microsoft.SecurityInsights/onboardingStates": "Microsoft.OperationsManagement",
    "Microsoft.Web/serverfarms": "Microsoft.App",
}
"""Providers that work for a type of another one's, and are to be registered as well."""

_OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
"""GUID of the role that whoever breaks the glass gets."""

_FINDINGS: Final = 1

_APPLICATION: Final = "bulwark:foundation.functionApplication"

_MAKE_APPLICATION: Final = """\
Functions are called over HTTP, and the tenant has no application that they ask tokens for. Who may
make one runs, once for the tenant:

  ID=$(az ad app create --display-name bulwark-functions --sign-in-audience AzureADMyOrg --query appId --output tsv)
  az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications(appId='$ID')" --body "{\\"identifierUris\\": [\\"api://$ID\\"], \\"api\\": {\\"requestedAccessTokenVersion\\": 2}}"
  az ad sp create --id $ID

It has no secret and no permission. Name it in the stack file, and run this again:

  bulwark:foundation: {functionApplication: {clientId: ID, audience: "api://ID"}}
"""  # noqa: E501 commands stay on their lines


@click.command(epilog="Example: bulwark bootstrap -s azure-dev")
@common.directory
@common.stack
@common.format_("text", "json")
@common.output
@click.pass_context
def bootstrap(
    context: click.Context,
    directory: Path,
    stack: str | None,
    format_: str,
    output: Path | None,
) -> None:
    """Say what an Azure subscription lacks for a stack, and what to run.

    It asks for the resource providers and the rights that what the stack contains needs, with your
    own credentials, and changes nothing. Exit status 1 if something is missing: also the
    application that function apps ask tokens for, if the stack file names none.
    """
    project = Project.find(directory)
    of = common.recording(project, stack, None)
    settings = of.settings.config if of.settings else None
    if settings is None or settings.cloud != "azure":
        raise UsageError("bootstrap is for a stack with bulwark:cloud: azure")
    subscription = azure_sdk.subscription(settings.account.id, of.program.config)
    try:
        wanted = _Wanted.of(of(rendered=True))
    except ConfigError as error:
        if not any(_APPLICATION in problem for problem in error.problems):
            raise
        common.write(_no_application(subscription, format_), output)
        context.exit(_FINDINGS)
    azure = azure_sdk.Subscription(subscription)
    lacking = _lacking(wanted, azure)
    rules = azure.rules_of_role(_OWNER) if _may_set_rules(settings.access) else ()
    shown = (
        _as_json(subscription, lacking, rules)
        if format_ == "json"
        else _text(subscription, lacking, rules)
    )
    common.write(shown, output)
    if any(lacking.values()):
        context.exit(_FINDINGS)


def _no_application(subscription: str, format_: str) -> str:
    if format_ == "json":
        return (
            json.dumps({"subscription": subscription, "settings": [_APPLICATION]}, indent=2) + "\n"
        )
    return _MAKE_APPLICATION


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What Azure must have and allow for a stack to be deployed."""

    providers: Sequence[str]
    """Namespaces, such as Microsoft.KeyVault."""
    actions: Sequence[str]
    """Such as Microsoft.KeyVault/vaults/write."""

    @classmethod
    def of(cls, graph: Graph) -> "_Wanted":
        """Of all that a stack contains, by the full ids that it would have."""
        kinds = {kind_of(r.id) for r in graph.resources if r.id.startswith("/subscriptions/")}
        namespaces = {kind.partition("/")[0] for kind in kinds} - {_RESOURCES}
        namespaces |= {provider for kind, provider in _BESIDE.items() if kind in kinds}
        actions = {f"{kind}/{verb}" for kind in kinds for verb in ("read", "write")}
        actions |= {action for kind in kinds for action in BESIDE.get(kind, ())}
        return cls(sorted(namespaces), sorted(actions))


def kind_of(resource_id: str) -> str:
    """The type of a resource by its full id: the last provider's, with all its levels."""
    _, within, path = resource_id.rpartition("/providers/")
    if not within:
        return f"{_RESOURCES}/subscriptions/resourceGroups"
    namespace, *levels = path.split("/")
    return "/".join([namespace, *levels[::2]])


def _may_set_rules(access: AccessSpec) -> bool:
    glass = access.break_glass
    return glass is not None and glass.activation_rules is None


def _lacking(wanted: _Wanted, subscription: azure_sdk.Subscription) -> dict[str, list[str]]:
    there, permissions = subscription.registered(), subscription.permissions()
    return {
        "providers": [one for one in wanted.providers if one.lower() not in there],
        "actions": [one for one in wanted.actions if not _allowed(one, permissions)],
    }


def _allowed(action: str, permissions: Iterable[Mapping[str, Any]]) -> bool:
    """As Azure adds roles up: one role must allow it, and not except it itself."""
    return any(
        _matches(action, role.get("actions", ()))
        and not _matches(action, role.get("notActions", ()))
        for role in permissions
    )


def _matches(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _as_json(subscription: str, lacking: Mapping[str, list[str]], rules: Sequence[str]) -> str:
    told = {"activationRules": list(rules)} if rules else {}
    return json.dumps({"subscription": subscription, **lacking, **told}, indent=2) + "\n"


def _text(subscription: str, lacking: Mapping[str, list[str]], rules: Sequence[str]) -> str:
    lines = (*_lines(subscription, lacking), *_lines_of_rules(rules))
    return "".join(f"{line}\n" for line in lines)


def _lines_of_rules(rules: Sequence[str]) -> Iterator[str]:
    for guid in rules:
        yield ""
        yield "The subscription's rules for who activates the role Owner are not the stack's yet:"
        yield ""
        yield f"  bulwark:access.breakGlass.activationRules: {guid}"


def _lines(subscription: str, lacking: Mapping[str, list[str]]) -> Iterator[str]:
    if not any(lacking.values()):
        yield f"Subscription {subscription} has what the stack needs."
        return
    if providers := lacking["providers"]:
        yield "Resource providers are not registered. Who may do so runs:"
        yield ""
        for namespace in providers:
            yield f"  az provider register --subscription {subscription} --namespace {namespace}"
        yield ""
    if actions := lacking["actions"]:
        yield "You may not do all that the stack needs. You lack:"
        yield ""
        yield from (f"  {action}" for action in actions)
        yield ""
        yield "An owner of the subscription gives the roles, for the day of the first `up`, to you"
        yield "(User) or to a pipeline (ServicePrincipal) that bulwark:access does not make:"
        yield ""
        for role in _roles(actions):
            yield (
                f'  az role assignment create --role "{role}" --assignee-object-id OBJECT_ID '
                f"--assignee-principal-type User --scope /subscriptions/{subscription}"
            )


def _roles(actions: Iterable[str]) -> Iterator[str]:
    """Microsoft's own roles that have these actions between them."""
    of_access = {action.startswith("Microsoft.Authorization/") for action in actions}
    if False in of_access:
        yield "Contributor"
    if True in of_access:
        # Contributor may do everything but give roles, lock, and refuse.
        yield "User Access Administrator"

"""The function that gives secrets of a vault their next values, and their first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from ..function import FunctionSpec, Package
from ..function.azure import AppToBe, AzureFunction, AzureFunctionArgs
from ..log_group.azure import AzureLogStore
from ..role.azure import Grant, custom_role
from ..vault.azure import AzureKey
from .kind import Kind

APP: Final = AppToBe(
    code=Package("rotation"),
    # Less than what a new pepper is held back for, so that no older run can undo it.
    spec=FunctionSpec(timeout_seconds=300),
    at="rotation of secrets",
)
"""What runs, wherever secrets rotate."""

_RENEW: Final = (
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.KeyVault/vaults/secrets/update/action",
)
"""See when a version was made, make the next one, switch an old one off: none shows a value."""

_GROW: Final = (*_RENEW, "Microsoft.KeyVault/vaults/secrets/getSecret/action")
"""The same, and read the value that the next one is made of."""

_ACTIONS: Final[Mapping[Kind, tuple[str, ...]]] = {"generated": _RENEW, "pepper": _GROW}


@dataclass(frozen=True, kw_only=True, slots=True)
class RotatingSecret:
    """A secret that rotates, whether it has a value yet or not."""

    kind: Kind
    days: int
    """Days between two values."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its kind is told: `length` of what is generated, `retired` of peppers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureRotatorArgs:
    vault_id: pulumi.Input[str]
    """Full id of the vault."""
    vault_uri: pulumi.Input[str]
    """Address of the vault."""
    secrets: Mapping[str, RotatingSecret]
    """The secrets that it gives values, by what the vault calls them, and no other."""
    store: AzureLogStore
    """How the environment keeps its logs."""
    key: AzureKey
    """The key that encrypts the function's own storage."""


class AzureRotator(pulumi.ComponentResource):
    """A function that a timer calls every quarter of an hour, and that gives each secret its value.

    Key Vault rotates no secret itself. An event before the end of one would be sent once; a look
    that is missed is made up for by the next. It may see and set those secrets, and read the value
    of a pepper alone, which the next one is made of.
    """

    id: pulumi.Output[str]
    """Full id of the function app."""

    function_name: pulumi.Output[str]
    """What Azure calls the function app, by which its log is found."""

    principal_id: pulumi.Output[str]
    """Principal id of its identity."""

    def __init__(
        self, name: str, args: AzureRotatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureRotator", name, None, opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        function = AzureFunction(
            f"{name}-function",
            AzureFunctionArgs(
                spec=APP.spec,
                description="Makes the next value of the secrets that rotate",
                code=APP.code,
                app="bulwark_runtime.rotation.azure_app:app",
                store=args.store,
                key=args.key,
                grants=list(self._grants(child)),
                environment={
                    "BULWARK_VAULT_URI": args.vault_uri,
                    "BULWARK_ROTATION": _plan(args.secrets),
                },
                at=APP.at,
            ),
            child,
        )
        self.id, self.function_name = function.id, function.name
        self.principal_id = function.principal_id
        self.register_outputs(
            {
                "id": self.id,
                "functionName": self.function_name,
                "principalId": self.principal_id,
            }
        )

    def _grants(self, opts: pulumi.ResourceOptions) -> Iterator[Grant]:
        """A role at each secret. Azure gives it before the secret is there."""
        kinds: set[Kind] = {secret.kind for secret in self._args.secrets.values()}
        roles = {
            kind: custom_role(
                f"{self._name}-{kind}",
                self._args.store.place,
                description=_SAYS[kind],
                data_actions=_ACTIONS[kind],
                opts=opts,
            )
            for kind in sorted(kinds)
        }
        for secret, about in self._args.secrets.items():
            yield Grant(
                name=f"renews-{secret}",
                role=roles[about.kind],
                scope=pulumi.Output.format("{0}/secrets/{1}", self._args.vault_id, secret),
            )


_SAYS: Final[Mapping[Kind, str]] = {
    "generated": "Gives a secret its next value and cannot read one",
    "pepper": "Gives a secret its next value, made of the one before",
}


def _plan(secrets: Mapping[str, RotatingSecret]) -> str:
    """What the function is told, in the words of bulwark_runtime.rotation.azure."""
    plan: dict[str, Any] = {
        name: {
            "kind": secret.kind,
            "days": secret.days,
            # The tags that say it on AWS: the kinds are the same.
            "settings": {f"bulwark:{key}": value for key, value in secret.settings.items()},
        }
        for name, secret in secrets.items()
    }
    return json.dumps(plan, sort_keys=True, separators=(",", ":"))

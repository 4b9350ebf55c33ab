"""The credential vault on Azure: tables, a pepper, and a function app for each set of rights."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pulumi

from .. import notes
from ..errors import ConfigError
from ..function import FunctionApplication, FunctionSpec, Package
from ..function.azure import AzureFunction, AzureFunctionArgs
from ..function.azure import problems as problems_of_function
from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import physical
from ..role.azure import Grant, custom_role, principal_of
from ..secret.azure_rotator import AzureRotator, AzureRotatorArgs, RotatingSecret
from ..vault.azure import AzureKey, AzureVault, AzureVaultArgs
from .azure_apps import APPS, DATA_ACTIONS, SAYS, App, AppName, Role, Scopes, grants
from .azure_table import AzureVaultTables, AzureVaultTablesArgs
from .spec import CredentialsSpec, Operation

_AT: Final = "bulwark:credentials"

_APP: Final = "bulwark_runtime.credentials.azure_app:app"

_PEPPER: Final = "pepper"

_LONGEST_SECONDS: Final = 300
"""Of an app that goes through all users, a part in each call: Azure waits 230 for an answer."""

_METRICS: Final = {"service": "credentials", "lockouts": "Lockouts"}
"""What bulwark_runtime.credentials.azure_log calls itself and its metrics: a test compares them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureCredentialsArgs:
    spec: CredentialsSpec
    store: AzureLogStore
    """How the environment keeps its logs; its place is the vault's."""
    key: AzureKey
    """The key of the tables' account, and of the apps' own storage."""
    application: FunctionApplication | None = None
    """The application in Entra ID whose tokens callers show."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the tables and the vaults."""


class AzureCredentials(pulumi.ComponentResource):
    """A vault for the passwords of an application's own users.

    Who checks passwords has the pepper, and who manages users has not: each is an app with an
    identity of its own. For each operation the app lets in whom the settings name, and Entra ID
    says who somebody is. Raises a ConfigError with all that Azure would refuse.
    """

    function_urls: dict[Operation, pulumi.Output[str]]
    """Address of each operation, for a POST with a token for the audience."""

    audience: str | None
    """Whom the tokens of callers are for; None where nobody is named who calls."""

    function_names: dict[str, pulumi.Output[str]]
    """What Azure calls each function app, by which its log is found: sign-in, administration and
    rotation."""

    table_names: dict[str, pulumi.Output[str]]
    """Name of the tables `users` and `attempts`."""

    pepper_id: pulumi.Output[str]
    """Address of the secret with the pepper, which the rotation makes."""

    metrics: dict[str, str]
    """What the apps' log lines say: their `service` and `vault`, and the `metric` of an attempt
    that came too often (`lockouts`)."""

    def __init__(
        self, name: str, args: AzureCredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureCredentials", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self._tables = AzureVaultTables(
            f"{name}-tables",
            AzureVaultTablesArgs(
                store=args.store, key=args.key, deletion_protection=args.deletion_protection
            ),
            self._child,
        )
        # Apart, as on AWS: who has the hashes cannot begin to guess without the pepper.
        self._pepper = self._vault("pepper")
        self._hashes = self._vault("hashes") if args.spec.store != "table" else None
        self._label = physical("metric-dimension", pulumi.get_project(), pulumi.get_stack(), name)
        self.pepper_id = pulumi.Output.concat(self._pepper.uri, f"secrets/{_PEPPER}")
        self.table_names = {**self._tables.names}

        apps = {of: self._function(of, app) for of, app in APPS.items()}
        rotator = self._rotator()
        self.function_urls = {
            operation: pulumi.Output.concat(apps[of].url, f"/{operation}")
            for of, app in APPS.items()
            for operation in _operations(args.spec, app)
        }
        self.audience = next((app.audience for app in apps.values() if app.audience), None)
        self.function_names = {
            **{of: app.name for of, app in apps.items()},
            "rotation": rotator.function_name,
        }
        self.metrics = {**_METRICS, "vault": self._label}
        self._tell()
        self.register_outputs(
            {
                "functionUrls": self.function_urls,
                "audience": self.audience,
                "functionNames": self.function_names,
                "tableNames": self.table_names,
                "pepperId": self.pepper_id,
                "metrics": self.metrics,
            }
        )

    def _vault(self, of: str) -> AzureVault:
        """A vault in which nothing else is, so that a role there is one for that alone."""
        vault = AzureVault(
            f"{self._name}-{of}",
            AzureVaultArgs(
                place=self._args.store.place,
                soft_delete_days=self._args.spec.recovery_days,
                sku="standard",  # no key is in it
                deletion_protection=self._args.deletion_protection,
            ),
            self._child,
        )
        diagnostics(
            f"{self._name}-{of}",
            "Microsoft.KeyVault/vaults",
            vault.id,
            self._args.store,
            self._child,
        )
        return vault

    def _function(self, of: AppName, app: App) -> AzureFunction:
        scopes = Scopes(
            tables=self._tables.scopes,
            pepper=pulumi.Output.format("{0}/secrets/{1}", self._pepper.id, _PEPPER),
            hashes=self._hashes.id if self._hashes else None,
        )
        args = _function(
            self._args,
            app,
            grants=list(grants(app, self._roles, scopes)),
            environment=self._environment(app),
        )
        return AzureFunction(f"{self._name}-{of}", args, self._child)

    @cached_property
    def _roles(self) -> Mapping[Role, pulumi.Output[str]]:
        wanted: set[Role] = {role for app in APPS.values() for role in app.tables.values()}
        if self._hashes:
            wanted.add("keeps-hashes")
        return {
            role: custom_role(
                f"{self._name}-{role}",
                self._args.store.place,
                description=SAYS[role],
                data_actions=DATA_ACTIONS[role],
                opts=self._child,
            )
            for role in sorted(wanted)
        }

    def _environment(self, app: App) -> dict[str, pulumi.Input[str]]:
        spec = self._args.spec
        settings: dict[str, pulumi.Input[str]] = {
            "BULWARK_TABLES": self._tables.uri,
            "BULWARK_USERS_TABLE": self._tables.names["users"],
            "BULWARK_ATTEMPTS_TABLE": self._tables.names["attempts"],
            "BULWARK_OPERATIONS": json.dumps(
                {of: _principals(spec, of) for of in _operations(spec, app)}
            ),
            "BULWARK_POLICY": json.dumps(spec.policy()),
            "BULWARK_VAULT": self._label,
        }
        if app.drops_expired:
            settings["BULWARK_DROPS_EXPIRED"] = "true"
        if app.pepper:
            settings["BULWARK_PEPPER_URI"] = self.pepper_id
        if self._hashes:
            settings["BULWARK_STORE"] = "secrets" if spec.store == "secrets" else "table"
            settings["BULWARK_HASHES_URI"] = self._hashes.uri
        return settings

    def _rotator(self) -> AzureRotator:
        spec = self._args.spec
        return AzureRotator(
            f"{self._name}-rotator",
            AzureRotatorArgs(
                vault_id=self._pepper.id,
                vault_uri=self._pepper.uri,
                secrets={
                    _PEPPER: RotatingSecret(
                        kind="pepper", days=spec.pepper_rotation_days, settings=_retired(spec)
                    )
                },
                store=self._args.store,
                key=self._args.key,
            ),
            self._child,
        )

    def _tell(self) -> None:
        spec = self._args.spec
        notes.limit(
            self,
            "no password can be set or checked before the first pepper is there: the rotation "
            "makes it within a quarter of an hour after the first `up`",
        )
        notes.limit(
            self,
            "Table Storage has no way back in time: what an app overwrites is gone. The account is "
            "in three data centres, and nobody deletes it by mistake",
        )
        if self._hashes:
            notes.limit(
                self,
                f"a deleted user's hashes can be restored for {spec.recovery_days} days, and not "
                "purged, and a replaced one is kept as long as its user",
            )
        if "pci" not in spec.presets:
            notes.limit(self, "without the preset pci, passwords are not held to PCI DSS 8.3")
        if not spec.callers:
            notes.limit(self, "nobody is named who calls the vault: name callers")
        notes.loosened(self, _AT, spec)


def problems(args: AzureCredentialsArgs) -> Iterator[str]:
    """What Azure would refuse of these settings, or would not do, a line each."""
    yield from args.spec.unsupported("azure", f"{_AT}.")
    yield from _of_callers(args.spec)
    for app in APPS.values():
        yield from problems_of_function(_function(args, app))


def _of_callers(spec: CredentialsSpec) -> Iterator[str]:
    for operation, callers in spec.callers.items():
        if operation not in spec.operations():
            yield (
                f"{_AT}.callers.{operation}: there is no such function with these settings. See "
                "upkeep and store."
            )
        for number, caller in enumerate(callers):
            if caller.startswith("group:"):
                yield (
                    f"{_AT}.callers.{operation}[{number}]: is a group, and the token of a workload "
                    "does not say which groups it is in. Name its identity."
                )


def _function(
    args: AzureCredentialsArgs,
    app: App,
    *,
    grants: Sequence[Grant] = (),
    environment: Mapping[str, pulumi.Input[str]] | None = None,
) -> AzureFunctionArgs:
    return AzureFunctionArgs(
        spec=_runs(args.spec, app),
        description=app.says,
        code=Package("credentials"),
        app=_APP,
        store=args.store,
        key=args.key,
        grants=grants,
        environment=environment or {},
        callers=_callers(args.spec, app),
        application=args.application,
        at=f"{_AT}.function",
    )


def _runs(spec: CredentialsSpec, app: App) -> FunctionSpec:
    if app.drops_expired:
        return spec.function.model_copy(update={"timeout_seconds": _LONGEST_SECONDS})
    return spec.function


def _operations(spec: CredentialsSpec, app: App) -> list[Operation]:
    return [operation for operation in app.operations if operation in spec.operations()]


def _callers(spec: CredentialsSpec, app: App) -> list[str]:
    """Whoever may call one of its operations: the platform lets them in, the app looks closer."""
    named = {who for operation in _operations(spec, app) for who in _principals(spec, operation)}
    return sorted(named)


def _principals(spec: CredentialsSpec, operation: Operation) -> list[str]:
    return [principal_of(who)[1] for who in spec.callers.get(operation, ())]


def _retired(spec: CredentialsSpec) -> dict[str, str]:
    return {"retired": " ".join(spec.retired_peppers)} if spec.retired_peppers else {}

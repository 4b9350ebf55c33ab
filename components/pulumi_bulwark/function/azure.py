"""Azure function apps: each with an identity, a storage account and a log of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..days import today
from ..errors import ConfigError
from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import logical
from ..object_store import LifecycleRuleSpec, ObjectStoreSpec
from ..object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from ..private_endpoint.azure import private_endpoint
from ..role.azure import AzureIdentity, AzureIdentityArgs, Grant
from ..vault.azure import AzureKey
from . import azure_code, azure_site, environment
from .code import Package
from .spec import END_OF_SUPPORT_ON_AZURE, FunctionSpec
from .spec_azure import FunctionApplication

_PACKAGES: Final = "packages"
"""The container that Azure keeps an app's code in."""

_OF_ITS_OWN: Final = (
    "Storage Blob Data Owner",
    "Storage Queue Data Contributor",
    "Storage Table Data Contributor",
)
"""What the host needs of the app's own storage: its locks and its code, its queues, its events."""

_LONGEST_DESCRIPTION: Final = 256
"""Of a tag's value, which is where Azure has room for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureFunctionArgs:
    spec: FunctionSpec
    description: str
    """What the app does, in a sentence of up to 256 characters."""
    code: Package
    """What it runs."""
    app: str
    """Where the app of the v2 model is, such as bulwark_runtime.input_guard.azure_app:app."""
    store: AzureLogStore
    """How the environment keeps its logs; its place is the app's."""
    key: AzureKey
    """The key that encrypts the app's own storage."""
    grants: Sequence[Grant] = ()
    """What the app may do, beside using its own storage."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Settings that the code reads. No secret: name where it is. A name that begins with
    AzureFunctionsJobHost__ is one of the host's."""
    service_buses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Host names of the namespaces whose queues call it, by the connections' names. What it may do
    there is a grant."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Text files beside the code, by their paths: the code finds them below BULWARK_FILES."""
    callers: Sequence[pulumi.Input[str]] = ()
    """Principal ids that may call it over HTTP. None: nobody may."""
    application: FunctionApplication | None = None
    """The application in Entra ID whose tokens callers show."""
    at_once: int | None = None
    """Calls over HTTP that an instance takes at once. None: Azure's own, which is one for Python:
    a second call waits for another instance to start."""
    deletion_protection: bool = False
    """Whether Pulumi refuses to delete the app's storage, and what still waits in its queues."""
    at: str = "function"
    """Where the spec stands in the config, for messages, such as bulwark:inputGuard.function."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppToBe:
    """What the settings alone say of an app, before there is anything for it to use."""

    code: Package
    spec: FunctionSpec
    at: str
    """Where the spec stands in the config, for messages."""
    called: bool = False
    """Whether somebody calls it over HTTP."""


class AzureFunction(pulumi.ComponentResource):
    """A function app that can do what it names and nothing else.

    It has a plan and a storage account of its own: whoever may write where an app's code and keys
    are kept, may run as that app.

    Raises a ConfigError with all that Azure would refuse, or if the engine runs and the code is not
    packaged.
    """

    id: pulumi.Output[str]
    """Full id of the app, known once its code is there."""

    name: pulumi.Output[str]
    """What Azure calls it, known once its code is there."""

    host: pulumi.Output[str]
    """Its host name, known once its code is there."""

    url: pulumi.Output[str]
    """Its address, https and without a slash at the end, known once its code is there."""

    audience: str | None
    """Whom the tokens of callers are for; None if nobody may call it."""

    identity_id: pulumi.Output[str]
    """Full id of its identity, known once the roles count."""

    client_id: pulumi.Output[str]
    """Client id of its identity, known once the roles count."""

    principal_id: pulumi.Output[str]
    """Principal id of its identity, known at once."""

    log_group_id: pulumi.Output[str]
    """Full id of the workspace that has its log."""

    storage_id: pulumi.Output[str]
    """Full id of its storage account, for queues of its own."""

    storage_name: pulumi.Output[str]
    """Name of its storage account."""

    def __init__(
        self, name: str, args: AzureFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureFunction", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        storage = self._storage()
        identity = self._identity(storage)
        app = self._app(storage, identity)
        closed = self._close(app)
        code = azure_code.arrives(
            name,
            args.code,
            args.files,
            args.spec,
            app_id=app.id,
            kept_in=storage.account_name,
            opts=pulumi.ResourceOptions(parent=self, depends_on=closed),
        )
        self.id, self.name, self.host = (
            pulumi.Output.all(value, code).apply(lambda all_: all_[0])
            for value in (app.id, app.name, app.default_host_name)
        )
        self.url = pulumi.Output.concat("https://", self.host)
        self.audience = args.application.audience if args.application and args.callers else None
        self.identity_id, self.client_id = identity.id, identity.client_id
        self.principal_id = identity.principal_id
        self.storage_id, self.storage_name = storage.id, storage.account_name
        self.log_group_id = pulumi.Output.from_input(args.store.workspace_id)
        self._tell()
        self.register_outputs(
            {
                "id": self.id,
                "name": self.name,
                "host": self.host,
                "url": self.url,
                "audience": self.audience,
                "identityId": self.identity_id,
                "clientId": self.client_id,
                "principalId": self.principal_id,
                "logGroupId": self.log_group_id,
                "storageId": self.storage_id,
                "storageName": self.storage_name,
            }
        )

    @property
    def _is_private(self) -> bool:
        """Whether the app has no public address: none needs one whom nobody calls."""
        return self._args.store.place.subnet_id is not None and not self._args.callers

    def _storage(self) -> AzureObjectStore:
        args, name = self._args, f"{self._name}-storage"
        storage = AzureObjectStore(
            name,
            AzureObjectStoreArgs(
                # The host writes its locks and schedules again and again.
                spec=ObjectStoreSpec(lifecycle=(LifecycleRuleSpec(),)),
                place=args.store.place,
                key=args.key,
                containers=[_PACKAGES],
                endpoints=["blob", "queue"],
                deletion_protection=args.deletion_protection,
            ),
            self._child,
        )
        diagnostics(
            name,
            "Microsoft.Storage/storageAccounts/blobServices",
            pulumi.Output.format("{0}/blobServices/default", storage.id),
            args.store,
            self._child,
        )
        return storage

    def _identity(self, storage: AzureObjectStore) -> AzureIdentity:
        own = [
            Grant(name=role.split()[1].lower(), role=role, scope=storage.id) for role in _OF_ITS_OWN
        ]
        return AzureIdentity(
            f"{self._name}-runs-as",
            AzureIdentityArgs(place=self._args.store.place, grants=[*own, *self._args.grants]),
            self._child,
        )

    def _app(self, storage: AzureObjectStore, identity: AzureIdentity) -> azure_native.web.WebApp:
        args, place = self._args, self._args.store.place
        plan = azure_native.web.AppServicePlan(
            logical("app-service-plan", f"{self._name}-plan"),
            resource_group_name=place.resource_group_name,
            location=place.location,
            kind="functionapp",
            # Flex Consumption: one app a plan.
            sku={"name": "FC1", "tier": "FlexConsumption"},
            reserved=True,
            opts=self._child,
        )
        container = pulumi.Output.format("https://{0}/{1}", storage.domain_name, _PACKAGES)
        return azure_native.web.WebApp(
            logical("function-app", f"{self._name}-app"),
            resource_group_name=place.resource_group_name,
            location=place.location,
            kind="functionapp,linux",
            reserved=True,
            server_farm_id=plan.id,
            https_only=True,
            public_network_access="Disabled" if self._is_private else "Enabled",
            virtual_network_subnet_id=place.functions_subnet_id,
            identity=azure_site.runs_as(identity.id),
            key_vault_reference_identity=identity.id,
            function_app_config=azure_site.runs(
                args.spec, container, identity.id, at_once=args.at_once
            ),
            site_config=azure_site.site(
                args.spec, self._settings(storage, identity), called=bool(args.callers)
            ),
            tags={"description": args.description},
            # The container, with the rest of the account's settings, and the roles are there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[storage]),
        )

    def _settings(
        self, storage: AzureObjectStore, identity: AzureIdentity
    ) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {
            **{
                name: environment.in_the_open(args.at, name, value, environment.AZURE)
                for name, value in args.environment.items()
            },
            **azure_site.storage_by_identity(storage.account_name, identity.client_id),
            **self._service_buses(identity),
            "AZURE_CLIENT_ID": identity.client_id,
            "BULWARK_APP": args.app,
            "BULWARK_FILES": azure_site.FOLDER,
        }

    def _service_buses(self, identity: AzureIdentity) -> dict[str, pulumi.Input[str]]:
        return {
            name: value
            for connection, host in self._args.service_buses.items()
            for name, value in azure_site.service_bus_by_identity(
                connection, host, identity.client_id
            ).items()
        }

    def _close(self, app: azure_native.web.WebApp) -> list[pulumi.Resource]:
        """Shut every way in but the one that asks Entra ID, before there is code behind it."""
        name, args, place = self._name, self._args, self._args.store.place
        of_app = {"name": app.name, "resource_group_name": place.resource_group_name}
        if self._is_private:
            private_endpoint(name, place, "sites", app.id, self._child)
        return [
            # No passwords to bring code with.
            azure_native.web.WebAppFtpAllowed(
                f"{name}-ftp", **of_app, allow=False, opts=self._child
            ),
            azure_native.web.WebAppScmAllowed(
                f"{name}-scm", **of_app, allow=False, opts=self._child
            ),
            azure_native.web.WebAppAuthSettingsV2(
                f"{name}-callers",
                **of_app,
                **azure_site.callers(args.application, args.callers, place.tenant_id),
                opts=self._child,
            ),
            diagnostics(name, "Microsoft.Web/sites", app.id, args.store, self._child),
        ]

    def _tell(self) -> None:
        args = self._args
        if (last_day := END_OF_SUPPORT_ON_AZURE[args.spec.runtime]) < today():
            notes.overdue(
                self,
                f"{args.at}.runtime is {args.spec.runtime}, which Azure mends no longer since "
                f"{last_day}. Set a newer one",
            )
        if args.callers and args.store.place.subnet_id:
            notes.limit(
                self,
                "it has a public address, at which it lets in only tokens of who may call it: API "
                "Management reaches no other without a network of its own",
            )
        if self._is_private:
            notes.limit(
                self,
                "its code arrives through its private endpoint: whoever deploys runs in that "
                "network, with privatelink.azurewebsites.net among its names",
            )
        notes.loosened(self, args.at, args.spec)


def problems(args: AzureFunctionArgs) -> Iterator[str]:
    """What Azure would refuse, and what would let a stranger in, a line each."""
    at = args.at
    yield from args.spec.unsupported("azure", f"{at}.")
    yield from azure_code.problems(at, args.code, args.app, args.files, args.spec)
    yield from environment.problems(at, args.environment, environment.AZURE)
    if not 1 <= len(args.description) <= _LONGEST_DESCRIPTION:
        yield (
            f"{at}: its description has {len(args.description)} characters, and Azure takes 1 to "
            f"{_LONGEST_DESCRIPTION}."
        )
    yield from lacking(
        has_subnet=args.store.place.functions_subnet_id is not None,
        has_application=args.application is not None,
        called=bool(args.callers),
    )


def unready(app: AppToBe, *, has_subnet: bool, has_application: bool) -> Iterator[str]:
    """Why an app cannot be made yet, a line each: for a stack, before its first resource."""
    yield from azure_code.not_packaged(app.at, app.code, app.spec)
    yield from lacking(has_subnet=has_subnet, has_application=has_application, called=app.called)


def lacking(*, has_subnet: bool, has_application: bool, called: bool) -> Iterator[str]:
    """What the foundation lacks for functions, `called` over HTTP or not, a line each."""
    if called and not has_application:
        yield (
            "bulwark:foundation.functionApplication: missing. Functions are called over HTTP, and "
            "only with its tokens; `bulwark bootstrap` prints what makes one."
        )
    if not has_subnet:
        yield (
            "bulwark:foundation.network.functionsSubnetId: missing. Functions run in a subnet, "
            "from which they reach what holds data; give them one of that network."
        )

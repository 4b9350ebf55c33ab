"""The credential vault on AWS: two tables, a pepper, and a function for each operation."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..function.aws_invoker import Invoker
from ..log_group.aws import AwsLogStore
from ..naming import physical
from ..secret.aws_policy import secret_policy
from ..secret.aws_rotator import AwsRotator, AwsRotatorArgs, rotation_rules, rotation_tags
from .aws_rights import RIGHTS, Place, statements
from .aws_table import AwsVaultTable, AwsVaultTableArgs, only
from .spec import UPKEEP, CredentialsSpec, Operation

_AT = "bulwark:credentials"

_WINDOW_HOURS = 4
_LONGEST_SECONDS = 900
"""What goes through all users takes as long as Lambda lets it, and then goes on in another call."""

_METRICS = {"namespace": "Bulwark/Credentials", "service": "credentials", "lockouts": "Lockouts"}
"""What bulwark_runtime.credentials.aws calls its metrics: a test compares them."""

_SAYS: Mapping[Operation, str] = {
    "register": "Takes a new user's password",
    "verify": "Says whether a password is right",
    "change": "Replaces a password by another",
    "begin-reset": "Makes a token to reset a password with",
    "finish-reset": "Replaces a password for who has the token",
    "disable": "Keeps a user from signing in",
    "enable": "Lets a user sign in again",
    "delete": "Forgets a user",
    "import-hash": "Takes over a user's hash from elsewhere",
    "count-peppers": "Counts the hashes that need each pepper",
    "move-hashes": "Brings the hashes to where the vault keeps them now",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsCredentialsArgs:
    spec: CredentialsSpec
    store: AwsLogStore
    """How the environment keeps its logs; its account and region are the vault's."""
    key_arn: pulumi.Input[str]
    """KMS key of the tables and of the functions' environment variables."""
    secrets_key_arn: pulumi.Input[str]
    """KMS key of the pepper, and of users' secrets if there are any."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of the functions' roles."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told when a function fails."""
    deletion_protection: bool = True
    """Whether Pulumi and AWS both refuse to delete the tables and the pepper."""


class AwsCredentials(pulumi.ComponentResource):
    """A vault for the passwords of an application's own users.

    Each operation is a function of its own, which can do that and nothing else, and which IAM
    alone lets anybody call. What is in the tables and the pepper is denied to everyone but these.
    Raises a ConfigError for a caller of another account.
    """

    function_arns: dict[str, pulumi.Output[str]]
    """ARN of the function of each operation, to invoke."""

    caller_policies: dict[str, pulumi.Output[str]]
    """For each operation, the policy document of a role that may call it."""

    table_names: dict[str, pulumi.Output[str]]
    """Name of the tables `users` and `attempts`."""

    pepper_id: pulumi.Output[str]
    """ARN of the secret with the pepper, known once its policy is in place."""

    rotator_arn: pulumi.Output[str]
    """ARN of the function that renews the pepper."""

    metrics: dict[str, str]
    """Namespace, service and name of the metric that counts attempts which came too often."""

    def __init__(
        self, name: str, args: AwsCredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsCredentials", name, None, opts)
        if found := list(problems(args.spec, args.store.account_id)):
            raise ConfigError(found)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self._users = self._table("users", expires=False)
        self._attempts = self._table("attempts", expires=True)
        pepper = self._pepper()
        prefix = physical("secret", pulumi.get_project(), pulumi.get_stack(), name, "users")
        self._prefix = f"{prefix}/" if args.spec.store != "table" else None

        functions: dict[Operation, AwsFunction] = {
            each: self._function(each, pepper) for each in args.spec.operations()
        }
        rotator = self._rotator(pepper)
        self.pepper_id = self._ready(pepper, functions, rotator)
        self._rotation(rotator)
        self._closed(functions)

        self.function_arns = {each: function.arn for each, function in functions.items()}
        self.caller_policies = {each: _may_call(arn) for each, arn in self.function_arns.items()}
        self.table_names = {"users": self._users.name, "attempts": self._attempts.name}
        self.rotator_arn, self.metrics = rotator.arn, _METRICS
        self._tell()
        self.register_outputs(
            {
                "functionArns": self.function_arns,
                "callerPolicies": self.caller_policies,
                "tableNames": self.table_names,
                "pepperId": self.pepper_id,
                "rotatorArn": self.rotator_arn,
                "metrics": self.metrics,
            }
        )

    def _table(self, what: str, *, expires: bool) -> AwsVaultTable:
        return AwsVaultTable(
            f"{self._name}-{what}",
            AwsVaultTableArgs(
                key_arn=self._args.key_arn,
                expires=expires,
                deletion_protection=self._args.deletion_protection,
            ),
            self._child,
        )

    def _pepper(self) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            f"{self._name}-pepper",
            description="The key beneath the vault's hashes: without it no password is right",
            kms_key_id=self._args.secrets_key_arn,
            recovery_window_in_days=self._args.spec.recovery_days,
            tags=rotation_tags("pepper", **_retired(self._args.spec)),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=self._args.deletion_protection,
                retain_on_delete=self._args.deletion_protection,
            ),
        )

    def _function(self, operation: Operation, pepper: aws.secretsmanager.Secret) -> AwsFunction:
        args, store = self._args, self._args.store
        place = Place(
            region=store.region,
            users_arn=self._users.arn,
            attempts_arn=self._attempts.arn,
            tables_key_arn=args.key_arn,
            pepper_arn=pepper.arn,
            hashes_arn=store.arn("secretsmanager", f"secret:{self._prefix}*")
            if self._prefix
            else None,
            secrets_key_arn=args.secrets_key_arn,
        )
        callers = args.spec.callers.get(operation, ())
        return AwsFunction(
            f"{self._name}-{operation}",
            AwsFunctionArgs(
                spec=self._runs(operation),
                description=_SAYS[operation],
                code=Package("credentials"),
                handler=f"bulwark_runtime.credentials.aws.{operation.replace('-', '_')}",
                store=store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                statements=list(statements(RIGHTS[operation], place)),
                environment=self._environment(operation, pepper),
                invokers=[
                    Invoker(name=f"caller-{number}", principal=arn)
                    for number, arn in enumerate(callers)
                ],
                alarm_topic_arns=args.alarm_topic_arns,
                at=f"{_AT}.function",
            ),
            self._child,
        )

    def _runs(self, operation: Operation) -> FunctionSpec:
        spec = self._args.spec.function
        if operation in UPKEEP:
            return spec.model_copy(update={"timeout_seconds": _LONGEST_SECONDS})
        return spec

    def _environment(
        self, operation: Operation, pepper: aws.secretsmanager.Secret
    ) -> dict[str, pulumi.Input[str]]:
        spec = self._args.spec
        settings: dict[str, pulumi.Input[str]] = {
            "BULWARK_USERS_TABLE": self._users.name,
            "BULWARK_ATTEMPTS_TABLE": self._attempts.name,
            "BULWARK_POLICY": json.dumps(spec.policy()),
        }
        if RIGHTS[operation].pepper or self._prefix:
            settings["BULWARK_PEPPER_ARN"] = pepper.arn
        if self._prefix:
            settings["BULWARK_STORE"] = "secrets" if spec.store == "secrets" else "table"
            settings["BULWARK_SECRETS_PREFIX"] = self._prefix
            settings["BULWARK_SECRETS_KEY_ARN"] = self._args.secrets_key_arn
        return settings

    def _rotator(self, pepper: aws.secretsmanager.Secret) -> AwsRotator:
        args = self._args
        return AwsRotator(
            f"{self._name}-rotator",
            AwsRotatorArgs(
                kind="pepper",
                secret_arns=[pepper.arn],
                secrets_key_arn=args.secrets_key_arn,
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                alarm_topic_arns=args.alarm_topic_arns,
            ),
            self._child,
        )

    def _ready(
        self,
        pepper: aws.secretsmanager.Secret,
        functions: Mapping[Operation, AwsFunction],
        rotator: AwsRotator,
    ) -> pulumi.Output[str]:
        """The ARN of the pepper, once nobody but the vault can read it."""
        store = self._args.store
        readers = [
            function.role_arn
            for operation, function in functions.items()
            if RIGHTS[operation].reads_pepper(in_secrets=self._prefix is not None)
        ]
        policy = aws.secretsmanager.SecretPolicy(
            f"{self._name}-pepper-policy",
            secret_arn=pepper.arn,
            policy=pulumi.Output.json_dumps(
                secret_policy(
                    root=store.root,
                    functions=readers,
                    rotator=rotator.role_arn,
                    deletion_protection=self._args.deletion_protection,
                )
            ),
            block_public_policy=True,
            opts=self._child,
        )
        return pulumi.Output.all(pepper.arn, policy.urn).apply(lambda all_: all_[0])

    def _rotation(self, rotator: AwsRotator) -> None:
        aws.secretsmanager.SecretRotation(
            f"{self._name}-pepper-rotation",
            secret_id=self.pepper_id,
            rotation_lambda_arn=rotator.arn,
            rotation_rules=rotation_rules(self._args.spec.pepper_rotation_days, _WINDOW_HOURS),
            opts=self._child,
        )

    def _closed(self, functions: Mapping[Operation, AwsFunction]) -> None:
        """Keeps everyone else from what is in the tables."""
        all_ = [function.role_arn for function in functions.values()]
        some = [function.role_arn for each, function in functions.items() if RIGHTS[each].attempts]
        for what, table, roles in (
            ("users", self._users, all_),
            ("attempts", self._attempts, some),
        ):
            aws.dynamodb.ResourcePolicy(
                f"{self._name}-{what}-policy",
                resource_arn=table.arn,
                policy=pulumi.Output.json_dumps(only(roles, table.arn)),
                opts=self._child,
            )

    def _tell(self) -> None:
        spec = self._args.spec
        notes.cost(self, "the pepper: about 0.40 USD a month; tables and functions by use")
        if spec.store == "secrets":
            notes.cost(self, "a secret for each user: about 0.40 USD a month each")
        if "pci" not in spec.presets:
            notes.limit(self, "without the preset pci, passwords are not held to PCI DSS 8.3")
        if not spec.callers:
            notes.limit(
                self,
                "nobody is named who calls the vault: name callers, or give a role one of the "
                "exported policies",
            )
        notes.loosened(self, _AT, spec)


def problems(spec: CredentialsSpec, account_id: str) -> Iterator[str]:
    """What AWS would refuse of these settings, or would not do in this account, a line each."""
    for operation, arns in spec.callers.items():
        if operation not in spec.operations():
            yield (
                f"{_AT}.callers.{operation}: there is no such function with these settings. See "
                "upkeep and store."
            )
        for number, arn in enumerate(arns):
            if arn.split(":")[4] != account_id:
                yield (
                    f"{_AT}.callers.{operation}[{number}]: is not in account {account_id}, where "
                    "the vault is. Name a role there for it to assume."
                )


def _retired(spec: CredentialsSpec) -> dict[str, str]:
    return {"retired": " ".join(spec.retired_peppers)} if spec.retired_peppers else {}


def _may_call(function_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    statement = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": function_arn,
    }
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})

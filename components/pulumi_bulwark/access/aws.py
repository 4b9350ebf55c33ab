"""Roles for pipelines, auditors and emergencies on AWS."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..naming import physical
from ..place import AwsPlace
from ..role.aws import AwsRole, AwsRoleArgs
from .aws_alarm import AwsBreakGlassAlarm, AwsBreakGlassAlarmArgs
from .aws_deployer import Deployer
from .aws_federation import Issuer, issuer, trust
from .aws_people import auditor_reads, auditor_trusts, break_glass_keeps, break_glass_trust
from .aws_reads import LOGS, keep_values
from .spec import AccessSpec, StateSpec

_AT = "bulwark:access"

_LONGEST_STACK = 40
"""Characters of a stack's name: a role's name of 64 keeps it whole, and the deployer's boundary
knows the roles of the stack by it."""

PROVIDERS = "identity providers of pipelines"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsAccessArgs(AwsPlace):
    spec: AccessSpec
    boundary_arn: pulumi.Input[str]
    """The boundary that every workload's role has."""
    stack: str
    """What the logical names of the stack's resources begin with."""
    kept: Sequence[str] = ()
    """What the logical names begin with of the parts that only an administrator changes: what
    guards the account, and the trail."""
    evidence_arns: Sequence[pulumi.Input[str]] = ()
    """ARNs of the trail's bucket and log group, which auditors read and deployers keep."""
    evidence_key_arn: pulumi.Input[str] | None = None
    """KMS key of the trail's files and events."""
    alarm_topic_arn: pulumi.Input[str] | None = None
    """Topic that is told at once when somebody breaks the glass; EventBridge must be admitted."""
    baseline: str | None = None
    """Who owns the account's identity providers, if it is not this stack."""


class AwsAccess(pulumi.ComponentResource):
    """A role for each pipeline, for auditors and for emergencies, and the deployer's boundary.

    Raises nothing by itself: `problems` tells beforehand what IAM would refuse.
    """

    pipeline_role_arns: dict[str, pulumi.Output[str]]
    """ARN of each pipeline's role, by the pipeline's name in the config."""

    auditor_role_arn: pulumi.Output[str] | None
    """ARN of the auditors' role."""

    break_glass_role_arn: pulumi.Output[str] | None
    """ARN of the role for emergencies."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the account, in words."""

    def __init__(
        self, name: str, args: AwsAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsAccess", name, None, opts)
        self._name, self._args = name, args
        self._iam = f"arn:{args.partition}:iam::{args.account_id}"
        self._child = pulumi.ResourceOptions(parent=self)

        alarm = self._alarm() if args.spec.break_glass else None
        providers = self._issuers()
        self.pipeline_role_arns = self._pipelines(providers, alarm) if args.spec.pipelines else {}
        self.auditor_role_arn = self._auditor() if args.spec.auditors else None
        self.break_glass_role_arn = self._break_glass(alarm) if alarm else None
        self.owned = (PROVIDERS,) if providers and args.baseline is None else ()

        for note in _limits(args):
            notes.limit(self, note)
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "pipelineRoleArns": self.pipeline_role_arns,
                "auditorRoleArn": self.auditor_role_arn,
                "breakGlassRoleArn": self.break_glass_role_arn,
                "owned": list(self.owned),
            }
        )

    def _issuers(self) -> Mapping[Issuer, pulumi.Input[str]]:
        """ARN of each issuer's identity provider: an account takes one for each URL."""
        issuers = sorted({issuer(p) for p in self._args.spec.pipelines.values()})
        if self._args.baseline is not None:
            return {signed: f"{self._iam}:oidc-provider/{signed.host}" for signed in issuers}
        return {
            signed: aws.iam.OpenIdConnectProvider(
                f"{self._name}-{signed.host}",
                url=f"https://{signed.host}",
                client_id_lists=[signed.audience],
                # Another environment of the account may rely on it.
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
            ).arn
            for signed in issuers
        }

    def _pipelines(
        self, providers: Mapping[Issuer, pulumi.Input[str]], alarm: AwsBreakGlassAlarm | None
    ) -> dict[str, pulumi.Output[str]]:
        made = {}
        deployer = self._deployer(alarm) if "deploy" in _kinds(self._args.spec) else ""
        for pipeline, spec in self._args.spec.pipelines.items():
            opened = trust(spec, providers[issuer(spec)])
            rights = self._deploys(deployer) if spec.may == "deploy" else self._previews()
            made[pipeline] = AwsRole(
                f"{self._name}-{pipeline}",
                AwsRoleArgs(
                    description=f"{spec.may}: a pipeline of {spec.repository}",
                    trust=[opened],
                    path=_PATH,
                    **rights,
                ),
                self._child,
            ).arn
        return made

    def _deploys(self, deployer: pulumi.Input[str]) -> dict[str, Any]:
        return {"boundary_arn": deployer, "managed_policy_arns": [deployer]}

    def _previews(self) -> dict[str, Any]:
        keys = _state_keys(self._args.spec.state)
        decrypts = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys}
        return {
            "boundary_arn": self._args.boundary_arn,
            "managed_policy_arns": [self._args.managed_policy("ReadOnlyAccess")],
            "statements": [
                *([decrypts] if keys else []),
                *keep_values(objects=self._state_objects(), keys=keys, also=LOGS),
            ],
        }

    def _deployer(self, alarm: AwsBreakGlassAlarm | None) -> pulumi.Output[str]:
        args = self._args
        known = {args.region, "us-east-1", *args.spec.regions}
        deployer = Deployer(
            **args.as_place(),
            stack=args.stack,
            regions=sorted(known),
            workload_boundary_arn=args.boundary_arn,
            kept=args.kept,
            alarm_arns=alarm.rule_arns if alarm else (),
            evidence_arns=args.evidence_arns,
            state_objects=self._state_objects(),
            state_keys=_state_keys(args.spec.state),
        )
        return aws.iam.Policy(
            f"{self._name}-deployer-policy",
            name=physical("iam-policy", *_place(), self._name, "deployer", args.region),
            description="What whoever deploys may do, and the most that it can ever do",
            policy=pulumi.Output.json_dumps(
                {"Version": "2012-10-17", "Statement": deployer.statements()}
            ),
            opts=self._child,
        ).arn

    def _auditor(self) -> pulumi.Output[str]:
        args = self._args
        return AwsRole(
            f"{self._name}-{_AUDITOR}",
            AwsRoleArgs(
                description="Reads settings, the trail and its logs; no secret value",
                trust=list(auditor_trusts(args.spec.auditors)),
                boundary_arn=args.boundary_arn,
                path=_PATH,
                managed_policy_arns=[args.managed_policy("SecurityAudit")],
                statements=auditor_reads(args.evidence_arns, args.evidence_key_arn),
            ),
            self._child,
        ).arn

    def _alarm(self) -> AwsBreakGlassAlarm:
        args = self._args
        return AwsBreakGlassAlarm(
            f"{self._name}-glass",
            AwsBreakGlassAlarmArgs(
                **args.as_place(),
                role_arn=f"{self._iam}:role{_PATH}{self._glass_name()}",
                boundary_arn=args.boundary_arn,
                path=_PATH,
                topic_arn=args.alarm_topic_arn,
            ),
            self._child,
        )

    def _break_glass(self, alarm: AwsBreakGlassAlarm) -> pulumi.Output[str]:
        args, spec = self._args, self._args.spec.break_glass
        assert spec is not None
        return AwsRole(
            f"{self._name}-{_BREAK_GLASS}",
            AwsRoleArgs(
                description="Everything, for an hour and with a reason, when nothing else helps",
                # Nobody gets in before the alarm is there.
                trust=[
                    pulumi.Output.all(*alarm.rule_arns).apply(
                        lambda _: break_glass_trust(spec, args.region)
                    )
                ],
                # It must be able to mend a boundary, so it has none; what it does is told at once.
                boundary_arn=None,
                role_name=self._glass_name(),
                path=_PATH,
                max_session_hours=1,
                managed_policy_arns=[args.managed_policy("AdministratorAccess")],
                statements=break_glass_keeps(args.evidence_arns),
            ),
            self._child,
        ).arn

    def _glass_name(self) -> str:
        """Known beforehand, for the alarm. Two regions may have a stack of the same name each."""
        return physical("iam-role", *_place(), self._name, _BREAK_GLASS, self._args.region)

    def _state_objects(self) -> list[str]:
        state = self._args.spec.state
        return [self._args.bucket(f"{state.bucket}/*")] if state else []


_PATH = "/access/"
"""Apart from the roles of the stack, which whoever deploys may change."""

_AUDITOR = "auditor"
_BREAK_GLASS = "break-glass"


def problems(args: AwsAccessArgs) -> Iterator[str]:
    """What IAM would refuse of these settings, a line each."""
    if args.spec.pipelines and len(args.stack) > _LONGEST_STACK:
        yield (
            f"{_AT}.pipelines: the stack's name has {len(args.stack)} characters, and the "
            f"deployer's boundary knows roles by it up to {_LONGEST_STACK}. Shorten it."
        )
    for name in args.spec.pipelines.keys() & {_AUDITOR, _BREAK_GLASS}:
        yield f"{_AT}.pipelines.{name}: is the name of another role. Choose another."
    yield from _abroad(args)


def _abroad(args: AwsAccessArgs) -> Iterator[str]:
    glass = args.spec.break_glass
    for number, arn in enumerate(glass.users if glass else ()):
        if arn.split(":")[4] != args.account_id:
            yield (
                f"{_AT}.breakGlass.users[{number}]: is not in account {args.account_id}: whoever "
                "is let in from another account cannot be held to a second factor of this one."
            )


def _limits(args: AwsAccessArgs) -> Iterator[str]:
    spec = args.spec
    for name, pipeline in spec.pipelines.items():
        if pipeline.host == "github" and pipeline.owner_id is None:
            yield (
                f"pipeline {name}: a repository that was made or renamed after 2026-07-15 needs "
                "ownerId and repositoryId, or AWS refuses its token"
            )
    if "deploy" in _kinds(spec):
        yield (
            "the deploy role does not change the account's baseline, the trail, the boundaries or "
            "these roles: an administrator's `pulumi up` does"
        )
    if spec.break_glass and args.alarm_topic_arn is None:
        yield "nobody is told at once of a broken glass: there is no topic; OpsCenter records it"
    if spec.pipelines and args.baseline is not None:
        yield f"owned by {args.baseline}: {PROVIDERS}"


def _kinds(spec: AccessSpec) -> set[str]:
    return {pipeline.may for pipeline in spec.pipelines.values()}


def _state_keys(state: StateSpec | None) -> list[str]:
    return [state.key] if state and state.key else []


def _place() -> tuple[str, str]:
    return pulumi.get_project(), pulumi.get_stack()

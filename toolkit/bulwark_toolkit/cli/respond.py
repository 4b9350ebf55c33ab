"""What playbooks wait for, and the word that they wait for.

A decision is a message on a queue of the stack's: SQS itself adds who has sent it, and the
responder counts only what comes from an approver. So nothing is changed from here, and whoever may
type a command has no more rights than before.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_bulwark.spec import nearest

from ..preview import UsageError
from . import common
from .account import Account, StackOf
from .azure_stack import AzureStackOf
from .respond_azure import AzureDesk
from .respond_desk import FORMAT, NO_CASE, NONE, SEVERAL, Desk

if TYPE_CHECKING:  # the other commands need none of it, nor the time it takes
    from bulwark_runtime.playbooks import Case

_EXIT_DECLINED = 1
_MOST = 50

wait = click.option(
    "--wait",
    "seconds",
    type=click.IntRange(0, 900),
    default=60,
    show_default=True,
    help="Seconds to wait for what comes of it; 0 to leave at once.",
)


@click.group()
def respond() -> None:
    """See what playbooks wait for, approve it or not, undo it, and test them."""


@respond.command("list", epilog="Example: bulwark respond list -s prod")
@common.directory
@common.stack
@click.option("--all", "everything", is_flag=True, help="Also what is over, the newest first.")
@common.format_("table", "json")
@common.output
def list_(
    directory: Path, stack: str | None, *, everything: bool, format_: str, output: Path | None
) -> None:
    """List the cases that wait for an approval."""
    cases = _desk(directory, stack).cases()
    shown = [case for case in cases if everything or _state(case) == "waiting"][:_MOST]
    text = json.dumps([_as_json(c) for c in shown], indent=2) + "\n"
    common.write(text if format_ == "json" else _table(shown), output)


@respond.command(epilog="Example: bulwark respond show 3f2a9c0d5b7e1a46 -s prod")
@click.argument("case")
@common.directory
@common.stack
@common.format_("text", "json")
@common.output
def show(case: str, directory: Path, stack: str | None, format_: str, output: Path | None) -> None:
    """Show a CASE: what happened, what was done or would be, and who decided."""
    found = _desk(directory, stack).case(case)
    text = json.dumps(_as_json(found), indent=2) + "\n"
    common.write(text if format_ == "json" else _text(found), output)


def _decides(what: str, help_: str) -> click.Command:
    @click.argument("case")
    @common.directory
    @common.stack
    @wait
    def command(case: str, directory: Path, stack: str | None, seconds: int) -> None:
        desk = _desk(directory, stack)
        known = desk.case(case)
        sent = desk.decide(what, known.id)
        _tell(what, sent, desk.answer(sent, seconds, lambda: desk.case(known.id)))

    epilog = f"Example: bulwark respond {what} 3f2a9c0d5b7e1a46 -s prod"
    return respond.command(what, help=help_, epilog=epilog)(command)


approve = _decides("approve", "Have done what the CASE waits for.")
reject = _decides("reject", "Have the CASE left as it is, for good.")
undo = _decides("undo", "Have put back what was there before the CASE was acted on.")


@respond.command(epilog="Example: bulwark respond fire trail-stopped -s prod")
@click.argument("playbook")
@common.directory
@common.stack
@wait
def fire(playbook: str, directory: Path, stack: str | None, seconds: int) -> None:
    """Test a PLAYBOOK in dry run: with the sample event that AWS documents for its trigger."""
    desk = _desk(directory, stack)
    if playbook not in desk.playbooks:
        raise UsageError(f"no such playbook. {nearest(playbook, desk.playbooks)}")
    sent = desk.decide("fire", playbook)
    found = desk.answer(sent, seconds, lambda: desk.fired(sent))
    if found is None:
        click.echo(f"sent ({sent}); `bulwark respond list --all` shows what came of it", err=True)
        return
    click.echo(_text(found), nl=False)


def _tell(what: str, sent: str, case: "Case | None") -> None:
    if case is None:
        click.echo(f"sent ({sent}); `bulwark respond show` says what came of it", err=True)
        return
    (step, *_) = [step for step in case.history if step.decision == sent]
    if step.what.startswith(f"{what} declined"):
        click.echo(f"{click.style('declined:', fg='red')} {step.what}", err=True)
        raise SystemExit(_EXIT_DECLINED)
    click.echo(f"{case.id} is {_state(case)}: {case.said}")


def _desk(directory: Path, stack: str | None) -> Desk:
    if azure := AzureStackOf.read(directory, stack):
        return AzureDesk.of(azure)
    return _AwsDesk.of(directory, stack)


@dataclass(frozen=True, kw_only=True)
class _AwsDesk(Desk):
    """The queue and the table of a stack's responder on AWS."""

    of_stack: StackOf
    account: Account
    table: str
    queue: str

    @classmethod
    def of(cls, directory: Path, stack: str | None) -> "_AwsDesk":
        of = StackOf.read(directory, stack)
        made = [
            component
            for component in of.graph.of_type("bulwark:index:AwsIncidentResponse")
            if component.outputs.get("tableName")
        ]
        if len(made) != 1:
            raise UsageError(f"{of.name} has {SEVERAL if made else NONE}")
        (component,) = made
        inside = {child.name: child for child in of.graph.below(component.urn)}
        account = of.account(of.place_of(inside[f"{component.name}-cases"]))
        function = inside[f"{component.name}-responder-function"]
        playbooks = json.loads(function.inputs["environment"]["variables"]["BULWARK_PLAYBOOKS"])
        return cls(
            of_stack=of,
            account=account,
            table=component.outputs["tableName"],
            queue=component.outputs["decisionsName"],
            playbooks=tuple(playbooks),
        )

    @cached_property
    def _dynamodb(self) -> Any:
        return self.account.client("dynamodb")

    def cases(self) -> list["Case"]:
        """All that are kept, the newest first."""
        from bulwark_runtime.playbooks.aws_cases import PREFIX, case_of

        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression="begins_with(id, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": PREFIX}},
        )
        with self.account.refusals(f"the table {self.table}"):
            found = [case_of(item) for page in pages for item in page["Items"]]
        return sorted(found, key=lambda case: case.opened, reverse=True)

    def case(self, id_: str) -> "Case":
        from bulwark_runtime.playbooks.aws_cases import PREFIX, case_of

        with self.account.refusals(f"the table {self.table}"):
            found = self._dynamodb.get_item(
                TableName=self.table, Key={"id": {"S": f"{PREFIX}{id_}"}}, ConsistentRead=True
            )
        if "Item" not in found:
            raise UsageError(NO_CASE.format(self.of_stack.name))
        return case_of(found["Item"])

    def decide(self, what: str, of: str) -> str:
        """Send a decision; the id of the message."""
        body = {"format": FORMAT, "decision": what, "of": of}
        sqs = self.account.client("sqs")
        with self.account.refusals(
            f"the queue {self.queue}; bulwark:incidentResponse.approvers must name the role too"
        ):
            url = sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
            return sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))["MessageId"]


def _state(case: "Case") -> str:
    """Its state as of now: nobody writes down that an approval has ended before it is asked for."""
    over = case.state == "waiting" and case.until and case.until <= datetime.now(UTC)
    return "expired" if over else case.state


def _table(cases: list["Case"]) -> str:
    if not cases:
        return "Nothing waits.\n"
    rows = [("case", "playbook", "state", "until", "what")]
    rows += [
        (
            case.id,
            case.playbook,
            _state(case),
            f"{case.until:%m-%d %H:%M}" if case.until and _state(case) == "waiting" else "",
            case.said or case.incident.title,
        )
        for case in cases
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "".join(
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]])
        + "\n"
        for row in rows
    )


def _text(case: "Case") -> str:
    return "".join(f"{line}\n" for line in _lines(case))


def _lines(case: "Case") -> Iterator[str]:
    incident = case.incident
    yield f"{case.id}: {case.playbook}, {_state(case)}" + (" (dry run)" if case.dry_run else "")
    yield f"  {incident.title}"
    yield f"  {incident.types[0]}, {incident.severity}, {incident.account} {incident.region}"
    yield f"  {incident.at:%Y-%m-%d %H:%M:%S} UTC, {incident.id}"
    if case.subject:
        yield f"  {case.action}: {case.subject}"
    for step in case.history:
        yield f"  {step.at:%Y-%m-%d %H:%M:%S}  {step.what}  ({step.by})"


def _as_json(case: "Case") -> Mapping[str, Any]:
    found = asdict(case) | {"state": _state(case)}
    return json.loads(json.dumps(found, default=lambda value: value.isoformat()))

"""What is done when something happens: the block list, and who may change what it does.

What the block list of bulwark-runtime may do is in its writer's environment, whoever deploys it.
"""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.policies import statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

FUNCTION: Final = "aws:lambda/function:Function"
MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE: Final = "aws:sqs/queue:Queue"
TABLE: Final = "aws:dynamodb/table:Table"
TABLE_POLICY: Final = "aws:dynamodb/resourcePolicy:ResourcePolicy"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"

_WRITER: Final = "bulwark_runtime.block_list."
_VARIABLES: Final = "environment.variables."
_WIDEST: Final = (16, 32)
"""Of IPv4 and of IPv6: more than a firm or a household has, and less than a country."""
_A_YEAR: Final = 365
_ENOUGH_TIMES: Final = 6


@rule(
    "aws.incident_response.block-list-has-one-writer",
    MAPPING,
    severity="high",
    requires="What writes the block list reads a queue in order, so that there is one at a time",
    remediation="Set fifoQueue of the queue to true, and send all requests with one group's id.",
    reference="PCI 12.10.5",
    alone=False,
)
def block_list_has_one_writer(mapping: Subject) -> Iterator[Verdict]:
    function = mapping.named(FUNCTION, "functionName")
    if function is None or not _is_writer(function):
        return
    queue = mapping.named(QUEUE, "eventSourceArn")
    if queue is None:
        raise mapping.elsewhere("eventSourceArn", "its queue")
    in_order = queue.get("fifoQueue", False)
    yield Verdict(in_order is True, "fifoQueue", in_order, urn=queue.urn)


@rule(
    "aws.incident_response.a-queue-gives-back-what-failed-alone",
    MAPPING,
    severity="medium",
    requires="Of several messages that a function takes at once, only those that failed come again",
    remediation="Set functionResponseTypes to [ReportBatchItemFailures], and answer with the ids.",
    reference="PCI 12.10.5",
    alone=False,
)
def a_queue_gives_back_what_failed_alone(mapping: Subject) -> Iterator[Verdict]:
    # A stream's records come again in order whatever one answers.
    if mapping.named(QUEUE, "eventSourceArn") is None or mapping.get("batchSize", 10) == 1:
        return
    answers = mapping.items("functionResponseTypes")
    yield Verdict("ReportBatchItemFailures" in answers, "functionResponseTypes", answers)


@rule(
    "aws.incident_response.messages-stay-hidden-while-they-are-handled",
    MAPPING,
    severity="medium",
    requires="A queue hides a message for six times what its function may take",
    remediation="Raise visibilityTimeoutSeconds of the queue, or lower the function's timeout.",
    reference="PCI 12.10.5",
    alone=False,
)
def messages_stay_hidden_while_they_are_handled(mapping: Subject) -> Iterator[Verdict]:
    queue = mapping.named(QUEUE, "eventSourceArn")
    function = mapping.named(FUNCTION, "functionName")
    if queue is None or function is None:
        return
    # What AWS takes where nothing is said.
    hidden = queue.get("visibilityTimeoutSeconds", 30)
    enough = _ENOUGH_TIMES * function.get("timeout", 3)
    at = "visibilityTimeoutSeconds"
    yield Verdict(hidden >= enough, at, hidden, f"it takes {enough}", urn=queue.urn)


@rule(
    "aws.incident_response.events-reach-a-queue-in-order",
    TARGET,
    severity="high",
    requires="A queue in order that EventBridge writes to tells messages apart by what is in them",
    remediation="Set contentBasedDeduplication of the queue to true: EventBridge sends no id.",
    reference="PCI 12.10.5",
    alone=False,
)
def events_reach_a_queue_in_order(target: Subject) -> Iterator[Verdict]:
    if not target.has("sqsTarget.messageGroupId"):
        return
    queue = target.named(QUEUE, "arn")
    if queue is None:
        raise target.elsewhere("arn", "its queue")
    by_content = queue.get("contentBasedDeduplication", False)
    yield Verdict(by_content is True, "contentBasedDeduplication", by_content, urn=queue.urn)


@rule(
    "aws.incident_response.block-list-refuses-what-is-too-wide",
    FUNCTION,
    severity="medium",
    requires="No request blocks more than a /16 of IPv4 or a /32 of IPv6",
    remediation="Raise BULWARK_WIDEST (bulwark:incidentResponse.blockList.widestV4 and widestV6).",
    reference="PCI 12.10.5",
)
def block_list_refuses_what_is_too_wide(function: Subject) -> Iterator[Verdict]:
    at = f"{_VARIABLES}BULWARK_WIDEST"
    # Without it, the runtime has its own floor, which passes.
    if _is_writer(function) and function.has(at):
        widest = function.get(at)
        lengths = tuple(map(int, widest.split()))
        yield Verdict(all(n >= m for n, m in zip(lengths, _WIDEST, strict=True)), at, widest)


@rule(
    "aws.incident_response.block-list-keeps-its-history",
    FUNCTION,
    severity="medium",
    requires="The block list keeps for a year who asked for what, and how it ended",
    remediation="Raise BULWARK_HISTORY_DAYS (bulwark:incidentResponse.blockList.historyDays).",
    reference="PCI 10.5.1",
)
def block_list_keeps_its_history(function: Subject) -> Iterator[Verdict]:
    at = f"{_VARIABLES}BULWARK_HISTORY_DAYS"
    if _is_writer(function) and function.has(at):
        days = function.get(at)
        yield Verdict(int(days) >= _A_YEAR, at, days)


@rule(
    "aws.incident_response.block-list-is-changed-by-its-writer-alone",
    FUNCTION,
    severity="high",
    requires="The table of the block list is changed by its writer alone",
    remediation="Deny dynamodb:PutItem and UpdateItem in the table's policy to all but the writer.",
    reference="PCI 10.3.2",
    alone=False,
)
def block_list_is_changed_by_its_writer_alone(function: Subject) -> Iterator[Verdict]:
    if not _is_writer(function):
        return
    at = f"{_VARIABLES}BULWARK_TABLE"
    table = _by_name(function, at) or function.named(TABLE, at)
    if table is None:
        raise function.elsewhere(at, "its table")
    denying = [
        (policy, statement)
        for policy in table.attached(TABLE_POLICY, by="resourceArn")
        for statement in statements(policy, "policy")
        if statement.effect == "Deny"
        and statement.covers("dynamodb:PutItem")
        and statement.covers("dynamodb:UpdateItem")
        and "aws:principalarn" in {key for _, key, _ in statement.conditions()}
    ]
    if not denying:
        yield Verdict(False, "policy", text="nobody is denied to write into it", urn=table.urn)
    for policy, statement in denying:
        yield Verdict(True, statement.place, statement.whom, urn=policy.urn)


@rule(
    "aws.incident_response.lists-of-addresses-are-changed-by-name",
    ROLE_POLICY,
    USER_POLICY,
    GROUP_POLICY,
    severity="high",
    requires="No policy lets its holder change every list of addresses of the firewall",
    remediation="Name the IP sets in the statement.",
    reference="PCI 7.2.1",
)
def lists_of_addresses_are_changed_by_name(holder: Subject) -> Iterator[Verdict]:
    for statement in statements(holder, "policy"):
        if statement.effect != "Allow" or not statement.covers("wafv2:UpdateIPSet"):
            continue
        wide = [r for r in statement.resources if not _names_a_set(r)]
        text = f"wafv2:UpdateIPSet on {', '.join(wide)}" if wide else ""
        yield Verdict(not wide, statement.place, ", ".join(statement.resources), text)


def _names_a_set(resource: str) -> bool:
    """Whether a pattern has a name, or its beginning, where that of an IP set is."""
    _, sets, name = resource.partition("/ipset/")
    return bool(sets) and not name.startswith(("*", "?"))


def _is_writer(function: Subject) -> bool:
    return function.get("handler", "").startswith(_WRITER)


def _by_name(function: Subject, at: str) -> Subject | None:
    """The table of the name in a variable, which is one of many values of an input."""
    name = function.get(at)
    tables = (Subject(table, function.graph) for table in function.graph.of_type(TABLE))
    return next((t for t in tables if name in (t.output("name"), t.get("name"))), None)

import json

import pytest

from bulwark_runtime.weaknesses import inventory
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.security_testing import SecurityTestingSpec
from pulumi_bulwark.security_testing.aws import (
    AwsSecurityTesting,
    AwsSecurityTestingArgs,
    problems,
)

ACCOUNT = "123456789012"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region="eu-central-1",
    partition="aws",
    key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/logs",
    retention_days=365,
    access_logs_id="access-logs",
    deletion_protection=True,
)
ENABLER = "aws:inspector2/enabler:Enabler"
FILTER = "aws:inspector2/filter:Filter"
NO_SHELL = {
    "weaknesses": ("CVE-2026-12345", "CVE-2026-12346"),
    "reason": "The image has no shell to run it in",
    "owner": "platform@example.com",
    "until": "2027-01-31",
}


@pytest.fixture
def testing(preview):
    def build(*, baseline=None, protected=True, rendered=False, **spec):
        args = AwsSecurityTestingArgs(
            spec=SecurityTestingSpec(**spec),
            store=STORE,
            key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/data",
            boundary_arn=f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            deadlines={"critical": 30, "high": 30, "medium": 90, "low": 90},
            baseline=baseline,
            deletion_protection=protected,
        )
        graph = preview(lambda: AwsSecurityTesting("it", args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


def test_all_that_inspector_can_scan_is_scanned_in_this_account(testing):
    assert testing()["it-inspector"].inputs == {
        "accountIds": [ACCOUNT],
        "resourceTypes": ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"],
    }


@pytest.mark.parametrize(
    ("off", "left"),
    [
        ({"machines": False}, ["ECR", "LAMBDA", "LAMBDA_CODE"]),
        ({"images": False}, ["EC2", "LAMBDA", "LAMBDA_CODE"]),
        ({"function_code": False}, ["EC2", "ECR", "LAMBDA"]),
        ({"functions": False, "function_code": False}, ["EC2", "ECR"]),
    ],
)
def test_what_is_turned_off_is_not_scanned_and_that_is_said(testing, off, left):
    graph = testing(**off)

    assert graph["it-inspector"].inputs["resourceTypes"] == left
    assert len(texts(graph, "loosened")) == len(off)


def test_with_nothing_to_scan_inspector_is_not_turned_on(testing):
    nothing = dict.fromkeys(("machines", "images", "functions", "function_code"), False)
    graph = testing(**nothing)

    assert graph.of_type(ENABLER) == []
    assert graph["it"].outputs["owned"] == []


def test_code_is_scanned_only_with_its_function():
    with pytest.raises(ConfigError, match="functionCode needs functions"):
        SecurityTestingSpec(functions=False)


def test_prices_are_said(testing):
    assert any(text.startswith("Inspector: ") for text in texts(testing(), "cost"))


def test_that_code_leaves_the_functions_is_said(testing):
    assert texts(testing(), "limit") == [
        "code of functions is read, and pieces of it kept, by Inspector"
    ]


# --- exceptions


def test_an_exception_names_weaknesses_a_reason_and_who_answers(testing):
    inputs = testing(exceptions={"no-shell": NO_SHELL})["it-no-shell"].inputs

    assert inputs["action"] == "SUPPRESS"
    assert inputs["reason"] == "The image has no shell to run it in"
    assert inputs["description"] == "Until 2027-01-31. platform@example.com answers for it"
    (criteria,) = inputs["filterCriterias"]
    assert criteria["vulnerabilityIds"] == [
        {"comparison": "EQUALS", "value": "CVE-2026-12345"},
        {"comparison": "EQUALS", "value": "CVE-2026-12346"},
    ]


def test_inspector_itself_ends_an_exception_on_its_last_day(testing):
    (criteria,) = testing(exceptions={"no-shell": NO_SHELL})["it-no-shell"].inputs[
        "filterCriterias"
    ]

    assert criteria["lastObservedAts"] == [{"endInclusive": "2027-01-31T23:59:59Z"}]


def test_an_exception_may_be_for_some_resources_only(testing):
    narrow = NO_SHELL | {"resources": ("i-0123456789abcdef0",)}
    everywhere = testing(exceptions={"no-shell": NO_SHELL})["it-no-shell"].inputs
    here = testing(exceptions={"no-shell": narrow})["it-no-shell"].inputs

    assert "resourceIds" not in everywhere["filterCriterias"][0]
    assert here["filterCriterias"][0]["resourceIds"] == [
        {"comparison": "EQUALS", "value": "i-0123456789abcdef0"}
    ]


def test_exceptions_come_after_the_scanner_that_knows_them(testing):
    graph = testing(exceptions={"no-shell": NO_SHELL})

    assert graph["it-inspector"].urn in graph["it-no-shell"].dependencies


@pytest.mark.parametrize(("now", "overdue"), [("1801353600", False), ("1801440000", True)])
def test_past_its_last_day_it_is_said_loudly_and_stops_nothing(testing, monkeypatch, now, overdue):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", now)  # the 31st of January 2027, and a day on
    graph = testing(exceptions={"no-shell": NO_SHELL})

    said = texts(graph, "overdue")
    assert bool(said) is overdue
    assert all("exceptions.no-shell held until 2027-01-31" in text for text in said)
    assert len(graph.of_type(FILTER)) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"weaknesses": []}, "weaknesses"),
        ({"weaknesses": ["HIGH"]}, "weaknesses[0]"),
        ({"weaknesses": ["*"]}, "weaknesses[0]"),
        ({"weaknesses": [f"CVE-2026-{n:05}" for n in range(11)]}, "weaknesses"),
        ({"reason": "because"}, "reason"),
        ({"until": "soon"}, "until"),
        ({"owner": ""}, "owner"),
    ],
)
def test_an_exception_that_says_too_little_is_refused(change, path):
    given = NO_SHELL | {"weaknesses": ["CVE-2026-12345"]} | change
    with pytest.raises(ConfigError) as error:
        SecurityTestingSpec.load("bulwark:securityTesting", {"exceptions": {"no-shell": given}})

    at = f"bulwark:securityTesting.exceptions.no-shell.{path}: "
    assert any(problem.startswith(at) for problem in error.value.problems)


# --- by age


def variables(graph):
    return graph["it-counter-function"].inputs["environment"]["variables"]


def test_the_function_counts_by_the_deadlines_it_is_given(testing):
    given = variables(testing(rendered=True))

    assert json.loads(given["BULWARK_DEADLINES"])["critical"] == 30


def test_it_is_called_at_the_hours_by_which_it_knows_what_to_do(testing):
    schedule = testing()["it-twice-a-day"].inputs["scheduleExpression"]

    assert schedule == f"cron(0 {inventory.MAKE_HOUR},{inventory.CHECK_HOUR} * * ? *)"


def test_what_is_watched_is_where_the_function_counts(testing):
    graph = testing(rendered=True)
    watched = graph["it"].outputs["overdueMetric"]

    assert watched["namespace"] == variables(graph)["BULWARK_METRICS_NAMESPACE"]
    assert watched["dimensions"] == {"service": "weaknesses"}


def actions(graph):
    policy = json.loads(graph["it-counter-execution-policy"].inputs["policy"])
    return {action for one in policy["Statement"] for action in one["Action"]}


def test_without_an_inventory_the_function_may_not_ask_for_one(testing):
    with_one = actions(testing(rendered=True))
    without = actions(testing(rendered=True, inventory={"enabled": False}))

    assert {"inspector2:CreateSbomExport", "s3:ListBucket"} <= with_one - without
    assert "inspector2:ListFindings" in without


def test_the_inventory_is_encrypted_with_the_key_of_the_logs(testing):
    given = variables(testing(rendered=True))

    assert given["BULWARK_INVENTORY_BUCKET"] == STORE.access_logs_id
    assert given["BULWARK_INVENTORY_KEY_ARN"] == STORE.key_arn


# --- who owns it


def test_what_another_stack_owns_is_left_alone_and_said(testing):
    graph = testing(baseline="org/baseline/prod")

    assert {r.type for r in graph.resources if r.type.startswith("aws:")} == set()
    assert texts(graph, "limit") == ["weaknesses are scanned for by org/baseline/prod"]


def test_what_an_administrator_scans_is_counted_here(testing):
    graph = testing(administrator="111111111111")

    assert graph.of_type(ENABLER) == []
    assert graph["it-counter-function"]
    assert texts(graph, "limit") == ["weaknesses are scanned for by account 111111111111"]


def test_exceptions_are_the_administrators_to_make():
    with pytest.raises(ConfigError, match="exceptions are the administrator's"):
        SecurityTestingSpec(administrator="111111111111", exceptions={"no-shell": NO_SHELL})


@pytest.mark.parametrize("protected", [True, False])
def test_scanning_goes_on_unless_the_environment_may_be_torn_down(testing, protected):
    options = testing(protected=protected)["it-inspector"].options

    assert options.protect is protected
    assert options.retain_on_delete is protected


# --- regions


def test_where_code_cannot_be_scanned_the_setting_is_named():
    (problem,) = problems(SecurityTestingSpec(), "eu-south-1")

    assert problem.startswith("bulwark:securityTesting.functionCode: Inspector does not read")
    assert list(problems(SecurityTestingSpec(function_code=False), "eu-south-1")) == []
    assert list(problems(SecurityTestingSpec(), "eu-central-1")) == []


def test_what_an_administrator_decides_is_no_problem_of_ours():
    spec = SecurityTestingSpec(administrator="111111111111")

    assert list(problems(spec, "eu-south-1")) == []

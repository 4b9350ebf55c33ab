"""What counts on Azure: rows as Resource Graph's documentation has them."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from azure_fleet import vm, weakness

from bulwark_runtime.weaknesses import azure_finding, azure_patches
from bulwark_runtime.weaknesses.azure import Settings, count
from bulwark_runtime.weaknesses.azure_accepted import Accepted
from bulwark_runtime.weaknesses.azure_graph import ResourceGraph, TooManyError
from pulumi_bulwark.stacks.azure_watched import _of_counter

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ACCEPTED = {"weaknesses": ["CVE-2026-1"], "resources": [], "until": "2026-11-25"}
TABLES = Path(__file__).parent.parent / "components/azure_tables.yaml"


class Rows:
    """The answers to each of our queries."""

    def __init__(self, findings=(), failed=(), unpatched=()):
        self.of = {
            azure_finding.QUERY: list(findings),
            azure_patches.FAILED: list(failed),
            azure_patches.UNPATCHED: list(unpatched),
        }

    def ask(self, query):
        return self.of[query]


@pytest.fixture
def said(caplog):
    """Count; what the last line says, and how many lines there are of each kind."""
    caplog.set_level(logging.INFO)

    def run(*, exceptions=(), now=NOW, **rows):
        settings = Settings(
            subscription_id="s",
            deadlines={"high": 30},
            accepted=[Accepted.read(one) for one in exceptions],
        )
        count(Rows(**rows), settings, now)
        return [json.loads(record.message) for record in caplog.records]

    return run


def open_for(days, cve="CVE-2026-1", name="a"):
    since = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return weakness(vm(name), cve=cve, looked=since, published=since)


def test_it_counts_what_is_open_and_what_is_open_for_too_long(said):
    late, counted = said(findings=[open_for(31), open_for(29, cve="CVE-2026-2")])

    assert (counted["overdue"], counted["open"]) == (1, 2)
    assert (late["message"], late["weakness"], late["resource"]) == (
        "overdue",
        "CVE-2026-1",
        vm("a"),
    )


def test_it_says_nought_where_there_is_nothing(said):
    (counted,) = said()

    assert [counted[of] for of in ("overdue", "open", "failed_machines", "unpatched_machines")] == [
        0,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize(("day", "overdue"), [(date(2026, 11, 25), 0), (date(2026, 11, 26), 1)])
def test_what_is_accepted_counts_again_on_the_day_after(said, day, overdue):
    now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    assert said(findings=[open_for(40)], exceptions=[ACCEPTED], now=now)[-1]["overdue"] == overdue


def test_it_counts_the_machines_on_which_patches_failed_and_names_them(said):
    failed, counted = said(failed=[{"resource": vm("a"), "status": "Failed", "ended": "now"}])

    assert counted["failed_machines"] == 1
    assert failed["resource"] == vm("a")


def test_each_alarm_hears_the_line_with_the_numbers_and_no_other(said, caplog):
    counted = said(
        findings=[open_for(31)],
        failed=[{"resource": vm("a"), "status": "Failed"}],
    )[-1]
    for line in _of_counter("app").values():
        (heard,) = [r.message for r in caplog.records if line.words in r.message]
        assert json.loads(heard) == counted
        assert line.number is None or counted[line.number] == 1


def test_kusto_takes_our_queries(kusto_says):
    tables = yaml.safe_load(TABLES.read_text())
    queries = [azure_finding.QUERY, azure_patches.FAILED, azure_patches.UNPATCHED]

    answers = kusto_says(tables, queries)

    assert [answer["wrong"] for answer in answers] == [[], [], []]
    assert set(answers[1]["columns"]) == {"resource", "ended", "status"}


class Credential:
    def get_token(self, *_, **__):
        from azure.core.credentials import AccessToken

        return AccessToken("token", 2_000_000_000)


@pytest.fixture
def graph(azure_fleet, authority):
    from arm import SUBSCRIPTION

    root, _ = authority
    at = azure_fleet.arm.at
    return ResourceGraph(Credential(), SUBSCRIPTION, at, connection_verify=str(root), retry_total=0)


def test_all_pages_are_read(graph, azure_fleet):
    azure_fleet.findings = [open_for(31, cve=f"CVE-2026-{n}") for n in range(3)]

    assert len(graph.ask(azure_finding.QUERY)) == 3


def test_more_than_is_read_is_an_error_and_no_smaller_number(graph, azure_fleet, monkeypatch):
    monkeypatch.setattr("bulwark_runtime.weaknesses.azure_graph._MOST_PAGES", 2)
    path = "/providers/Microsoft.ResourceGraph/resources"
    azure_fleet.arm.posts[path] = lambda _: (200, {}, {"data": [{}], "$skipToken": "more"})

    with pytest.raises(TooManyError):
        graph.ask("resources")

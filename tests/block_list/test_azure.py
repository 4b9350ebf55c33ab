"""The writer on Azure: a table in azurite, and a policy that is written as Front Door has it."""

import copy
import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.core.exceptions import HttpResponseError
from azure_resources import GROUP, POLICIES
from block_list_world import NUMBERS, asking

from bulwark_runtime.block_list import Entry, Gone, azure
from bulwark_runtime.block_list.azure_arm import Arm
from bulwark_runtime.block_list.azure_policy import PolicySets
from bulwark_runtime.block_list.azure_queue import Requests
from bulwark_runtime.block_list.azure_table import StorageTable
from bulwark_runtime.block_list.networks import parse
from bulwark_runtime.block_list.ports import BusyError, IpSet, Outcome, Seen

POLICY = f"{GROUP}/providers/{POLICIES}/waf"
NOBODY = "192.0.2.1/32"
V4 = [f"Blocked{n}" for n in range(4)]
V6 = ["Blocked4"]
BATCHES = 100  # a bound, for what never ends


def rule(name, values, action="Block"):
    condition = {"matchVariable": "SocketAddr", "operator": "IPMatch", "matchValue": values}
    return {"name": name, "action": action, "matchConditions": [condition]}


def policy():
    rules = [rule(name, [NOBODY]) for name in (*V4, *V6)]
    rules += [rule("Allowed0", ["198.51.100.7/32"], "Allow"), rule("Countries", ["KP"])]
    return {
        "location": "Global",
        "sku": {"name": "Premium_AzureFrontDoor"},
        "tags": {"owner": "platform"},
        "properties": {
            "policySettings": {"mode": "Prevention"},
            "customRules": {"rules": rules},
            "managedRules": {"managedRuleSets": [{"ruleSetType": "Microsoft_DefaultRuleSet"}]},
            "resourceState": "Enabled",
        },
    }


def values(resources, *names):
    rules = resources[POLICY]["properties"]["customRules"]["rules"]
    found = {r["name"]: r["matchConditions"][0]["matchValue"] for r in rules}
    return [value for name in names for value in found[name]]


def v4(resources):
    return [value for value in values(resources, *V4) if value != NOBODY]


@pytest.fixture(scope="module")
def tables(azurite):
    from azure.data.tables import TableServiceClient

    return TableServiceClient(azurite.tables, **azurite.options)


@pytest.fixture
def client(tables):
    return tables.create_table(f"blocks{next(NUMBERS)}")


@pytest.fixture
def table(client):
    return StorageTable(client)


@pytest.fixture
def signed_in(azurite, credential, monkeypatch):
    """As the function's identity, with the SDK's own clients."""
    # Tries of the SDK's making wait for real.
    options = {"connection_verify": str(azurite.trust), "retry_total": 0}
    monkeypatch.setattr(azure, "_options", lambda: options)
    monkeypatch.setattr(azure, "_credential", lambda _: credential)


@pytest.fixture
def place(resources, service_bus, azurite, client, signed_in, monkeypatch):  # noqa: PLR0917
    """A block list of the test's own, whose writer does not really wait."""
    resources.put(POLICY, policy())
    for name, value in {
        "AzureWebJobsStorage__accountName": "account",
        "BULWARK_TABLE": client.table_name,
        "BULWARK_POLICY": POLICY,
        "BULWARK_RULES": json.dumps({"blocked": {"4": V4, "6": V6}}),
        "BULWARK_QUEUE": "requests",
        "BULWARK_SERVICE_BUS__fullyQualifiedNamespace": service_bus.host,
    }.items():
        monkeypatch.setenv(name, value)
    azure._settings.cache_clear()
    monkeypatch.setattr(azure, "ENDPOINT", resources.url)
    monkeypatch.setattr(azure, "TABLES", azurite.tables)
    yield resources
    azure._settings.cache_clear()


@pytest.fixture
def send(service_bus, credential, azurite):
    requests = Requests(
        credential, service_bus.host, "requests", connection_verify=str(azurite.trust)
    )

    def send(*networks, action="add", **more):
        asked = asking(action, networks, **more)
        requests.send(json.dumps(asked), id_=asked["id"], who="ada@example.com")
        return asked["id"]

    return send


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def pump(service_bus, pauses):
    def pump(**more):
        service_bus.hand_over(lambda batch: azure.work(batch, sleep=pauses.append, **more))

    return pump


@pytest.fixture
def work_off(service_bus, pump):
    def work_off():
        for _ in range(BATCHES):
            if not service_bus.waiting:
                return
            pump()
        pytest.fail("the queue is never empty")

    return work_off


def told(caplog, event):
    lines = [json.loads(r.message) for r in caplog.records if r.name == "bulwark.block_list"]
    return [line for line in lines if line["event"] == event]


# --- what is asked for happens


def test_an_address_is_blocked_in_the_rules_of_its_version(place, send, work_off):
    send("203.0.113.7", "2001:db8::/48")
    work_off()

    assert v4(place) == ["203.0.113.7/32"]
    assert values(place, *V6) == ["2001:db8::/48"]


def test_the_rest_of_the_policy_is_sent_back_as_it_was(place, send, work_off):
    before = copy.deepcopy(place[POLICY])
    send("203.0.113.7")
    work_off()

    after = place[POLICY]
    assert (after["sku"], after["tags"]) == (before["sku"], before["tags"])
    for name in ("managedRules", "policySettings"):
        assert after["properties"][name] == before["properties"][name]
    assert values(place, "Allowed0", "Countries") == ["198.51.100.7/32", "KP"]


def test_nothing_is_sent_that_is_azures_own_to_say(place, send, work_off):
    send("203.0.113.7")
    work_off()

    (body,) = place.written
    assert set(body) == {"location", "sku", "tags", "properties"}
    assert set(body["properties"]) == {"customRules", "managedRules", "policySettings"}


def test_more_than_a_rule_holds_goes_on_in_the_next(place, send, work_off):
    send(*(f"203.0.{n // 256}.{n % 256}" for n in range(0, 1402, 2)))
    work_off()

    counts = [len(values(place, name)) for name in V4]
    assert counts == [600, 101, 1, 1]
    assert values(place, "Blocked2", "Blocked3") == [NOBODY, NOBODY]


def test_what_has_no_room_waits_and_is_told_of(place, send, work_off, caplog):
    caplog.set_level(logging.INFO)
    send(*(f"2001:db8:{n:x}::/48" for n in range(0, 1202, 2)))
    work_off()

    assert len(values(place, *V6)) == 600
    (looked,) = told(caplog, "converged")
    assert (looked["waiting"], looked["fill_percent"]) == (1, pytest.approx(100 * 601 / 600))


def test_an_address_is_taken_out_and_the_rule_has_nobodys_again(place, send, work_off):
    send("203.0.113.7")
    work_off()
    send("203.0.113.7", action="remove")
    work_off()

    assert values(place, *V4) == [NOBODY] * 4


def test_the_address_of_an_empty_rule_is_refused_since_it_says_nothing(place, send, work_off):
    id_ = send("192.0.2.0/24")
    work_off()

    outcome = outcome_of(id_)
    assert outcome["outcome"] == "rejected"
    assert "has a part in 192.0.2.1/32, which is never blocked" in outcome["notes"][0]


def outcome_of(id_):
    return azure._table(azure._settings()).outcome(id_)


def test_who_asked_is_what_the_sender_says_and_marked_so(place, send, work_off):
    id_ = send("203.0.113.7")
    work_off()

    assert outcome_of(id_)["who"] == "says: ada@example.com"


def test_a_request_is_applied_once_however_often_it_is_sent(place, send, work_off, service_bus):
    id_ = send("203.0.113.7")
    work_off()
    service_bus._ids.clear()
    send("203.0.113.7", id=id_)
    work_off()

    assert len(place.written) == 1


# --- what gets in between


def test_fifty_requesters_at_once_lose_nothing(place, send, work_off):
    place.busy_looks = 1
    place.refuses = [("PUT", 429, "TooManyRequests"), ("PUT", 409, "AnotherOperationInProgress")]
    with ThreadPoolExecutor(50) as pool:
        for each in [pool.submit(send, f"203.0.113.{2 * n}") for n in range(50)]:
            each.result()
    work_off()

    assert sorted(v4(place)) == sorted(f"203.0.113.{2 * n}/32" for n in range(50))


def test_a_batch_is_one_write_of_the_policy(place, send, work_off):
    for n in range(20):
        send(f"203.0.113.{2 * n}")
    work_off()

    assert len(place.written) == 1


def test_a_policy_that_somebody_changed_before_the_write_is_read_anew(place, send, work_off):
    def stricter():
        changed = copy.deepcopy(place[POLICY])
        changed["properties"]["policySettings"]["mode"] = "Detection"
        place.put(POLICY, changed)

    looks = iter([lambda: None, stricter])
    usual = place._get

    def get(path, body):
        if POLICY in path:
            next(looks, lambda: None)()
        return usual(path, body)

    place._get = get
    send("203.0.113.7")
    work_off()

    assert v4(place) == ["203.0.113.7/32"]
    assert place[POLICY]["properties"]["policySettings"]["mode"] == "Detection"


def test_a_write_that_somebody_wrote_over_is_done_again(place, send, work_off):
    place.after_put = [lambda: place.put(POLICY, policy())]
    send("203.0.113.7")
    work_off()

    assert v4(place) == ["203.0.113.7/32"]
    assert len(place.written) == 2


def test_what_a_stack_update_wiped_is_back_at_the_next_look_and_told_of(
    place, send, work_off, service_bus, caplog
):
    caplog.set_level(logging.INFO)
    send("203.0.113.7")
    work_off()
    place.put(POLICY, policy())
    azure.tick(1)
    work_off()

    assert v4(place) == ["203.0.113.7/32"]
    (repaired,) = told(caplog, "repaired")
    assert (repaired["put_back"], repaired["taken_out"]) == (1, 0)


def test_what_is_over_is_taken_out_at_the_next_look(place, send, work_off, pump):
    send("203.0.113.7", until="2030-01-01T00:00:00Z")
    work_off()
    azure.tick(1)
    pump(clock=lambda: 1_893_456_001.0)

    assert v4(place) == []


def test_a_change_that_is_still_on_its_way_is_waited_for(place, send, work_off, pauses):
    place.busy_looks = 3
    send("203.0.113.7")
    work_off()

    assert v4(place) == ["203.0.113.7/32"]
    assert pauses == [1.0, 2.0, 4.0]


def test_a_policy_that_is_never_written_is_not_waited_for_for_ever(place, send, pump, pauses):
    place.busy_looks = 10_000
    send("203.0.113.7")
    with pytest.raises(BusyError, match="not written yet"):
        pump(patience=lambda: 0.0)

    assert 60 < sum(pauses) < 130


# --- what fails comes again


def test_an_error_that_does_not_pass_gives_the_messages_back_after_a_pause(
    place, send, pump, service_bus, pauses
):
    place.refuses = [("GET", 403, "AuthorizationFailed")]
    send("203.0.113.7")
    with pytest.raises(HttpResponseError):
        pump()

    assert [m["delivery_count"] for m in service_bus.waiting] == [1]
    assert pauses == [1]


def test_what_was_given_back_is_applied_when_it_comes_again(place, send, pump, work_off):
    place.refuses = [("GET", 403, "AuthorizationFailed")]
    send("203.0.113.7")
    with pytest.raises(HttpResponseError):
        pump()
    work_off()

    assert v4(place) == ["203.0.113.7/32"]


def test_the_pause_grows_and_ends_before_the_lock_does():
    assert [azure.pause(tries) for tries in (1, 2, 3, 5, 6, 10)] == [1, 2, 4, 16, 30, 30]


def test_a_policy_without_the_rules_is_an_error_that_names_them(place, send, pump):
    bare = policy()
    bare["properties"]["customRules"]["rules"] = []
    place.put(POLICY, bare)
    send("203.0.113.7")
    with pytest.raises(LookupError, match="no rule Blocked0, Blocked1"):
        pump()


# --- the clock


def test_a_tick_is_one_a_minute_and_worth_reading_for_that_long(place, service_bus):
    azure.tick(7)
    azure.tick(7)

    assert len(service_bus.waiting) == 1
    (broker, body), _ = service_bus.sent
    assert broker == {"MessageId": "tick-7", "SessionId": "block-list", "TimeToLive": 60}
    assert json.loads(body) == {"detail-type": "Scheduled Event"}


def test_what_nothing_has_changed_is_not_written_again(place, send, work_off):
    send("203.0.113.7")
    work_off()
    azure.tick(1)
    work_off()

    assert len(place.written) == 1


# --- the table

ENTRY = Entry(
    network=parse("203.0.113.0/24"),
    id="request-1",
    order="1.1",
    since=1_800_000_000,
    until=9_000_000_000,
    reason="They “scan” for logins",
    source="cli",
    who="says: ada",
)
GONE = Gone(network=parse("2001:db8::/48"), id="request-2", order="2.1", since=3, who="says: bob")
FOR_EVER = Entry(
    network=parse("2001:db8::1"), id="r" * 8, order="3", since=4, until=None, reason="x",
    source="cli", who="",
)  # fmt: skip


def outcome(id_, **more):
    said = {"outcome": "applied", "who": "says: ada", "sent": 1.0, "done": 2.0, "asked": {}}
    return Outcome(**({"id": id_} | said | more))


def test_what_is_put_comes_back_as_it_was(table):
    table.put("blocked", [ENTRY, GONE, FOR_EVER])

    state = table.load("blocked")
    assert sorted(state.entries, key=lambda e: e.order) == [ENTRY, FOR_EVER]
    assert state.gone == [GONE]
    assert table.load("other").entries == []


def test_what_is_put_twice_at_once_is_there_once(table):
    table.put("blocked", [ENTRY, ENTRY])

    assert table.load("blocked").entries == [ENTRY]


def test_more_than_a_transaction_holds_is_put_and_deleted(table):
    several = [
        Entry(network=parse(f"203.0.113.{n}"), id=f"request-{n}", order=str(n), since=1,
              until=None, reason="x", source="cli", who="")
        for n in range(250)
    ]  # fmt: skip
    table.put("blocked", several)
    assert len(table.load("blocked").entries) == 250

    table.delete("blocked", several)
    assert table.load("blocked").entries == []


def test_what_is_gone_already_keeps_nothing_else_from_going(table):
    table.put("blocked", [ENTRY])
    table.delete("blocked", [ENTRY, FOR_EVER])

    assert table.load("blocked").entries == []


def test_only_what_was_applied_is_known(table):
    table.record([outcome("request-1"), outcome("request-2", outcome="rejected")])

    assert table.known(["request-1", "request-2", "request-3"]) == {"request-1"}


def test_a_request_of_thousands_of_networks_is_on_record_whole(table):
    asked = {
        "list": "blocked",
        "networks": [f"10.0.{n // 256}.{n % 256}/32" for n in range(15_000)],
    }
    table.record([outcome("request-1", asked=asked, notes=["a note"])])

    found = table.outcome("request-1")
    assert (found["networks"], found["notes"]) == (asked["networks"], ["a note"])
    assert table.outcome("request-2") is None


def test_the_history_is_forgotten_when_its_time_is_over(client):
    table = StorageTable(client, history_days=90)
    table.record([outcome("old-request", done=1e9), outcome("new-request", done=2e9)])
    table.put("blocked", [ENTRY])

    assert table.forget(2e9) == 1
    assert (table.outcome("old-request"), table.outcome("new-request")["outcome"]) == (
        None,
        "applied",
    )
    assert table.load("blocked").entries == [ENTRY]


def test_what_the_writer_left_is_remembered_however_much_it_is(table):
    seen = Seen(at=5.0, digests={"blocked-ipv4": ["a" * 40_000], "blocked-ipv6": ["b"]})
    ip_set = IpSet(id="blocked-ipv4", name="Blocked0", scope="s", region="r", version=4)
    table.see("blocked", seen, [ip_set])

    assert table.seen("blocked") == seen
    assert table.status("blocked")["sets"][0]["version"] == "IPV4"
    assert table.seen("other") == Seen()


# --- the policy alone


def test_a_token_is_good_for_as_long_as_nobody_else_writes(resources, credential, azurite):
    resources.put(POLICY, policy())
    arm = Arm(credential, resources.url, connection_verify=str(azurite.trust))
    one, other = (
        IpSet(id=name, name=name, scope=POLICY, region="global", version=4) for name in V4[:2]
    )
    sets = PolicySets(arm, [one, other], sleep=lambda _: None)
    tokens = [sets.read(each).token for each in (one, other)]
    sets.write(one, ["203.0.113.7/32"], tokens[0])
    sets.write(other, ["2001:db8::/48"], tokens[1])

    with pytest.raises(BusyError, match="somebody else"):
        sets.write(one, [], tokens[0])
    assert sets.read(one).addresses == {"203.0.113.7/32"}


# --- settings

GOOD = {
    "AzureWebJobsStorage__accountName": "account",
    "BULWARK_TABLE": "t",
    "BULWARK_POLICY": POLICY,
    "BULWARK_RULES": json.dumps({"blocked": {"4": ["Blocked0", "Blocked1"], "6": ["Blocked2"]}}),
    "BULWARK_QUEUE": "q",
    "BULWARK_SERVICE_BUS__fullyQualifiedNamespace": "x.servicebus.windows.net",
}


def test_settings_are_read():
    found = azure.Settings.read(GOOD | {"BULWARK_WIDEST": "16 40"})

    assert [(s.id, s.name, s.version, s.room) for s in found.sets["blocked"]] == [
        ("blocked-ipv4", "Blocked0 Blocked1", 4, 1200),
        ("blocked-ipv6", "Blocked2", 6, 600),
    ]
    assert found.rules.widest == {4: 16, 6: 40}
    assert found.history_days == 400


def test_every_setting_that_is_wrong_is_named_at_once():
    with pytest.raises(ValueError, match="BULWARK") as error:
        azure.Settings.read({"BULWARK_RULES": "[]", "BULWARK_WIDEST": "24"})

    assert str(error.value) == (
        "AzureWebJobsStorage__accountName is missing; BULWARK_TABLE is missing; "
        "BULWARK_POLICY is missing; "
        "BULWARK_QUEUE is missing; BULWARK_SERVICE_BUS__fullyQualifiedNamespace is missing; "
        "BULWARK_RULES is not as it should be; BULWARK_WIDEST is not as it should be"
    )

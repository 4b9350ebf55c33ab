"""The responder on Azure: cases in azurite, resources and the block list's queue faked."""

import copy
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError
from azure_resources import GROUP, SUBSCRIPTION

from bulwark_runtime.playbooks import azure, azure_events, azure_samples
from bulwark_runtime.playbooks.actions import Order
from bulwark_runtime.playbooks.azure_cases import StorageCases
from bulwark_runtime.playbooks.azure_rotate_secret import RotateVaultSecret
from bulwark_runtime.playbooks.cases import Case, Step
from bulwark_runtime.playbooks.incident import Subject, UnreadableError
from bulwark_runtime.rotation import azure as rotation

ADA, BOB = "00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000b1"
MALLORY = "00000000-0000-0000-0000-0000000000e1"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/reports"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/app"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/app-1"
ISOLATION = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/isolation"
USER = "/v1.0/users/" + MALLORY
ASSIGNMENT = (
    f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/"
    "00000000-0000-0000-0000-0000000000c1"
)
NEVER = {"bulwark:respond": "never"}
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)

PLAYBOOKS = {
    "attacked": {"source": "defender", "types": ["VM_SshBruteForce"], "action": "block-source"},
    "opened": {"source": "defender", "types": ["Storage.Blob_OpenACL"], "action": "close-storage"},
    "mining": {"source": "defender", "types": ["VM_CryptoMining"], "action": "isolate-machine"},
    "role-given": {
        "source": "activity",
        "types": ["Microsoft.Authorization/roleAssignments/write"],
        "action": "remove-assignment",
    },
    "stolen": {"source": "defender", "types": ["ARM_"], "action": "disable-entra-user"},
    "leaked": {
        "source": "alarm",
        "types": ["vault"],
        "action": "rotate-secret",
        "parameters": {"subject": "session-key"},
    },
}
EVENTS = {
    "attacked": "defender-address",
    "opened": "defender-storage",
    "mining": "defender-machine",
    "role-given": "activity-assignment",
    "stolen": "defender-user",
    "leaked": "alarm-vault",
}
NAMES = {**azure_samples.EVENTS}
NAMES["defender-address"] = copy.deepcopy(NAMES["defender-address"]) | {
    "AlertType": "VM_SshBruteForce"
}


def made(resources):
    """What the actions are done to."""
    resources.put(
        STORAGE,
        {
            "location": "x",
            "properties": {
                "allowBlobPublicAccess": True,
                "networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "198.51.100.7"}]},
            },
        },
    )
    resources.put(
        MACHINE, {"properties": {"networkProfile": {"networkInterfaces": [{"id": CARD}]}}}
    )
    resources.put(
        CARD,
        {
            "location": "x",
            "properties": {"ipConfigurations": [{"name": "one"}], "networkSecurityGroup": None},
        },
    )
    resources.put(
        ASSIGNMENT,
        {
            "properties": {
                "principalId": MALLORY,
                "principalType": "User",
                "roleDefinitionId": f"{SUBSCRIPTION}/roleDefinitions/owner",
                "scope": GROUP,
            }
        },
    )
    resources.put(USER, {"accountEnabled": True})
    resources.answers["/revokeSignInSessions"] = lambda *_: (200, {"value": True})


def how(resources, name):
    """How what an action is done to is now."""
    match name:
        case "opened":
            properties = resources[STORAGE]["properties"]
            return properties["allowBlobPublicAccess"], properties["networkAcls"]
        case "mining":
            return resources[CARD]["properties"].get("networkSecurityGroup")
        case "role-given":
            return ASSIGNMENT in resources
        case "stolen":
            return resources[USER]["accountEnabled"]
    return None


@pytest.fixture(scope="module")
def tables(azurite):
    from azure.data.tables import TableServiceClient

    return TableServiceClient(azurite.tables, **azurite.options)


@pytest.fixture
def client(tables, request):
    name = f"cases{abs(hash(request.node.name)) % 10**12}"
    yield tables.create_table_if_not_exists(name)
    tables.delete_table(name)


@pytest.fixture
def signed_in(azurite, credential, monkeypatch):
    options = {"connection_verify": str(azurite.trust), "retry_total": 0}
    monkeypatch.setattr(azure, "_options", lambda: options)
    monkeypatch.setattr(azure, "_credential", lambda: credential)
    monkeypatch.setattr(azure, "TABLES", azurite.tables)


@pytest.fixture
def things(resources, vault, monkeypatch):
    """What the actions are done to, where the responder looks for it."""
    made(resources)
    vault._set("session-key", {"value": "old"})
    monkeypatch.setattr(azure, "ENDPOINT", resources.url)
    monkeypatch.setattr(azure, "GRAPH", resources.url)
    monkeypatch.setenv("BULWARK_VAULT_URI", vault.url)
    return resources


@pytest.fixture
def place(things, service_bus, client, signed_in, monkeypatch):
    """A responder of the test's own."""

    def set_up(mode="auto", **more):
        playbooks = {name: of | {"mode": mode} | more for name, of in PLAYBOOKS.items()}
        for name, value in {
            "AzureWebJobsStorage__accountName": "account",
            "BULWARK_APPROVERS": json.dumps([ADA, BOB]),
            "BULWARK_ATTEMPTS": "5",
            "BULWARK_BLOCK_QUEUE": f"{service_bus.host}/block-requests",
            "BULWARK_ISOLATION": ISOLATION,
            "BULWARK_PLAYBOOKS": json.dumps(playbooks),
            "BULWARK_RUNBOOK": "docs/runbook.md",
            "BULWARK_SCOPE": GROUP,
            "BULWARK_STACK": "prod",
            "BULWARK_SUBSCRIPTION": SUBSCRIPTION.rsplit("/", 1)[1],
            "BULWARK_TABLE": client.table_name,
        }.items():
            monkeypatch.setenv(name, value)
        forget_settings()
        return things

    yield set_up
    forget_settings()


def forget_settings():
    for cached in (azure._settings, azure.responder, azure._arm):
        cached.cache_clear()


def happens(name, tries=1):
    azure.meet(json.dumps(NAMES[EVENTS[name]]).encode(), tries)


def decides(what, of, by=ADA, id_="decision-1"):
    body = {"format": azure.FORMAT, "decision": what, "of": of, "id": id_}
    return azure.decide({"X-MS-CLIENT-PRINCIPAL-ID": by}, json.dumps(body).encode())


def cases(client):
    return list(StorageCases(client).all())


def told(caplog):
    lines = [json.loads(r.message) for r in caplog.records if r.name == "bulwark.playbooks"]
    return [line for line in lines if line["event"] == "tell"]


# --- what happens, is done, and is undone

DONE = {
    "opened": (
        False,
        {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.7"}]},
    ),
    "mining": {"id": ISOLATION},
    "role-given": False,
    "stolen": False,
}


@pytest.mark.parametrize("name", DONE)
def test_an_alert_is_acted_on_once_and_people_are_told(place, client, caplog, name):
    resources = place()
    happens(name)
    happens(name)

    assert how(resources, name) == DONE[name]
    (case,) = cases(client)
    assert (case.state, case.playbook) == ("done", name)
    (message,) = told(caplog)
    assert (message["how"], f"{name}: was acted on" in message["subject"]) == ("page", True)


@pytest.mark.parametrize("name", ["opened", "mining", "stolen"])
def test_undo_puts_back_what_was_there(place, client, name):
    resources = place()
    before = how(resources, name)
    happens(name)
    status, answer = decides("undo", cases(client)[0].id)

    assert (status, answer["state"]) == (200, "undone")
    assert how(resources, name) == before or not (before or how(resources, name))


def test_what_somebody_has_changed_since_is_not_undone(place, client):
    resources = place()
    happens("opened")
    resources[STORAGE]["properties"]["allowBlobPublicAccess"] = True
    resources[STORAGE]["properties"]["networkAcls"]["defaultAction"] = "Deny"
    _, answer = decides("undo", cases(client)[0].id)

    assert answer["state"] == "done"
    assert "somebody has changed" in cases(client)[0].said


def test_a_role_that_was_taken_is_not_given_back(place, client):
    resources = place()
    happens("role-given")
    _, answer = decides("undo", cases(client)[0].id)

    assert answer["state"] == "done"
    assert ASSIGNMENT not in resources


def test_whoever_is_disabled_is_signed_out_afterwards(place):
    resources = place()
    happens("stolen")

    changed = [(method, path) for method, path, _ in resources.calls if method in ("PATCH", "POST")]
    assert changed == [("PATCH", USER), ("POST", f"{USER}/revokeSignInSessions")]


def test_a_user_whom_an_administrator_had_disabled_stays_so(place, client):
    resources = place()
    resources[USER]["accountEnabled"] = False
    happens("stolen")
    decides("undo", cases(client)[0].id)

    assert resources[USER]["accountEnabled"] is False


@pytest.mark.parametrize("setting", ["BULWARK_NEVER", "BULWARK_APPROVERS"])
def test_neither_who_approves_nor_who_breaks_the_glass_is_disabled(
    place, client, monkeypatch, setting
):
    resources = place()
    monkeypatch.setenv(setting, json.dumps([MALLORY]))
    forget_settings()
    happens("stolen")

    assert resources[USER]["accountEnabled"] is True
    assert cases(client)[0].state == "refused"


def test_an_application_is_no_user_to_disable(place, client):
    resources = place()
    del resources.held[USER]
    happens("stolen")

    assert cases(client)[0].said == "there is no such user in the tenant"


def test_a_secret_is_ended_and_its_rotation_makes_the_next_value(
    place, vault, vault_client, client
):
    place()
    happens("leaked")
    assert cases(client)[0].state == "done"

    plan = '{"session-key": {"kind": "generated", "days": 30}}'
    rotation.rotate(vault_client, rotation.planned(plan), datetime.now(UTC))
    assert len(vault.values("session-key")) == 2
    assert vault.value("session-key") != "old"


def test_no_value_is_read_to_end_a_secret(place, vault):
    place()
    happens("leaked")

    assert [path.partition("?")[0] for path in vault.asked("GET")] == [
        "/secrets/session-key/versions"
    ] * 2
    assert vault.value("session-key") == "old"


def test_an_attempt_that_comes_again_does_not_end_the_next_value(vault, vault_client):
    vault._set("session-key", {"value": "old"})
    action = RotateVaultSecret(vault_client)
    order = Order(case="c", subject=Subject("secret", "session-key"), now=NOW)
    before = action.look(order)
    vault._set("session-key", {"value": "new"})
    action.act(order, before)

    assert [version["exp"] for version in vault.secrets["session-key"]] == [None, None]


def test_a_secret_whose_newest_version_is_off_is_left(place, vault, client):
    place()
    vault.secrets["session-key"][0]["enabled"] = False
    happens("leaked")

    assert cases(client)[0].state == "refused"
    assert vault.secrets["session-key"][0]["exp"] is None


def test_an_address_goes_to_the_block_lists_queue(place, service_bus, client):
    place()
    happens("attacked")

    ((broker, body),) = service_bus.sent
    asked = json.loads(body)
    assert broker["SessionId"] == "block-list"
    assert broker["MessageId"] == asked["id"]
    assert (asked["action"], asked["networks"]) == ("add", ["8.8.8.8/32"])
    assert asked["source"] == "playbook:attacked"


def test_the_request_is_one_that_the_block_list_takes(place, service_bus):
    from bulwark_runtime.block_list import Rules, read

    place()
    happens("attacked")
    ((_, body),) = service_bus.sent

    found = read(body, lists=["blocked"], rules=Rules(), now=1.0)
    assert [str(n) for n in found.networks] == ["8.8.8.8/32"]


# --- what is left alone


def test_what_has_the_tag_is_left_alone(place, client):
    resources = place()
    resources[STORAGE]["tags"] = NEVER
    happens("opened")

    assert how(resources, "opened")[0] is True
    assert cases(client)[0].state == "refused"


def test_what_is_outside_of_the_environment_is_left_alone(place, client, monkeypatch):
    resources = place()
    monkeypatch.setenv("BULWARK_SCOPE", f"{SUBSCRIPTION}/resourceGroups/another")
    forget_settings()
    for name in DONE.keys() - {"stolen"}:  # users are in no group
        happens(name)

    assert {case.state for case in cases(client)} == {"refused"}
    assert [m for m, path, _ in resources.calls if m != "GET" and "servicebus" not in path] == []


def test_roles_of_those_who_are_never_touched_stay(place, client, monkeypatch):
    resources = place()
    monkeypatch.setenv("BULWARK_NEVER", json.dumps([MALLORY]))
    forget_settings()
    happens("role-given")

    assert ASSIGNMENT in resources
    assert cases(client)[0].state == "refused"


def test_a_role_behind_a_lock_is_for_a_person(place, client):
    resources = place()
    resources.refuses = [("DELETE", 409, "ScopeLocked")]
    happens("role-given")

    (case,) = cases(client)
    assert (case.state, "lock" in case.said) == ("refused", True)


def test_an_alert_of_another_subscription_is_told_and_not_acted_on(place, client, monkeypatch):
    resources = place()
    monkeypatch.setenv("BULWARK_SUBSCRIPTION", "00000000-0000-0000-0000-00000000000f")
    forget_settings()
    happens("opened")

    assert how(resources, "opened")[0] is True
    assert cases(client)[0].state == "told"


# --- approval


def test_what_waits_is_done_once_it_is_approved(place, client, caplog):
    resources = place("approve")
    happens("opened")
    (waiting,) = cases(client)
    assert (waiting.state, how(resources, "opened")[0]) == ("waiting", True)

    status, answer = decides("approve", waiting.id)
    assert (status, answer["state"]) == (200, "done")
    assert how(resources, "opened") == DONE["opened"]
    assert [m["subject"].partition(": ")[2] for m in told(caplog)] == [
        "waits for your approval",
        "was acted on",
    ]


def test_the_same_decision_twice_is_one(place, client):
    place("approve")
    happens("opened")
    (waiting,) = cases(client)
    first = decides("approve", waiting.id)

    assert decides("approve", waiting.id) == first
    assert [s.what for s in cases(client)[0].history].count("approved") == 1


def test_who_is_no_approver_learns_nothing(place, client):
    place("approve")
    happens("opened")
    (waiting,) = cases(client)

    assert decides("approve", waiting.id, by="somebody")[0] == 403
    assert decides("approve", "nothing", by="")[0] == 403
    assert cases(client)[0].state == "waiting"


def test_whoever_the_incident_is_about_does_not_decide(place, client, monkeypatch):
    resources = place("approve")
    monkeypatch.setenv("BULWARK_APPROVERS", json.dumps([ADA, MALLORY]))
    forget_settings()
    happens("role-given")
    (waiting,) = cases(client)
    decides("approve", waiting.id, by=MALLORY)

    assert ASSIGNMENT in resources
    assert cases(client)[0].state == "waiting"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"format": "bulwark.decision/1", "decision": "do"}']
)
def test_what_is_no_decision_is_refused(place, body):
    place()

    assert azure.decide({azure.WHO: ADA}, body)[0] == 400


def test_a_case_that_is_not_there_is_said(place):
    place()

    assert decides("approve", "0" * 16)[0] == 404


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_can_be_fired_in_dry_run(place, client, name):
    resources = place()
    before = copy.deepcopy(resources.held)
    status, _ = decides("fire", name)

    assert status == 200
    assert resources.held == before
    (case,) = cases(client)
    assert (case.dry_run, case.state in ("planned", "refused")) == (True, True)


# --- what fails


def test_a_failure_comes_again_and_at_last_people_are_told(place, client, caplog):
    resources = place()
    resources.refuses = [("PATCH", 403, "AuthorizationFailed")] * 2
    with pytest.raises(HttpResponseError):
        happens("opened")
    assert told(caplog) == []

    with pytest.raises(HttpResponseError):
        happens("opened", tries=5)
    assert "could not be acted on" in told(caplog)[0]["subject"]
    happens("opened")
    assert cases(client)[0].state == "done"


# --- events


@pytest.mark.parametrize("name", azure_samples.EVENTS)
def test_every_sample_is_read(name):
    (incident,) = azure_events.read(azure_samples.EVENTS[name])

    assert incident.source == name.partition("-")[0]
    assert incident.account == SUBSCRIPTION.rsplit("/", 1)[1]
    assert incident.subjects or name == "alarm-vault"


@pytest.mark.parametrize(
    "id_",
    [
        f"{GROUP}/../other/providers/Microsoft.Storage/storageAccounts/reports",
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/reports/..",
        f"{STORAGE}?x=/listKeys",
        f"{GROUP}/providers/Microsoft.Compute/virtualMachines/..",
        f"{STORAGE}#",
        f"{STORAGE}%2f..",
        f"https://example.com{STORAGE}",
        f"{GROUP}/./providers/Microsoft.Storage/storageAccounts/reports",
    ],
)
def test_an_id_that_leads_elsewhere_is_nobodys(id_):
    forged = copy.deepcopy(azure_samples.EVENTS["defender-storage"])
    forged["ResourceIdentifiers"].append({"Type": "AzureResource", "AzureResourceId": id_})
    (incident,) = azure_events.read(forged)

    assert [subject.name for subject in incident.subjects] == [STORAGE.lower()]


def test_a_part_of_an_account_is_the_account():
    alert = copy.deepcopy(azure_samples.EVENTS["defender-storage"])
    (resource,) = alert["ResourceIdentifiers"]
    resource["AzureResourceId"] += "/blobServices/default/containers/reports"
    (incident,) = azure_events.read(alert)

    assert [subject.name for subject in incident.subjects] == [STORAGE.lower()]


def test_a_call_of_an_application_is_no_users():
    event = copy.deepcopy(azure_samples.EVENTS["activity-assignment"])
    event["data"]["alertContext"]["caller"] = "00000000-0000-0000-0000-0000000000aa"
    (incident,) = azure_events.read(event)

    assert incident.of_kind("entra-user") == []


def test_an_alert_that_ends_is_no_incident():
    over = copy.deepcopy(azure_samples.EVENTS["alarm-vault"])
    over["data"]["essentials"]["monitorCondition"] = "Resolved"

    assert azure_events.read(over) == []


@pytest.mark.parametrize("name", azure_samples.EVENTS)
def test_what_lacks_something_is_unreadable_and_no_value_is_repeated(name):
    event = copy.deepcopy(azure_samples.EVENTS[name])
    (event["data"]["essentials"] if "data" in event else event).pop(
        "signalType" if "data" in event else "AlertType"
    )
    with pytest.raises(UnreadableError) as error:
        azure_events.read(event)
    assert "8.8.8.8" not in str(error.value)


def test_what_is_neither_is_unreadable():
    with pytest.raises(UnreadableError, match="neither"):
        azure_events.read({"hello": "world"})


# --- the table


def case(**more):
    (incident,) = azure_events.read(azure_samples.EVENTS["defender-storage"])
    usual = {
        "id": "0123456789abcdef",
        "playbook": "opened",
        "incident": incident,
        "action": "close-storage",
        "subject": incident.subjects[0],
        "dry_run": False,
        "opened": NOW,
    }
    return Case(**(usual | more))


STEP = Step(at=NOW, what="something", by="ada", decision="1")


def test_a_case_comes_back_as_it_was(client):
    book = StorageCases(client)
    whole = case(
        state="waiting", told="waiting", until=NOW + timedelta(hours=1), before={"a": [1]},
        said="x", decision="d", history=(STEP,),
    )  # fmt: skip
    assert book.open(whole) == whole
    assert book.find(whole.id) == whole
    assert book.open(replace(whole, said="later")) == whole


def test_a_case_moves_from_the_states_that_are_named_alone(client):
    book = StorageCases(client)
    book.open(case())

    assert book.move(case(), "done", STEP, of=("acting",)) is None
    moved = book.move(case(), "waiting", STEP, of=("open",), said="waits", until=NOW)
    assert (moved.state, moved.said, moved.history) == ("waiting", "waits", (STEP,))
    assert book.find(case().id) == moved


def test_of_many_who_move_a_case_at_once_one_does(client):
    StorageCases(client).open(case())

    def move(number):
        step = replace(STEP, decision=str(number))
        return StorageCases(client).move(case(), "acting", step, of=("open",))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(move, range(8)))
    assert sum(each is not None for each in found) == 1


def test_of_many_notes_at_once_none_is_lost(client):
    StorageCases(client).open(case())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: StorageCases(client).note(case(), STEP), range(4)))

    assert len(StorageCases(client).find(case().id).history) == 4


def test_no_more_are_taken_in_an_hour_than_the_limit(client):
    book = StorageCases(client)
    several = [case(id=f"{n:016x}") for n in range(4)]
    for each in several:
        book.open(each)

    taken = [book.take(each, STEP, hour="p#2026-11-25T09", limit=2) for each in several]
    assert taken == [True, True, False, False]
    assert book.take(several[0], STEP, hour="p#2026-11-25T09", limit=2)  # it is acting already
    assert book.take(several[3], STEP, hour="p#2026-11-25T10", limit=2)
    assert len(list(book.all())) == 4


def test_what_was_there_before_is_kept_once(client):
    book = StorageCases(client)
    book.open(case())
    book.remember(case(), {"a": 1})

    assert book.remember(case(), {"a": 2}).before == {"a": 1}


def test_nothing_is_changed_of_a_case_that_is_not_there(client):
    with pytest.raises(LookupError):
        StorageCases(client).note(case(), STEP)


def test_settings_name_what_is_missing():
    with pytest.raises(KeyError, match="BULWARK_PLAYBOOKS"):
        azure.Settings.read({})


logging.getLogger("bulwark.playbooks").setLevel(logging.INFO)

"""What becomes of an incident: modes, limits, approvals, duplicates and disorder."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from bulwark_runtime.playbooks import events
from bulwark_runtime.playbooks.aws_cases import TableCases
from bulwark_runtime.playbooks.incident import UnreadableError

AUTO = {"source": "trail", "types": ["cloudtrail:"], "action": "start-trail", "mode": "auto"}
ASKED = AUTO | {"mode": "approve", "approval_minutes": 30}
TRAIL = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/audit"


@pytest.fixture
def trail(world):
    """A trail that is stopped; whether it logs."""
    place = {"LocationConstraint": "eu-central-1"}
    world.client("s3").create_bucket(Bucket="audit-logs", CreateBucketConfiguration=place)
    trails = world.client("cloudtrail")
    trails.create_trail(Name="audit", S3BucketName="audit-logs")
    return lambda: trails.get_trail_status(Name="audit")["IsLogging"]


@pytest.fixture
def waiting(world, trail, sample):
    """A case that waits for its approval."""
    (case,) = world.playbooks(it=ASKED).happens(sample("trail-trail"))
    assert case.state == "waiting"
    return case


# --- modes


def test_what_only_tells_changes_nothing(world, trail, sample):
    (case,) = world.playbooks(it=AUTO | {"mode": "notify"}).happens(sample("trail-trail"))

    assert case.state == "told"
    assert not trail()


def test_people_are_told_as_loudly_as_the_playbook_says(world, trail, sample):
    world.playbooks(it=AUTO | {"severity": "ticket"}).happens(sample("trail-trail"))

    assert [how for how, _ in world.told] == ["ticket"]


def test_what_is_asked_first_waits(world, trail, waiting):
    assert not trail()
    assert f"bulwark respond approve {waiting.id} -s prod" in world.told[-1][1].text


def test_an_incident_of_another_account_is_told_and_not_acted_on(world, trail, sample):
    event = sample("trail-trail", account="999999999999")
    (case,) = world.playbooks(it=AUTO).happens(event)

    assert case.state == "told"
    assert not trail()


def test_an_event_that_names_nothing_to_act_on_is_told(world, sample):
    (case,) = world.playbooks(it=AUTO | {"types": ["s3:"]}).happens(sample("trail-bucket"))

    assert case.state == "told"


def test_the_settings_say_what_to_act_on_where_the_event_does_not(world, trail, sample):
    playbook = AUTO | {"types": ["s3:"], "parameters": {"subject": "audit"}}
    (case,) = world.playbooks(it=playbook).happens(sample("trail-bucket"))

    assert case.state == "done"
    assert trail()


# --- which playbooks


@pytest.mark.parametrize(
    ("trigger", "name", "matched"),
    [
        (("guardduty", "UnauthorizedAccess:EC2/"), "guardduty-address", True),
        (("guardduty", "UnauthorizedAccess:EC2/SSH"), "guardduty-address", False),
        (("guardduty", "UnauthorizedAccess:EC2/SSHBruteForce"), "guardduty-address", True),
        (("guardduty", "CryptoCurrency:EC2/BitcoinTool"), "guardduty-instance", True),
        (("securityHub", "security-control/EC2.1"), "security-hub-security-group", False),
        (("securityHub", "security-control/EC2.19"), "security-hub-security-group", True),
        (("securityHub", "Effects/Data Exposure"), "security-hub-secret", True),
        (("trail", "cloudtrail:StopLogging"), "trail-trail", True),
        (("trail", "cloudtrail:Stop"), "trail-trail", False),
        (("alarm", "waf"), "alarm-instance", True),
        (("guardduty", "cloudtrail:StopLogging"), "trail-trail", False),
    ],
)
def test_a_playbook_is_for_types_that_begin_so_as_words_go(world, sample, trigger, name, matched):
    source, begins = trigger
    cases = world.playbooks(it={"source": source, "types": [begins]}).happens(sample(name))

    assert bool(cases) == matched


@pytest.mark.parametrize(("least", "matched"), [("medium", True), ("high", False)])
def test_a_playbook_is_for_its_severity_and_above(world, sample, least, matched):
    playbook = {"source": "guardduty", "types": [""], "least": least}
    cases = world.playbooks(it=playbook).happens(sample("guardduty-address"))  # of severity 5

    assert bool(cases) == matched


def test_two_playbooks_that_want_the_same_do_it_once(world, trail, sample):
    cases = world.playbooks(one=AUTO, two=AUTO).happens(sample("trail-trail"))

    assert [case.playbook for case in cases] == ["one"]


def test_two_playbooks_that_want_different_things_both_get_them(world, sample):
    guardduty = {"source": "guardduty", "types": [""], "mode": "auto"}
    world.playbooks(
        key=guardduty | {"action": "disable-key"}, address=guardduty | {"action": "block-source"}
    )
    cases = world.happens(sample("guardduty-access-key"))

    assert {case.action for case in cases} == {"disable-key", "block-source"}


LEAKED = {"source": "guardduty", "types": ["UnauthorizedAccess:IAMUser/"], "mode": "approve"}


@pytest.mark.parametrize(
    ("name", "acts"),
    [("guardduty-access-key", "disable-key"), ("guardduty-role", "revoke-sessions")],
)
def test_a_playbook_with_nothing_to_act_on_leaves_it_to_one_that_has(world, sample, name, acts):
    world.playbooks(
        key=LEAKED | {"action": "disable-key"}, role=LEAKED | {"action": "revoke-sessions"}
    )
    event = sample(name)
    event["detail"]["type"] = "UnauthorizedAccess:IAMUser/MaliciousIPCaller"

    assert [case.action for case in world.happens(event)] == [acts]


def test_where_none_has_anything_to_act_on_one_tells(world, sample):
    world.playbooks(
        quiet=LEAKED | {"action": "disable-key", "severity": "ticket"},
        loud=LEAKED | {"action": "revoke-sessions"},
    )
    event = sample("guardduty-role")
    event["detail"]["resource"]["accessKeyDetails"]["userType"] = "Root"

    assert [case.playbook for case in world.happens(event)] == ["loud"]


def test_a_page_is_not_left_to_a_ticket(world, sample):
    world.playbooks(
        ticket=LEAKED | {"action": "revoke-sessions", "severity": "ticket"},
        page=LEAKED | {"action": "disable-key"},
    )

    assert {case.playbook for case in world.happens(sample("guardduty-role"))} == {"ticket", "page"}


def test_an_alarm_without_its_arn_is_unreadable(sample):
    with pytest.raises(UnreadableError):
        events.read(sample("alarm-instance") | {"resources": []})


def sign_in(event, result):
    """The event of a sign-in to the console (CloudTrail User Guide)."""
    event["detail-type"] = "AWS Console Sign In via CloudTrail"
    event["detail"] |= {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": result},
        "eventType": "AwsConsoleSignIn",
    }
    return event


def test_a_sign_in_to_the_console_is_a_call_of_its_own_kind(sample):
    (incident,) = events.read(sign_in(sample("trail-trail"), "Success"))

    assert incident.types == ("signin:ConsoleLogin",)


def test_a_sign_in_that_failed_has_changed_nothing(sample):
    assert events.read(sign_in(sample("trail-trail"), "Failure")) == []


def test_a_weakness_that_is_closed_is_no_incident(sample):
    event = sample("inspector-instance")
    event["detail"]["status"] = "CLOSED"

    assert events.read(event) == []


@pytest.mark.parametrize(
    "trigger", ["PACKAGE_VULNERABILITY", "CVE-2026-12345", "EXPLOIT_AVAILABLE"]
)
def test_a_weakness_is_known_by_its_type_its_id_and_its_exploit(world, sample, trigger):
    world.playbooks(it={"source": "inspector", "types": [trigger], "least": "critical"})

    assert len(world.happens(sample("inspector-instance"))) == 1


def test_a_weakness_without_an_exploit_is_not_taken_for_one_with_it(world, sample):
    world.playbooks(it={"source": "inspector", "types": ["EXPLOIT_AVAILABLE"]})
    event = sample("inspector-instance")
    event["detail"]["exploitAvailable"] = "NO"

    assert world.happens(event) == []


@pytest.mark.parametrize("name", ["guardduty-address", "security-hub-security-group"])
def test_a_finding_that_goes_on_is_another_one_each_day(world, sample, name):
    (incident,) = events.read(sample(name))
    world.playbooks(it={"source": incident.source, "types": [""]})
    told = []
    for at in ("2026-11-02T03:14:07", "2026-11-02T23:59:59", "2026-11-03T00:00:00"):
        world.happens(json.loads(json.dumps(sample(name)).replace("2026-11-02T03:14:07", at)))
        told.append(len(world.told))

    assert told == [1, 1, 2]


def test_a_case_whose_playbook_was_taken_out_is_still_decided(world, trail, waiting):
    world.playbooks()

    assert world.decides("approve", waiting.id).state == "done"


# --- limits


def another(event, number):
    """The same kind of event once more."""
    made = json.loads(json.dumps(event))
    made["detail"]["eventID"] = f"event-{number}"
    return made


def test_what_is_beyond_the_limit_waits_for_approval(world, trail, sample):
    event = sample("trail-trail")
    world.playbooks(it=AUTO | {"limit_per_hour": 2})
    states = [world.happens(another(event, n))[0].state for n in range(4)]

    assert states == ["done", "done", "waiting", "waiting"]
    assert "has acted 2 times this hour" in world.told[-1][1].text


def test_the_limit_is_by_the_hour(world, trail, sample):
    event = sample("trail-trail")
    world.playbooks(it=AUTO | {"limit_per_hour": 1}).happens(another(event, 1))
    world.later(hours=1)

    assert world.happens(another(event, 2))[0].state == "done"


def test_the_limit_is_of_each_playbook(world, trail, sample):
    event = sample("trail-trail")
    once = AUTO | {"limit_per_hour": 1}
    world.playbooks(one=once).happens(another(event, 1))

    assert world.playbooks(two=once).happens(another(event, 2))[0].state == "done"


def test_an_event_that_comes_again_is_not_counted_again(world, trail, sample):
    event = sample("trail-trail")
    world.playbooks(it=AUTO | {"limit_per_hour": 2})
    for _ in range(5):
        world.happens(event)

    assert world.happens(another(event, 2))[0].state == "done"


def test_what_was_approved_is_not_held_up_by_the_limit(world, trail, sample):
    event = sample("trail-trail")
    world.playbooks(it=AUTO | {"limit_per_hour": 1}).happens(another(event, 1))
    (case,) = world.happens(another(event, 2))

    assert world.decides("approve", case.id).state == "done"


class OneAtATime:
    """A client whose calls wait for each other.

    Where a transaction is refused, moto puts the whole table back, and with it undoes what other
    threads have written in the meantime, which DynamoDB does not.
    """

    def __init__(self, client):
        self._client, self._lock = client, Lock()

    def __getattr__(self, name):
        found = getattr(self._client, name)
        return self._waits(found) if callable(found) else found

    def _waits(self, call):
        def once(**asked):
            with self._lock:
                return call(**asked)

        return once


def test_events_at_once_never_exceed_the_limit(world, trail, sample):
    event = sample("trail-trail")
    world.book = TableCases(OneAtATime(world.client("dynamodb")), "cases")
    world.playbooks(it=AUTO | {"limit_per_hour": 5})
    with ThreadPoolExecutor(8) as at_once:
        found = list(at_once.map(lambda n: world.happens(another(event, n))[0].state, range(24)))

    assert sorted(found) == ["done"] * 5 + ["waiting"] * 19


# --- approvals


def test_an_approver_has_it_done(world, trail, waiting):
    case = world.decides("approve", waiting.id)

    assert case.state == "done"
    assert trail()


def test_who_approved_is_on_record(world, waiting):
    case = world.decides("approve", waiting.id, by="AROAAPPROVER:ada")

    (step,) = [step for step in case.history if step.what == "approved"]
    assert step.by == "AROAAPPROVER:ada"


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_nobody_else_decides(world, trail, waiting, what):
    case = world.decides(what, waiting.id, by="AROASTRANGER:eve")

    assert case.state == "waiting"
    assert case.history[-1].what == f"{what} declined: whoever asked is no approver"
    assert case.history[-1].by == "AROASTRANGER:eve"
    assert not trail()


def test_who_the_incident_is_about_does_not_decide(world, trail, sample):
    event = json.loads(
        json.dumps(sample("trail-trail")).replace("AROAIOSFODNN7EXAMPLE", "AROAAPPROVER")
    )
    (case,) = world.playbooks(it=ASKED).happens(event)

    case = world.decides("reject", case.id, by="AROAAPPROVER:ada")

    assert case.state == "waiting"
    assert "the one that the incident is about" in case.history[-1].what


def test_an_approval_that_comes_late_is_declined(world, trail, waiting):
    world.later(minutes=30)

    case = world.decides("approve", waiting.id)

    assert case.state == "expired"
    assert not trail()


def test_an_approval_in_the_last_second_counts(world, trail, waiting):
    world.later(minutes=29, seconds=59)

    assert world.decides("approve", waiting.id).state == "done"


def test_an_approval_is_good_once(world, waiting):
    world.decides("approve", waiting.id)
    world.decides("undo", waiting.id)
    case = world.decides("approve", waiting.id)

    assert case.history[-1].what == "approve declined: it is done, not waiting"


def test_an_approval_that_is_delivered_twice_is_one(world, trail, waiting):
    world.decides("approve", waiting.id, number="one")
    told = len(world.told)
    case = world.decides("approve", waiting.id, number="one")

    assert case.state == "done"
    assert len(world.told) == told


def test_what_was_rejected_is_not_done_by_a_later_approval(world, trail, waiting):
    world.decides("reject", waiting.id)
    case = world.decides("approve", waiting.id)

    assert case.state == "rejected"
    assert not trail()


def test_of_two_decisions_at_once_one_counts(world, trail, waiting):
    with ThreadPoolExecutor(2) as at_once:
        list(at_once.map(lambda what: world.decides(what, waiting.id), ["approve", "reject"]))

    assert (world.state(waiting), trail()) in [("done", True), ("rejected", False)]


def test_a_decision_about_nothing_changes_nothing(world, trail, waiting):
    assert world.decides("approve", "0" * 16) is None


def test_an_approval_goes_on_where_it_died(world, trail, waiting, monkeypatch):
    with monkeypatch.context() as dying:
        dying.setattr(world, "action", lambda *_: 1 / 0)
        dying.setattr(type(world.responder), "_action", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            world.decides("approve", waiting.id, number="one")

    case = world.decides("approve", waiting.id, number="one")

    assert case.state == "done"
    assert trail()


def test_an_event_that_comes_again_does_not_decide(world, trail, waiting, sample):
    world.happens(sample("trail-trail"))

    assert world.state(waiting) == "waiting"
    assert not trail()


def test_nothing_is_undone_before_it_is_done(world, waiting):
    case = world.decides("undo", waiting.id)

    assert case.history[-1].what == "undo declined: it is waiting, not done"


# --- failures


def test_an_attempt_that_fails_is_on_record_and_raised(world, sample):
    world.action = lambda *_: Broken()
    world.playbooks(it=AUTO)

    with pytest.raises(ZeroDivisionError):
        world.happens(sample("trail-trail"))

    assert [step.what for _, step in world.log][-1] == "an attempt failed: ZeroDivisionError"


def test_people_are_told_after_the_last_attempt_and_not_before(world, sample):
    world.action = lambda *_: Broken()
    world.playbooks(it=AUTO)
    for last, told in ((False, 0), (True, 1)):
        with pytest.raises(ZeroDivisionError):
            world.happens(sample("trail-trail"), last=last)
        assert len(world.told) == told
    assert "could not be acted on" in world.told[0][1].subject


def test_what_fails_holds_up_nothing_else_of_its_event(world, sample):
    guardduty = {"source": "guardduty", "types": [""], "mode": "auto"}
    make = world.action
    world.action = lambda name, case: make(name, case) if name == "block-source" else BrokenKey()
    world.playbooks(
        key=guardduty | {"action": "disable-key"}, address=guardduty | {"action": "block-source"}
    )

    with pytest.raises(ZeroDivisionError):
        world.happens(sample("guardduty-access-key"))

    assert {(case.action, case.state) for case, _ in world.log} >= {("block-source", "done")}


class Broken:
    """An action whose service does not answer."""

    takes = "trail"

    def look(self, order):
        return {}

    def act(self, order, before):
        return 1 / 0


class BrokenKey(Broken):
    takes = "access-key"


def test_people_are_told_even_if_the_first_try_to_tell_them_failed(
    world, trail, sample, monkeypatch
):
    world.playbooks(it=AUTO)
    with monkeypatch.context() as silent:
        silent.setattr(type(world.responder), "_tell", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            world.happens(sample("trail-trail"))

    world.happens(sample("trail-trail"))

    assert len(world.told) == 1


# --- test fires


def test_a_test_fire_says_what_would_be_done_and_changes_nothing(world, trail):
    case = world.playbooks(it=AUTO | {"parameters": {"subject": "audit"}}).decides("fire", "it")

    assert case.state == "planned"
    assert case.said == "would start trail audit"
    assert not trail()


def test_a_test_fire_can_be_repeated(world, trail):
    world.playbooks(it=AUTO | {"parameters": {"subject": "audit"}})

    assert world.decides("fire", "it").id != world.decides("fire", "it").id


def test_only_an_approver_fires(world, trail):
    assert world.playbooks(it=AUTO).decides("fire", "it", by="AROASTRANGER:eve") is None
    assert world.told == []


@pytest.mark.parametrize("name", ["trail-trail", "guardduty-bucket", "security-hub-secret"])
def test_every_step_is_on_record_and_in_the_log(world, sample, name):
    (incident, *_) = events.read(sample(name))
    (case,) = world.playbooks(it={"source": incident.source, "types": [""]}).happens(sample(name))

    kept = world.book.find(case.id).history
    assert [step.what for step in kept] == [f"opened: {incident.title}", "told people"]
    assert [step for _, step in world.log] == list(kept)


# --- what people read


def test_a_message_says_what_where_when_and_what_to_type(world, waiting):
    how, message = world.told[-1]

    assert how == "page"
    assert message.subject == "[prod] it: waits for your approval"
    assert message.text == (
        "What:   cloudtrail:StopLogging was called by "
        "arn:aws:sts::123456789012:assumed-role/developers/ada\n"
        "        cloudtrail:StopLogging, high\n"
        f"Where:  account 123456789012, eu-central-1, trail {TRAIL}\n"
        "When:   2026-11-02 03:14:07 UTC\n"
        "Id:     7c1c3a61-92b1-4d5e-8f05-1d0bd1d31a00\n"
        f"Result: would start trail {TRAIL}\n"
        "\n"
        f"Do it:      bulwark respond approve {waiting.id} -s prod    "
        "(until 2026-11-02 03:45 UTC)\n"
        f"Leave it:   bulwark respond reject {waiting.id} -s prod\n"
        f"All of it:  bulwark respond show {waiting.id} -s prod\n"
        "Runbook:    https://wiki.example.com/runbook#playbook\n"
    )


@pytest.mark.parametrize(("action", "undoable"), [("start-trail", False), ("block-source", True)])
def test_only_what_can_be_undone_is_offered_to_be(world, trail, sample, action, undoable):
    source, event = (
        ("trail", "trail-trail") if action == "start-trail" else ("guardduty", "guardduty-address")
    )
    world.playbooks(it={"source": source, "types": [""], "action": action, "mode": "auto"})
    world.happens(sample(event))

    assert ("bulwark respond undo" in world.told[-1][1].text) == undoable


def test_a_subject_is_what_sns_takes(world, sample):
    name = "ä\n" * 80
    world.playbooks(**{name: {"source": "trail", "types": [""]}}).happens(sample("trail-trail"))

    subject = world.told[-1][1].subject
    assert len(subject) <= 100
    assert subject.isascii()
    assert subject.isprintable()


def test_the_same_of_two_names_is_two_cases(world, sample):
    """What tells has no action by which it is known, so it is known by its name."""
    tells = {"source": "trail", "types": [""]}

    assert len(world.playbooks(one=tells, two=tells).happens(sample("trail-trail"))) == 2

"""From a documented event to the changed resource, for each action, and back."""

import json
from datetime import timedelta

import pytest
from playbook_things import (
    AFTER,
    GUARDDUTY,
    HUB,
    REGION,
    THINGS,
    Address,
    Machine,
    Role,
    Thing,
)

from bulwark_runtime.playbooks import events
from bulwark_runtime.playbooks.actions import Order

UNDOABLE = [thing for thing in THINGS if thing.undoable]
TAGGED = [thing for thing in THINGS if thing.spoil is not Thing.spoil]


@pytest.fixture
def met(world, sample):
    """The thing is there, and its event happens under a playbook in this mode."""

    def meet(of, mode="auto", **settings):
        thing = of(world.client)
        world.playbooks(it={**of.trigger, "action": of.action, "mode": mode, **settings})
        return thing, sample(of.event, **thing.replaced)

    return meet


def the_case(world, thing, event):
    (case,) = [c for c in world.happens(event) if c.action == thing.action]
    return case


@pytest.mark.parametrize("of", THINGS)
def test_an_event_changes_the_resource(world, met, of):
    thing, event = met(of)

    case = the_case(world, thing, event)

    assert case.state == "done"
    assert thing.how() == AFTER[of]


@pytest.mark.parametrize("of", THINGS)
def test_an_event_that_comes_again_changes_nothing(world, met, of):
    thing, event = met(of)
    the_case(world, thing, event)
    told = len(world.told)

    world.later(minutes=5)
    the_case(world, thing, event)

    assert thing.how() == AFTER[of]
    assert len(world.told) == told


@pytest.mark.parametrize("of", THINGS)
def test_a_dry_run_says_what_it_would_do_and_does_nothing(world, met, of):
    thing, event = met(of, dry_run=True)
    before = thing.how()

    case = the_case(world, thing, event)

    assert case.state == "planned"
    assert case.said.startswith("would ")
    assert case.said in world.told[-1][1].text
    assert thing.how() == before


@pytest.mark.parametrize("of", UNDOABLE)
def test_it_is_undone(world, met, of):
    thing, event = met(of)
    before = thing.how()
    case = the_case(world, thing, event)

    undone = world.decides("undo", case.id)

    assert undone.state == "undone"
    assert thing.how() == before


@pytest.mark.parametrize("of", UNDOABLE)
def test_an_event_that_comes_again_after_the_undo_changes_nothing(world, met, of):
    thing, event = met(of)
    before = thing.how()
    world.decides("undo", the_case(world, thing, event).id)

    world.later(hours=1)
    the_case(world, thing, event)

    assert thing.how() == before


@pytest.mark.parametrize("of", [thing for thing in THINGS if not thing.undoable])
def test_what_cannot_be_undone_says_so(world, met, of):
    thing, event = met(of)
    case = the_case(world, thing, event)

    after = world.decides("undo", case.id)

    assert after.said.startswith("not undone: ")
    assert thing.how() == AFTER[of]


@pytest.mark.parametrize("of", TAGGED)
def test_what_is_tagged_is_left_alone(world, met, of):
    thing, event = met(of)
    thing.spoil()
    before = thing.how()

    case = the_case(world, thing, event)

    assert case.state == "refused"
    assert "bulwark:respond=never" in world.told[-1][1].text
    assert thing.how() == before


@pytest.mark.parametrize("of", THINGS)
def test_what_died_in_the_middle_is_ended_by_the_next_attempt(world, met, of, monkeypatch):
    """It changed the resource, and died before it could say so."""
    thing, event = met(of)
    before = thing.how()
    move = world.book.move
    with monkeypatch.context() as dying:
        dying.setattr(
            world.book, "move", lambda *a, **k: 1 / 0 if a[1] == "done" else move(*a, **k)
        )
        with pytest.raises(ZeroDivisionError):
            world.happens(event)

    world.later(minutes=2)
    case = the_case(world, thing, event)

    assert case.state == "done"
    assert thing.how() == AFTER[of]
    if of.undoable:
        world.decides("undo", case.id)
        assert thing.how() == before


def test_the_disks_of_an_isolated_machine_are_kept_once(world, met):
    thing, event = met(Machine)
    case = the_case(world, thing, event)
    world.responder._act(case)

    kept = world.client("ec2").describe_snapshots(
        Filters=[{"Name": "tag:bulwark:case", "Values": [case.id]}]
    )
    assert len(kept["Snapshots"]) == 1


def test_nothing_gets_in_or_out_of_an_isolated_machine(world, met):
    thing, event = met(Machine)
    the_case(world, thing, event)

    (group,) = world.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["bulwark-isolation"]}]
    )["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == []


def test_a_machine_of_a_scaling_group_is_taken_out_and_replaced(world, met):
    thing, event = met(Machine)
    ec2, scaling = world.client("ec2"), world.client("autoscaling")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="app",
        InstanceId=thing.id,
        MinSize=0,
        MaxSize=3,
        DesiredCapacity=0,
        AvailabilityZones=[f"{REGION}a"],
    )
    scaling.attach_instances(InstanceIds=[thing.id], AutoScalingGroupName="app")

    case = the_case(world, thing, event)

    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert case.state == "done"
    assert thing.id not in [each["InstanceId"] for each in group["Instances"]]
    assert group["DesiredCapacity"] == 1
    assert ec2.describe_instances(InstanceIds=[thing.id])["Reservations"]


def test_only_sessions_from_before_are_revoked(world, met):
    thing, event = met(Role)
    the_case(world, thing, event)

    document = world.client("iam").get_role_policy(
        RoleName="payments", PolicyName="BulwarkRevokedSessions"
    )["PolicyDocument"]
    assert document["Statement"] == [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-02T03:15:00Z"}},
        }
    ]


def test_an_undo_leaves_a_later_revocation_in_place(world, met, sample):
    thing, event = met(Role)
    first = the_case(world, thing, event)
    world.later(minutes=10)
    again = json.loads(json.dumps(event).replace("3" * 32, "9" * 32))
    the_case(world, thing, again)

    world.decides("undo", first.id)

    assert thing.how() == ["BulwarkRevokedSessions"]


def test_a_revocation_that_comes_late_does_not_go_back_in_time(world, met):
    _, event = met(Role)
    (incident,) = events.read(event)
    (role,) = incident.of_kind("role")
    action = world.action("revoke-sessions", "")
    early, late = (
        Order(case="it", subject=role, now=world.now + timedelta(minutes=m)) for m in (0, 10)
    )
    before = action.look(early)
    action.act(late, action.look(late))

    action.act(early, before)

    document = world.client("iam").get_role_policy(
        RoleName="payments", PolicyName="BulwarkRevokedSessions"
    )["PolicyDocument"]
    assert "03:25:00" in json.dumps(document)


def test_a_role_outside_of_the_workloads_boundary_is_left_alone(world, met):
    thing, event = met(Role)
    iam = world.client("iam")
    iam.delete_role_permissions_boundary(RoleName="payments")

    case = the_case(world, thing, event)

    assert case.state == "refused"
    assert thing.how() == []


def test_the_key_of_a_user_for_emergencies_is_left_alone(world, sample):
    iam = world.client("iam")
    iam.create_user(UserName="glass")
    key = iam.create_access_key(UserName="glass")["AccessKey"]["AccessKeyId"]
    world.playbooks(it={**GUARDDUTY, "action": "disable-key", "mode": "auto"})
    event = json.loads(
        json.dumps(sample("guardduty-access-key", key=key)).replace('"reports"', '"glass"')
    )

    (case,) = world.happens(event)

    assert case.state == "refused"
    assert "emergencies" in case.said


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "fd00::1"])
def test_an_address_of_no_internet_is_not_blocked(world, met, sample, address):
    thing, _ = met(Address)

    (case,) = world.happens(sample("guardduty-address", address=address))

    assert case.state == "refused"
    assert thing.how() == []


def test_a_request_to_the_block_list_is_whole(world, met):
    thing, event = met(Address, parameters={"hours": 4})
    case = the_case(world, thing, event)
    thing.how()

    (asked,) = thing.asked
    assert asked.pop("id")
    assert asked == {
        "format": "bulwark.block/1",
        "action": "add",
        "list": "blocked",
        "networks": ["9.9.9.9/32"],
        "until": f"{world.now + timedelta(hours=4):%Y-%m-%dT%H:%M:%SZ}",
        "reason": "UnauthorizedAccess:EC2/SSHBruteForce",
        "source": "playbook:it",
    }
    assert case.state == "done"


def test_a_secret_without_a_rotation_is_a_persons_to_replace(world, sample):
    arn = world.client("secretsmanager").create_secret(Name="other", SecretString="x")["ARN"]
    world.playbooks(it={**HUB, "action": "rotate-secret", "mode": "auto"})

    (case,) = world.happens(sample("security-hub-secret", secret=arn))

    assert case.state == "refused"
    assert "has no rotation of its own" in world.told[-1][1].text

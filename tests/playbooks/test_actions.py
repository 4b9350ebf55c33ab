"""From a documented event to the changed resource, for each action, and back."""

import json
from datetime import timedelta

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from bulwark_runtime.playbooks import events
from bulwark_runtime.playbooks.actions import Order

ACCOUNT, REGION = "123456789012", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
NOBODY = {"Version": "2012-10-17", "Statement": []}
CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)

GUARDDUTY = {"source": "guardduty", "types": ("",)}
HUB = {"source": "securityHub", "types": ("",)}
TRAIL = {"source": "trail", "types": ("",)}


class Thing:
    """What an action is done to: it makes itself, and says how it is."""

    undoable = True

    def __init__(self, client):
        self.client = client
        self.make()

    def spoil(self):
        """Tag it as one to be left alone."""


class Trail(Thing):
    action, trigger, event, undoable = "start-trail", TRAIL, "trail-trail", False

    def make(self):
        self.client("s3").create_bucket(
            Bucket="audit-logs", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        made = self.client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs")
        self.replaced = {"trail": made["TrailARN"]}

    def how(self):
        return self.client("cloudtrail").get_trail_status(Name="audit")["IsLogging"]


class Key(Thing):
    action, trigger, event = "disable-key", GUARDDUTY, "guardduty-access-key"

    def make(self):
        iam = self.client("iam")
        iam.create_user(UserName="reports")
        self.key = iam.create_access_key(UserName="reports")["AccessKey"]["AccessKeyId"]
        self.replaced = {"key": self.key}

    def how(self):
        (key,) = self.client("iam").list_access_keys(UserName="reports")["AccessKeyMetadata"]
        return key["Status"]

    def spoil(self):
        self.client("iam").tag_user(UserName="reports", Tags=[NEVER])


class Role(Thing):
    action, trigger, event, replaced = "revoke-sessions", GUARDDUTY, "guardduty-role", {}

    def make(self):
        # moto asks whether the boundary is there.
        self.client("iam").create_policy(
            PolicyName="boundary",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                }
            ),
        )
        self.client("iam").create_role(
            RoleName="payments",
            AssumeRolePolicyDocument=json.dumps(NOBODY),
            PermissionsBoundary=BOUNDARY,
        )

    def how(self):
        return self.client("iam").list_role_policies(RoleName="payments")["PolicyNames"]

    def spoil(self):
        self.client("iam").tag_role(RoleName="payments", Tags=[NEVER])


class User(Thing):
    action, trigger, event = "disable-user", TRAIL, "trail-pool-user"

    def make(self):
        pools = self.client("cognito-idp")
        self.pool = pools.create_user_pool(PoolName="shop")["UserPool"]["Id"]
        pools.admin_create_user(UserPoolId=self.pool, Username="ada")
        self.replaced = {"pool": self.pool, "user": "ada"}

    def how(self):
        found = self.client("cognito-idp").admin_get_user(UserPoolId=self.pool, Username="ada")
        return found["Enabled"]


class Bucket(Thing):
    action, trigger, event, replaced = "close-bucket", GUARDDUTY, "guardduty-bucket", {}

    def make(self):
        self.client("s3").create_bucket(
            Bucket="reports", CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def how(self):
        s3 = self.client("s3")
        try:
            found = s3.get_public_access_block(Bucket="reports")
        except s3.exceptions.ClientError:
            return None
        return found["PublicAccessBlockConfiguration"]

    def spoil(self):
        self.client("s3").put_bucket_tagging(Bucket="reports", Tagging={"TagSet": [NEVER]})


class HubBucket(Bucket):
    trigger, event = HUB, "security-hub-bucket"


class Group(Thing):
    action, trigger, event = "close-group", TRAIL, "trail-security-group"

    def make(self):
        ec2 = self.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.group = ec2.create_security_group(GroupName="app", Description="x", VpcId=vpc)[
            "GroupId"
        ]
        opened = [
            self._opens(22, IpRanges=[{"CidrIp": "0.0.0.0/0"}]),
            self._opens(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}]),
            self._opens(5432, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
        ]
        self.replaced = {"group": self.group, "rule": opened[0]}

    def _opens(self, port, **ranges):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges}
        made = self.client("ec2").authorize_security_group_ingress(
            GroupId=self.group, IpPermissions=[permission]
        )
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def how(self):
        (group,) = self.client("ec2").describe_security_groups(GroupIds=[self.group])[
            "SecurityGroups"
        ]
        return sorted(permission["FromPort"] for permission in group["IpPermissions"])

    def spoil(self):
        self.client("ec2").create_tags(Resources=[self.group], Tags=[NEVER])


class HubGroup(Group):
    trigger, event = HUB, "security-hub-security-group"


class Machine(Thing):
    action, trigger, event = "isolate-instance", GUARDDUTY, "guardduty-instance"

    def make(self):
        ec2 = self.client("ec2")
        image = ec2.describe_images()["Images"][0]["ImageId"]
        (made,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
        self.id = made["InstanceId"]
        self.replaced = {"machine": self.id}

    def how(self):
        ec2 = self.client("ec2")
        (reserved,) = ec2.describe_instances(InstanceIds=[self.id])["Reservations"]
        (machine,) = reserved["Instances"]
        return [g["GroupName"] for card in machine["NetworkInterfaces"] for g in card["Groups"]]

    def spoil(self):
        self.client("ec2").create_tags(Resources=[self.id], Tags=[NEVER])


class Secret(Thing):
    action, trigger, event, undoable = "rotate-secret", HUB, "security-hub-secret", False

    def make(self):
        made = self.client("secretsmanager").create_secret(Name="webhook", SecretString="old")
        self.arn = made["ARN"]
        # Without a function, which moto would want to run: it then rotates by itself.
        inside = secretsmanager_backends[ACCOUNT][REGION].secrets[self.arn]
        inside.rotation_requested = inside.rotation_enabled = True
        self.replaced = {"secret": self.arn}

    def how(self):
        found = self.client("secretsmanager").describe_secret(SecretId=self.arn)
        return len(found["VersionIdsToStages"])

    def spoil(self):
        self.client("secretsmanager").tag_resource(SecretId=self.arn, Tags=[NEVER])


class Address(Thing):
    action, trigger, event = "block-source", GUARDDUTY, "guardduty-address"

    def make(self):
        self.replaced, self.asked = {"address": "9.9.9.9"}, []

    def how(self):
        """The requests to the block list; what comes twice with one id, the list takes once."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName="blocks.fifo")["QueueUrl"]
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        self.asked += [json.loads(message["Body"]) for message in got]
        blocked = set()
        for asked in self.asked:
            change = blocked.update if asked["action"] == "add" else blocked.difference_update
            change(asked["networks"])
        return sorted(blocked)


NEVER = {"Key": "bulwark:respond", "Value": "never"}
THINGS = [Trail, Key, Role, User, Bucket, HubBucket, Group, HubGroup, Machine, Secret, Address]
AFTER = {
    Trail: True,
    Key: "Inactive",
    Role: ["BulwarkRevokedSessions"],
    User: False,
    Bucket: CLOSED,
    HubBucket: CLOSED,
    Group: [443, 5432],
    HubGroup: [443, 5432],
    Machine: ["bulwark-isolation"],
    Address: ["9.9.9.9/32"],
    Secret: 2,
}
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
    with monkeypatch.context() as dying, pytest.raises(ZeroDivisionError):
        dying.setattr(
            world.book, "move", lambda *a, **k: 1 / 0 if a[1] == "done" else move(*a, **k)
        )
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
    thing, event = met(Role)
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

"""What each action is done to: it makes itself in an account, and says how it is."""

import json

from moto.secretsmanager.models import secretsmanager_backends

ACCOUNT, REGION = "123456789012", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
NOBODY = {"Version": "2012-10-17", "Statement": []}
NEVER = {"Key": "bulwark:respond", "Value": "never"}
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
        # One by one: what is of a group waits until the one before it is gone.
        while got := sqs.receive_message(QueueUrl=url).get("Messages"):
            (message,) = got
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            self.asked.append(json.loads(message["Body"]))
        blocked = set()
        for asked in self.asked:
            change = blocked.update if asked["action"] == "add" else blocked.difference_update
            change(asked["networks"])
        return sorted(blocked)


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

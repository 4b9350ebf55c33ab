"""Each function may do what it does, and nothing else: what it asks AWS for, against its policy.

The calls are recorded as it runs, through all its branches; whether they are allowed is the word of
a published evaluator of IAM policies, with everything that counts in AWS: the role's policy, its
boundary, the policies of the tables, of the pepper and of the keys.
"""

import json
import re

import bcrypt
import pytest

ACCOUNT, REGION = "123456789012", "eu-central-1"
PASSWORD = "quiet otters row 42 boats"
OTHER = "loud herons mend 17 nets"
HERE = {"source": "192.0.2.1"}
STORES = ["table", "secrets"]


class LongContext:
    aws_request_id = "1"

    def get_remaining_time_in_millis(self):
        return 900_000


@pytest.fixture
def evaluator(iam_says):
    """Which of these requests are allowed."""

    def evaluate(requests):
        answers = iam_says(requests)
        assert set(answers) <= {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}, answers
        return [answer == "Allowed" for answer in answers]

    return evaluate


def exercise(vault):
    """Every operation, through every branch that asks AWS for something."""
    vault.call("register", user="u", password=PASSWORD)
    vault.call("register", user="u", password=OTHER)  # there is one already
    interrupted(vault, "once")
    vault.call("register", user="once", password=PASSWORD)

    interrupted(vault, "from-elsewhere")
    vault.call("import-hash", user="from-elsewhere", hash=old_hash())
    vault.call("import-hash", user="u", hash=old_hash())  # there is one already
    vault.call("verify", user="from-elsewhere", password=PASSWORD, **HERE)  # is hashed anew
    vault.call("verify", user="nobody", password=PASSWORD, **HERE)

    vault.call("change", user="u", password=PASSWORD, new_password=OTHER, **HERE)
    token = vault.call("begin-reset", user="u")["token"]
    vault.call("begin-reset", user="nobody")
    vault.call("finish-reset", user="u", token=token, new_password=PASSWORD)
    vault.call("finish-reset", user="nobody", token=token, new_password=PASSWORD)
    for switch in ("disable", "enable"):
        vault.call(switch, user="u")
        vault.call(switch, user="nobody")

    on_the_way(vault)
    for upkeep in ("count-peppers", "move-hashes"):
        if upkeep not in functions(vault):
            continue
        vault.run(upkeep, {}, LongContext())
        vault.settings = {"BULWARK_STORE": "table"}  # and back again
        vault.run(upkeep, {}, LongContext())
        vault.settings = {}
    vault.call("verify", user="u", password=OTHER, **HERE)  # is counted
    vault.call("delete", user="u")
    vault.call("delete", user="u")


def old_hash():
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()


def interrupted(vault, user):
    """A user whose deletion was not ended."""
    record = {"id": {"S": user}, "record": {"S": '{"gone": ["0"]}'}, "version": {"S": "1"}}
    vault.client("dynamodb").put_item(TableName=vault.name("users"), Item=record)


def on_the_way(vault):
    """Users whose hashes are to move from the table, and those whose move was interrupted."""
    each = ("verify", "change", "begin-reset", "finish-reset", "disable", "enable", "move-hashes")
    vault.settings = {"BULWARK_STORE": "table"}
    for user in each:
        vault.call("register", user=user, password=PASSWORD)
        vault.call("register", user=f"{user}-again", password=PASSWORD)
        half_moved(vault, f"{user}-again")
    vault.settings = {}

    vault.call("import-hash", user="verify", hash=old_hash())  # there is one, in the table
    vault.rotate("22222222-2222-4222-8222-222222222222")
    for again in ("", "-again"):
        vault.call("verify", user=f"verify{again}", password=PASSWORD)
        vault.call("change", user=f"change{again}", password=PASSWORD, new_password=OTHER)
        vault.call("begin-reset", user=f"begin-reset{again}")
        vault.settings = {"BULWARK_STORE": "table"}
        token = vault.call("begin-reset", user=f"finish-reset{again}")["token"]
        vault.call("disable", user=f"enable{again}")
        vault.settings = {}
        vault.call("finish-reset", user=f"finish-reset{again}", token=token, new_password=OTHER)
        vault.call("disable", user=f"disable{again}")
        vault.call("enable", user=f"enable{again}")


def half_moved(vault, user):
    item = vault.client("dynamodb").get_item(TableName=vault.name("users"), Key={"id": {"S": user}})
    (nest, *_) = json.loads(item["Item"]["record"]["S"])["nests"]
    manager = vault.client("secretsmanager")
    manager.create_secret(Name=f"pay/dev/it/users/{nest}", SecretString='{"hashes": []}')


@pytest.fixture(scope="module", params=STORES)
def exercised(credentials, started, request):
    """A vault that has done everything: its graph, and what it asked of AWS."""
    with started(credentials(store=request.param, bcrypt_cost=10, upkeep=True)) as vault:
        exercise(vault)
    return vault


def functions(vault):
    found = vault.graph.of_type("aws:lambda/function:Function")
    return [function.name.removeprefix("it-").removesuffix("-function") for function in found]


# --- what is asked, as IAM sees it


SIDS = {"Users", "Attempts", "Pepper", "Hashes", "GiveValues"}
"""The statements on what is in tables and secrets; on keys, the same is asked by their services."""


def granted(vault, function):
    for statement in json.loads(vault.policy_of(function))["Statement"]:
        if statement.get("Sid") in SIDS:
            resources = statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                yield from ((action, resource) for action in statement["Action"])


def arn_of(vault, call):
    if call.service == "dynamodb":
        name = call.parameters["TableName"]
        return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    given = call.parameters.get("SecretId") or call.parameters["Name"]
    if given.startswith("arn:"):
        return given
    suffix = "" if call.operation == "CreateSecret" else "-AbCdEf"
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{given}{suffix}"


def covered(action, resource, asked):
    """Whether anything that was asked needs this."""
    pattern = re.escape(resource).replace(r"\*", ".*")
    return any(action == what and re.fullmatch(pattern, which) for what, which in asked)


def test_everything_that_a_function_may_do_is_something_that_it_does(exercised):
    unused = {
        (function, action)
        for function in functions(exercised)
        for action, resource in granted(exercised, function)
        if not covered(
            action,
            resource,
            {(c.action, arn_of(exercised, c)) for c in exercised.recorded(function)},
        )
    }

    assert sorted(unused) == []


def policies_of(vault):
    """Those of the resources, by the resource's ARN."""
    graph = vault.graph
    found = {
        vault.account["it-users-table"]["arn"]: graph["it-users-policy"].inputs["policy"],
        vault.account["it-attempts-table"]["arn"]: graph["it-attempts-policy"].inputs["policy"],
        vault.account["it-pepper"]["arn"]: graph["it-pepper-policy"].inputs["policy"],
    }
    return {arn: json.loads(vault.real(policy)) for arn, policy in found.items()}


class Asking:
    """What a function asks, as requests for the evaluator."""

    def __init__(self, vault):
        self.vault, self.policies = vault, policies_of(vault)
        self.keys = {
            "dynamodb": vault.graph["keys-data"],
            "secretsmanager": vault.graph["keys-secrets"],
        }
        self.boundary = json.loads(vault.graph["boundary-policy"].inputs["policy"])

    def role(self, function):
        role = self.vault.graph[f"it-{function}-execution-role"].outputs["arn"]
        return role, json.loads(self.vault.policy_of(function))

    def of(self, function, role, policy):
        for call in {self._key(c): c for c in self.vault.recorded(function)}.values():
            arn = arn_of(self.vault, call)
            yield self._request(role, policy, call.action, arn, own=self.policies.get(arn))
            for action in _WITH_THE_KEY.get(call.operation, ("kms:Decrypt",)):
                if call.operation not in _WITHOUT_A_KEY:
                    yield self._of_key(role, policy, call.service, action)

    def _key(self, call):
        return call.action, arn_of(self.vault, call)

    def _of_key(self, role, policy, service, action):
        key = self.keys[service]
        context = {
            "kms:ViaService": f"{service}.{REGION}.amazonaws.com",
            "kms:CallerAccount": ACCOUNT,
        }
        own = json.loads(key.inputs["policy"])
        return self._request(role, policy, action, key.outputs["arn"], own=own, **context)

    def _request(self, role, policy, action, resource, *, own, **context):
        name = role.rpartition("/")[2]
        return {
            "request": {
                "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session",
                "action": action,
                "resource": {"resource": resource, "accountId": ACCOUNT},
                "contextVariables": {
                    "aws:SecureTransport": "true",
                    "aws:PrincipalIsAWSService": "false",
                    "aws:PrincipalArn": role,
                    "aws:PrincipalAccount": ACCOUNT,
                    **context,
                },
            },
            "identityPolicies": [{"name": "its-own", "policy": policy}],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
            "permissionBoundaryPolicies": [{"name": "boundary", "policy": self.boundary}],
            **({"resourcePolicy": own} if own else {}),
        }


_WITH_THE_KEY = {
    "CreateSecret": ("kms:Decrypt", "kms:GenerateDataKey"),
    "PutSecretValue": ("kms:Decrypt", "kms:GenerateDataKey"),
}
_WITHOUT_A_KEY = {"DescribeSecret", "UpdateSecretVersionStage", "DeleteSecret"}


def test_every_function_is_allowed_what_it_does(exercised, evaluator):
    asking = Asking(exercised)
    each = [
        (function, request)
        for function in functions(exercised)
        for request in asking.of(function, *asking.role(function))
    ]
    allowed = evaluator([request for _, request in each])

    denied = {
        (function, request["request"]["action"])
        for (function, request), yes in zip(each, allowed, strict=True)
        if not yes
    }
    assert denied == set()
    assert {function for function, _ in each} == set(functions(exercised))


def test_without_any_one_of_its_statements_a_function_is_denied_something(exercised, evaluator):
    asking = Asking(exercised)
    requests, which = [], []
    for function in functions(exercised):
        role, policy = asking.role(function)
        for statement in policy["Statement"]:
            if statement["Sid"] in ("WriteLog", "Trace"):
                continue  # what every function may, and Lambda does for it
            rest = [other for other in policy["Statement"] if other is not statement]
            for request in asking.of(function, role, {**policy, "Statement": rest}):
                which.append((function, statement["Sid"]))
                requests.append(request)
    allowed = evaluator(requests)

    needed = {place for place, yes in zip(which, allowed, strict=True) if not yes}
    assert needed == set(which)


def test_whoever_may_do_everything_still_reads_neither_users_nor_pepper(running, evaluator):
    asking = Asking(running())
    admin = f"arn:aws:iam::{ACCOUNT}:role/admin"
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    account = asking.vault.account
    asked = [
        ("dynamodb:Scan", account["it-users-table"]["arn"]),
        ("dynamodb:GetItem", account["it-users-table"]["arn"]),
        ("dynamodb:PutItem", account["it-users-table"]["arn"]),
        ("dynamodb:DeleteItem", account["it-attempts-table"]["arn"]),
        ("secretsmanager:GetSecretValue", account["it-pepper"]["arn"]),
    ]
    allowed = evaluator(
        [
            asking._request(admin, everything, action, arn, own=asking.policies[arn])
            for action, arn in asked
        ]
    )

    assert [action for (action, _), yes in zip(asked, allowed, strict=True) if yes] == []


@pytest.mark.parametrize(
    ("function", "action", "on"),
    [
        ("verify", "dynamodb:DeleteItem", "it-users-table"),
        ("verify", "dynamodb:Scan", "it-users-table"),
        ("disable", "secretsmanager:GetSecretValue", "it-pepper"),
        ("enable", "dynamodb:GetItem", "it-attempts-table"),
        ("register", "dynamodb:GetItem", "it-attempts-table"),
        ("register", "secretsmanager:PutSecretValue", "it-pepper"),
        ("rotator-function", "dynamodb:GetItem", "it-users-table"),
    ],
)
def test_no_function_does_the_work_of_another(running, evaluator, function, action, on):
    asking = Asking(running())
    role, policy = asking.role(function)
    arn = asking.vault.account[on]["arn"]

    assert evaluator([asking._request(role, policy, action, arn, own=asking.policies[arn])]) == [
        False
    ]

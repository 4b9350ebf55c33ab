import contextlib
import json
from textwrap import dedent

import pulumi
import pulumi_aws as aws
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi import RunError

from bulwark_toolkit.preview.errors import PreviewError
from bulwark_toolkit.preview.lookups import Lookups, UnansweredLookupError, UsageError
from bulwark_toolkit.preview.placeholders import Place
from bulwark_toolkit.preview.values import Secret

PLACE = Place(
    account="111122223333", region="eu-west-1", subscription="s-1", tenant="t-1", location="x"
)
VPC = "aws:ec2/getVpc:getVpc"
PARAMETER = "aws:ssm/getParameter:getParameter"
DOCUMENT = "aws:iam/getPolicyDocument:getPolicyDocument"


@pytest.fixture
def lookups(tmp_path):
    def load(text):
        file = tmp_path / "bulwark.lookups.yaml"
        file.write_text(dedent(text), "utf-8")
        return Lookups.load(PLACE, file)

    return load


def ask(token, **args):
    return Lookups.load(PLACE).answer(token, args)


# The answers file.


def test_one_answer_is_for_all_arguments(lookups):
    found = lookups(f"""
        lookups:
          {VPC}:
            returns: {{id: vpc-1, cidrBlock: 10.0.0.0/16}}
    """)
    assert found.answer(VPC, {}) == {"id": "vpc-1", "cidrBlock": "10.0.0.0/16"}
    assert found.answer(VPC, {"default": True})["id"] == "vpc-1"


SEVERAL = f"""
    lookups:
      {PARAMETER}:
        - when: {{name: /limit, withDecryption: true}}
          returns: {{value: "100"}}
        - when: {{name: /limit}}
          returns: {{value: hidden}}
        - returns: {{value: other}}
"""


@pytest.mark.parametrize(
    ("args", "value"),
    [
        ({"name": "/limit", "withDecryption": True, "region": "x"}, "100"),
        ({"name": "/limit"}, "hidden"),
        ({"name": Secret("/limit")}, "hidden"),
        ({"name": "/owner"}, "other"),
        ({}, "other"),
    ],
)
def test_the_first_answer_that_fits_the_arguments_is_taken(lookups, args, value):
    assert lookups(SEVERAL).answer(PARAMETER, args) == {"value": value}


def test_the_project_s_answer_wins_over_ours(lookups):
    token = "aws:index/getCallerIdentity:getCallerIdentity"
    found = lookups(f"lookups: {{'{token}': {{returns: {{accountId: '42'}}}}}}")
    assert found.answer(token, {}) == {"accountId": "42"}


def test_ours_answers_what_the_project_s_does_not_fit(lookups):
    token = "aws:index/getRegion:getRegion"
    found = lookups(f"""
        lookups:
          {token}:
            - when: {{region: us-east-1}}
              returns: {{region: elsewhere}}
    """)
    assert found.answer(token, {"region": "us-east-1"})["region"] == "elsewhere"
    assert found.answer(token, {})["region"] == "eu-west-1"


def test_a_secret_property_is_secret(lookups):
    found = lookups("""
        lookups:
          aws:secretsmanager/getSecretVersion:getSecretVersion:
            returns: {secretString: {secret: hunter2}, versionId: "1"}
        stacks:
          acme/network/prod: {vpcId: vpc-1, token: {secret: hunter2}, nested: {secret: x, y: z}}
    """)
    version = found.answer("aws:secretsmanager/getSecretVersion:getSecretVersion", {})
    assert version["secretString"].value == "hunter2"
    assert "hunter2" not in repr(version)
    outputs = found.stack_outputs("acme/network/prod")
    assert outputs["vpcId"] == "vpc-1"
    assert outputs["token"].value == "hunter2"
    assert outputs["nested"] == {"secret": "x", "y": "z"}


@pytest.mark.parametrize("text", ["", "lookups:\n", "lookups: {}\nstacks: {}\n", "# nothing yet\n"])
def test_an_empty_file_answers_nothing_of_its_own(lookups, text):
    with pytest.raises(UnansweredLookupError):
        lookups(text).answer(VPC, {})


# Bad files.


def problems(lookups, text):
    with pytest.raises(UsageError) as raised:
        lookups(text)
    assert isinstance(raised.value, RunError)
    heading, *lines = str(raised.value).splitlines()
    assert heading.startswith("bulwark.lookups.yaml:")
    return [line.strip() for line in lines] or [heading.removeprefix("bulwark.lookups.yaml: ")]


def test_all_problems_are_told_at_once_with_their_paths(lookups):
    found = problems(
        lookups,
        f"""
        lookup: {{}}
        lookups:
          getVpc: {{returns: {{}}}}
          {VPC}:
            - return: {{id: vpc-1}}
            - returns: [1]
              when: name
            - vpc-1
          {PARAMETER}:
            returns: {{1: x}}
        stacks:
          acme/network/prod: vpc-1
          7: {{}}
        """,
    )
    assert found == [
        "lookup: unknown; did you mean lookups?",
        "lookups.getVpc: must be named by a token such as aws:ec2/getVpc:getVpc",
        f"lookups.{VPC}[0].return: unknown; did you mean returns?",
        f"lookups.{VPC}[0].returns: missing",
        f"lookups.{VPC}[1].returns: must be a mapping of properties; is a list",
        f"lookups.{VPC}[1].when: must be a mapping of properties; is text",
        f"lookups.{VPC}[2]: must be a mapping with returns; is text",
        f"lookups.{PARAMETER}.returns.1: the name is a number; put it in quotes",
        "stacks.acme/network/prod: must be a mapping of properties; is text",
        "stacks.7: the name is a number; put it in quotes",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "must be a mapping with lookups and stacks; is a list"),
        ("lookups: []\n", "lookups: must be a mapping; is a list"),
        ("stacks: x\n", "stacks: must be a mapping; is text"),
        ("lookups: {\n", ".yaml:2:1: not YAML: "),
        ("lookups: {}\nlookups: {}\n", ".yaml:2:1: not YAML: lookups is there twice"),
        ("lookups: !!python/object:os.system {}\n", "not YAML: could not determine"),
        ("? {a: b}\n: c\n", "not YAML: found unhashable key"),
        ("a\0b", "not YAML: "),
        ("stacks: {prod: &a {b: *a}}\n", "is nested too deeply, or in itself"),
        ("[" * 2000, "not YAML: exceeded maximum nesting depth"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(lookups, text, problem):
    assert problem in problems(lookups, text)[0]


KEYS = st.sampled_from(["lookups", "stacks", "returns", "when", "secret", VPC, "x", 1, None])
CONTENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.dates(), st.binary()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(CONTENTS)
@settings(max_examples=300, deadline=None)
def test_any_file_is_read_or_refused_in_words(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "bulwark.lookups.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    with contextlib.suppress(UsageError):
        Lookups.load(PLACE, file)


def test_a_secret_in_a_bad_file_is_not_told(lookups):
    text = f"lookups: {{'{VPC}': [{{returns: hunter2}}, {{when: hunter2, returns: {{}}}}]}}"
    assert not any("hunter2" in line for line in problems(lookups, text))


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"^none\.yaml: cannot be read: "):
        Lookups.load(PLACE, tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"lookups: \xe9")
    with pytest.raises(UsageError, match=r"^latin\.yaml: cannot be read: "):
        Lookups.load(PLACE, tmp_path / "latin.yaml")


# What nothing answers.


def pasted(message):
    """The example in an error message, as a person would copy it."""
    lines = message.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Add to "))
    return dedent("\n".join(line for line in lines[start + 1 :] if line.startswith("  ")))


def test_an_unanswered_look_up_shows_how_to_answer_it(lookups):
    with pytest.raises(UnansweredLookupError) as raised:
        ask(VPC, tags={"team": "hunter2"}, default=True)
    message = str(raised.value)
    assert message.startswith(f"{VPC}, called with default, tags, cannot be looked up offline.\n")
    assert "Add to bulwark.lookups.yaml:" in message
    assert "hunter2" not in message
    example = pasted(message)
    assert yaml.safe_load(example)["lookups"].keys() == {VPC}
    assert lookups(example).answer(VPC, {}) == {"property": "value"}


def test_an_unknown_stack_shows_how_to_give_its_outputs(lookups):
    with pytest.raises(UnansweredLookupError) as raised:
        Lookups.load(PLACE).stack_outputs("acme/network/prod")
    example = pasted(str(raised.value))
    assert lookups(example).stack_outputs("acme/network/prod") == {"output": "value"}


def test_answers_of_which_none_fits_are_mentioned(lookups):
    found = lookups(f"lookups: {{'{VPC}': [{{when: {{id: a}}, returns: {{}}}}]}}")
    with pytest.raises(
        UnansweredLookupError, match=r"none of its answers in bulwark\.lookups\.yaml"
    ):
        found.answer(VPC, {"id": "b"})


@pytest.mark.parametrize(
    ("token", "args"),
    [
        ("aws:cloudfront/getCachePolicy:getCachePolicy", {"name": "Managed-Newest"}),
        ("aws:index/getArn:getArn", {"arn": "arn:aws:s3"}),
        ("aws:index/getAvailabilityZones:getAvailabilityZones", {"excludeNames": ["eu-west-1a"]}),
        ("aws:index/getRegion:getRegion", {"endpoint": "ec2.us-east-1.amazonaws.com"}),
        ("aws:kms/getAlias:getAlias", {"name": "alias/ours"}),
        ("aws:route53/getZone:getZone", {"zoneId": "Z1"}),
        (PARAMETER, {"name": "/ours"}),
    ],
)
def test_what_only_the_account_knows_is_not_answered(token, args):
    with pytest.raises(UnansweredLookupError):
        ask(token, **args)


# Built-in answers.


@pytest.mark.parametrize(
    ("token", "args", "found"),
    [
        ("aws:index/getCallerIdentity:getCallerIdentity", {}, {"accountId": "111122223333"}),
        ("aws:index/getRegion:getRegion", {}, {"region": "eu-west-1", "id": "eu-west-1"}),
        ("aws:index/getRegion:getRegion", {"region": "us-east-1"}, {"region": "us-east-1"}),
        ("aws:index/getPartition:getPartition", {}, {"partition": "aws"}),
        ("aws:index/getPartition:getPartition", {}, {"dnsSuffix": "amazonaws.com"}),
        ("aws:index/getPartition:getPartition", {}, {"reverseDnsPrefix": "com.amazonaws"}),
        ("aws:index/getDefaultTags:getDefaultTags", {}, {"tags": {}}),
        (
            "aws:index/getServicePrincipal:getServicePrincipal",
            {"serviceName": "logs"},
            {"name": "logs.amazonaws.com"},
        ),
        (
            "aws:index/getBillingServiceAccount:getBillingServiceAccount",
            {},
            {"arn": "arn:aws:iam::386209384616:root"},
        ),
        (
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"state": "available"},
            {
                "names": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
                "zoneIds": ["euw1-az1", "euw1-az2", "euw1-az3"],
            },
        ),
        (
            "aws:cloudfront/getCachePolicy:getCachePolicy",
            {"name": "Managed-CachingDisabled"},
            {"id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "name": "Managed-CachingDisabled"},
        ),
        (
            "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy",
            {"name": "Managed-AllViewerExceptHostHeader"},
            {"id": "b689b0a8-53d0-40ab-baf2-68738e2966ac"},
        ),
        (
            "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy",
            {"name": "Managed-SecurityHeadersPolicy"},
            {"id": "67f7725c-6f97-4210-82d7-5512b31e9d03"},
        ),
        ("aws:route53/getZone:getZone", {"name": "example.com"}, {"name": "example.com"}),
        (
            "aws:index/getArn:getArn",
            {"arn": "arn:aws:iam::1:role/a:b"},
            {"account": "1", "region": "", "service": "iam", "resource": "role/a:b"},
        ),
        (
            "aws:index/arnBuild:arnBuild",
            {"partition": "aws", "service": "s3", "resource": "logs"},
            {"result": "arn:aws:s3:::logs"},
        ),
        (
            "aws:index/trimIamRolePath:trimIamRolePath",
            {"arn": "arn:aws:iam::1:role/ci/deploy"},
            {"result": "arn:aws:iam::1:role/deploy"},
        ),
        (
            "azure-native:authorization:getClientConfig",
            {},
            {"subscriptionId": "s-1", "tenantId": "t-1"},
        ),
    ],
)
def test_the_usual_look_ups_have_an_answer(token, args, found):
    answer = ask(token, **args)
    assert {key: answer[key] for key in found} == found


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("us-east-1", "use1-az1"),
        ("ap-southeast-2", "apse2-az1"),
        ("us-gov-west-1", "usgw1-az1"),
        ("eu-central-1", "euc1-az1"),
    ],
)
def test_zone_ids_are_short_for_the_region(region, zone):
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    assert ask(token, region=region)["zoneIds"][0] == zone


def test_made_up_answers_are_stable_and_differ_by_what_was_asked():
    token = "aws:ec2/getAmi:getAmi"
    first = ask(token, owners=["amazon"])
    assert first["id"].startswith("ami-00000")
    assert first == ask(token, owners=["amazon"])
    assert first["id"] != ask(token, owners=["self"])["id"]


def test_keys_that_azure_would_list_are_secret():
    keys = ask("azure-native:storage:listStorageAccountKeys", accountName="a")["keys"]
    assert all(isinstance(key["value"], Secret) for key in keys)


# Policy documents.


def document(**args):
    return json.loads(ask(DOCUMENT, **args)["json"])


def test_a_policy_document_is_written_as_the_provider_writes_it():
    answer = ask(
        DOCUMENT,
        policyId="id",
        statements=[
            {
                "sid": "Read",
                "effect": "Deny",
                "actions": ["s3:Get*", "s3:List*", "s3:Get*"],
                "resources": ["arn:aws:s3:::home/&{aws:username}"],
                "principals": [
                    {"type": "Service", "identifiers": ["logs.amazonaws.com"]},
                    {"type": "AWS", "identifiers": ["1", "2"]},
                    {"type": "AWS", "identifiers": ["3"]},
                ],
                "conditions": [
                    {"test": "StringLike", "variable": "aws:b", "values": ["y", "x"]},
                    {"test": "StringLike", "variable": "aws:a", "values": ["&{z}"]},
                    {"test": "StringLike", "variable": "aws:b", "values": ["w"]},
                ],
            },
            {"notActions": ["iam:*"], "notResources": ["*"]},
        ],
    )
    assert answer["json"] == dedent("""\
        {
          "Version": "2012-10-17",
          "Id": "id",
          "Statement": [
            {
              "Sid": "Read",
              "Effect": "Deny",
              "Action": [
                "s3:List*",
                "s3:Get*"
              ],
              "Resource": "arn:aws:s3:::home/${aws:username}",
              "Principal": {
                "AWS": [
                  "2",
                  "1",
                  "3"
                ],
                "Service": "logs.amazonaws.com"
              },
              "Condition": {
                "StringLike": {
                  "aws:a": "${z}",
                  "aws:b": [
                    "y",
                    "x",
                    "w"
                  ]
                }
              }
            },
            {
              "Effect": "Allow",
              "NotAction": "iam:*",
              "NotResource": "*"
            }
          ]
        }""")
    assert json.loads(answer["minifiedJson"]) == json.loads(answer["json"])
    assert " " not in answer["minifiedJson"]
    assert answer["id"].isdigit()


@pytest.mark.parametrize(
    ("type_", "principal"), [("*", "*"), ("AWS", {"AWS": "*"}), ("Federated", {"Federated": "*"})]
)
def test_only_everybody_of_every_type_is_a_star(type_, principal):
    statement = {"principals": [{"type": type_, "identifiers": ["*"]}]}
    assert document(statements=[statement])["Statement"][0]["Principal"] == principal


def test_documents_are_merged_by_sid():
    def of(version, *statements, **more):
        return json.dumps({"Version": version, "Statement": list(statements), **more})

    merged = document(
        sourcePolicyDocuments=[
            of("2008-10-17", {"Sid": "A", "Action": "a"}, {"Action": "nameless"}, Id="first"),
            of("2008-10-17", {"Sid": "B", "Action": "b"}),
        ],
        statements=[{"sid": "A", "actions": ["own"]}],
        overridePolicyDocuments=[
            of("2008-10-17", {"Sid": "B", "Action": "over"}, {"Sid": "C", "Action": "c"})
        ],
    )
    assert merged == {
        "Version": "2012-10-17",
        "Id": "first",
        "Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": "own"},
            {"Action": "nameless"},
            {"Sid": "B", "Action": "over"},
            {"Sid": "C", "Action": "c"},
        ],
    }


def test_the_older_version_of_documents_has_no_variables():
    old = document(version="2008-10-17", statements=[{"resources": ["&{x}"]}])
    assert old["Version"] == "2008-10-17"
    assert old["Statement"][0]["Resource"] == "&{x}"


@pytest.mark.parametrize(
    "args",
    [
        {"statements": [{"sid": "A"}, {"sid": "A"}]},
        {"sourcePolicyDocuments": ['{"Statement": [{"Sid": "A"}, {"Sid": "A"}]}']},
        {"sourcePolicyDocuments": ["not JSON"]},
        {"overridePolicyDocuments": ["[1]"]},
    ],
)
def test_a_document_that_the_provider_would_refuse_is_refused(args):
    with pytest.raises(PreviewError, match=f"^{DOCUMENT}: "):
        ask(DOCUMENT, **args)


# With the SDK.


def test_a_program_gets_its_answers(preview, tmp_path):
    file = tmp_path / "bulwark.lookups.yaml"
    file.write_text(
        dedent(f"""
            lookups:
              {VPC}:
                returns: {{id: vpc-1, cidrBlock: 10.0.0.0/16}}
            stacks:
              acme/network/prod: {{subnet: subnet-1, token: {{secret: hunter2}}}}
        """)
    )

    def program():
        network = pulumi.StackReference("acme/network/prod")
        pulumi.export("vpc", aws.ec2.get_vpc(default=True).cidr_block)
        pulumi.export("subnet", network.require_output("subnet"))
        pulumi.export("token", network.require_output("token"))
        pulumi.export("zones", aws.get_availability_zones_output().names)
        statement = aws.iam.GetPolicyDocumentStatementArgs(actions=["kms:*"], resources=["*"])
        found = aws.iam.get_policy_document_output(statements=[statement])
        pulumi.export("action", found.json.apply(lambda text: json.loads(text)["Statement"][0]))

    graph = preview(program, lookups=file, place=PLACE)
    assert graph.outputs["vpc"] == "10.0.0.0/16"
    assert graph.outputs["subnet"] == "subnet-1"
    assert graph.outputs["token"] == Secret()
    assert graph.outputs["zones"][0] == "eu-west-1a"
    assert graph.outputs["action"] == {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def test_a_program_without_an_answer_stops_with_the_way_to_give_it(preview):
    with pytest.raises(RunError, match=r"Add to bulwark\.lookups\.yaml"):
        preview(lambda: aws.ec2.get_vpc(default=True))

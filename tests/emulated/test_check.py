"""What the model says about a parameter, in the words of the person who gave it."""

import pytest
from botocore.session import get_session

from bulwark_toolkit.emulated import ROWS
from bulwark_toolkit.emulated.check import check, compiled
from bulwark_toolkit.preview import Secret, Unknown

TRUST = "{}"
SESSION = get_session()
OUR_SERVICES = {step.service for row in ROWS.values() for step in (*row.calls, *row.reads)}


def wrong(api, params):
    service, operation = api.split(".")
    model = SESSION.get_service_model(service).operation_model(operation)
    return list(check(params, model.input_shape, operation))


def role(**params):
    given = {"RoleName": "role", "AssumeRolePolicyDocument": TRUST, **params}
    return wrong("iam.CreateRole", {key: value for key, value in given.items() if value})


def test_what_is_right_passes():
    tags = [{"Key": "owner", "Value": "platform@example.com"}]
    assert role(Description="a role", MaxSessionDuration=3600, Tags=tags) == []


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"RoleName": None}, "RoleName: is required; got nothing"),
        ({"RoleName": 7}, "RoleName: must be a string; got the number 7"),
        ({"RoleName": "r" * 65}, "RoleName: must be at most 64 characters; got a string of 65 ch"),
        ({"RoleName": "a role"}, r"RoleName: must match [\w+=,.@-]+; got a string of 6 characters"),
        ({"RoleNam": "role"}, "RoleNam: is not a parameter (did you mean RoleName?); got a string"),
        (
            {"MaxSessionDuration": 60},
            "MaxSessionDuration: must be at least 3600; got the number 60",
        ),
        ({"MaxSessionDuration": True}, "MaxSessionDuration: must be a whole number; got a boolean"),
        ({"Tags": {"owner": "me"}}, "Tags: must be a list; got an object with owner"),
        ({"Tags": [{"Key": "a#b", "Value": ""}]}, "Tags[0].Key: must match "),
        ({"Tags": [{"Key": "a"}]}, "Tags[0].Value: is required; got nothing"),
        (
            {"Description": Unknown()},
            "Description: must be a string; got a value that is not known",
        ),
        ({"Description": Secret("s3cr3t")}, "Description: must be a string; got a secret"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(params, problem):
    (text,) = role(**params)

    assert text.startswith(f"CreateRole.{problem}")


def test_a_word_that_is_none_of_the_services_is_refused():
    (text,) = wrong("kms.CreateKey", {"KeyUsage": "ENCRYPT"})

    assert text.startswith("CreateKey.KeyUsage: must be one of SIGN_VERIFY, ENCRYPT_DECRYPT, ")


def test_everything_wrong_is_said_at_once():
    assert len(role(RoleName="a role" * 20, Description=7, Nothing=None, Tags=[1])) == 4


def test_no_value_is_repeated():
    assert "s3cr3t" not in str(role(RoleName="s3cr3t !", Description={"s": "s3cr3t"}))


def test_a_token_that_the_client_makes_itself_is_not_required():
    assert wrong("accessanalyzer.CreateAnalyzer", {"analyzerName": "a", "type": "ACCOUNT"}) == []


def test_a_domain_of_cognito_may_be_a_host_name_whatever_the_model_says():
    def domain(name):
        return wrong("cognito-idp.CreateUserPoolDomain", {"Domain": name, "UserPoolId": "x_1"})

    assert domain("auth.example.com") == []
    assert domain("auth_example") != []


def test_a_pattern_that_python_cannot_read_is_left_to_aws():
    assert compiled(r"[\p{IsLatin}]+") is None


def test_letters_and_digits_of_any_script_are_known():
    assert compiled(r"[\p{L}\p{N}\p{Z}]+").fullmatch("Größe 7")


def test_only_these_patterns_of_our_services_are_left_to_aws():
    shapes = [
        model.shape_for(name)
        for model in map(SESSION.get_service_model, OUR_SERVICES)
        for name in model.shape_names
    ]
    patterns = {s.metadata["pattern"] for s in shapes if "pattern" in s.metadata}

    unread = {
        r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+": "a path of CloudWatch's",
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*": "what XML can hold",
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*": "likewise, in a line",
        r"[\w-_]*": "a name that KMS gives",
        r"[^\p{C}]*": "a description of Inspector's connectors",
        r"\p{ASCII}+": "a label of Route 53's",
        r"\p{Print}+": "a name of DynamoDB's scaling policies",
        r"^(?![^:\\]*/action/|(?i).*<script>.*</script>.*)[^:\\]+$": "the name of a budget",
        r"^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w-\/.@+=,]{1,1017}$": "a role of other clouds",
        r"^arn:aws[a-z\-]*:config:[a-z\-\d]+:\d+:stored-query/[a-zA-Z0-9-_]+/"
        r"query-[a-zA-Z\d-_/]+$": "a query that AWS Config keeps",
    }
    assert {p for p in patterns if compiled(p) is None} == unread.keys()
    assert len(patterns) > 100

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.forms import AccountId, HostName, KeyArn, PrincipalArn, Region
from pulumi_bulwark.spec import Spec


class Forms(Spec):
    account: AccountId = "123456789012"
    region: Region = "eu-central-1"
    principal: PrincipalArn = "arn:aws:iam::123456789012:role/app"
    key: KeyArn = "arn:aws:kms:eu-central-1:123456789012:key/0b0e1f7c"
    host: HostName = "api.example.com"


@pytest.mark.parametrize(
    "given",
    [
        {"account": "000000000001"},
        {"region": "us-gov-west-1"},
        {"principal": "arn:aws-cn:iam::123456789012:user/path/to/someone@example.com"},
        {"key": "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0b0e1f7c"},
        {"host": "a-1.b.example.co"},
    ],
)
def test_what_has_the_form_is_taken(given):
    assert Forms(**given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"account": "12345678901"}, "an AWS account's id of 12 digits"),
        ({"account": "123456789012\n"}, "an AWS account's id of 12 digits"),
        ({"region": "Frankfurt"}, "such as eu-central-1"),
        ({"principal": "*"}, "a wildcard would let in"),
        ({"principal": "arn:aws:iam::123456789012:role/app*"}, "a wildcard would let in"),
        ({"principal": "arn:aws:iam::123456789012:root"}, "one role or user"),
        ({"key": "arn:aws:kms:eu-central-1:123456789012:alias/logs"}, "not of an alias"),
        ({"host": "https://example.com"}, "a host name in small letters"),
        ({"host": ".".join(["a" * 60] * 5) + ".com"}, "a host name in small letters"),
    ],
)
def test_an_error_says_the_form_in_words_and_not_what_it_got(given, words):
    with pytest.raises(ConfigError) as error:
        Forms(**given)

    (problem,) = error.value.problems
    (name, text) = next(iter(given.items()))
    assert problem.startswith(f"Forms.{name}: must be ")
    assert words in problem
    assert "; got other text" in problem
    assert len(text) == 1 or text not in problem


@given(st.text() | st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True))
def test_the_schema_refuses_what_the_spec_refuses(text):
    if re.search(r"[\r\n\u2028\u2029]", text):
        return  # what `$` means to an editor, it does not to us
    schema = json.loads(json.dumps(Forms.model_json_schema()))
    fits = jsonschema.Draft202012Validator(schema).is_valid({"host": text})

    try:
        Forms(host=text)
    except ConfigError:
        assert not fits
    else:
        assert fits

"""Each repair of moto is still needed."""

import json
from types import SimpleNamespace

import pytest

from bulwark_toolkit.emulated.repairs import ADMITS_LOGS, repaired

LOGS = {"Service": "logging.s3.amazonaws.com"}


def bucket(**statement):
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Principal": LOGS, **statement}
    policy = json.dumps({"Statement": [allow]}).encode()
    return SimpleNamespace(name="logs", partition="aws", policy=policy)


def test_moto_still_breaks_on_a_statement_for_everyone():
    with pytest.raises(AttributeError):
        ADMITS_LOGS(bucket(Principal="*"), "")


def test_moto_still_does_not_see_a_resource_in_a_list():
    assert not ADMITS_LOGS(bucket(Resource=["arn:aws:s3:::logs/*"]), "")


@pytest.mark.parametrize(
    ("statement", "admits"),
    [
        ({"Resource": ["arn:aws:s3:::logs/*"]}, True),
        ({"Resource": "arn:aws:s3:::logs/s3/*"}, True),
        ({"Resource": "arn:aws:s3:::other/*"}, False),
        ({"Resource": "arn:aws:s3:::logs/*", "Principal": "*"}, False),
    ],
)
def test_repaired_it_sees_who_may_write_where(statement, admits):
    with repaired():
        from moto.s3.models import FakeBucket

        assert FakeBucket._log_permissions_enabled_policy(bucket(**statement), "s3/") is admits

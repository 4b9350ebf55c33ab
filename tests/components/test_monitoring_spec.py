import pytest

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.forms import is_mail
from pulumi_bulwark.monitoring import MonitoringSpec

AT = "bulwark:monitoring"


def problems(**settings):
    with pytest.raises(ConfigError) as error:
        MonitoringSpec.load(AT, settings)
    return error.value.problems


def recipient(**settings):
    return MonitoringSpec.load(AT, {"recipients": {"them": settings}}).recipients["them"]


def test_a_recipient_is_told_everything_unless_it_says_what():
    assert recipient(mail="team@example.com").told == ("page", "ticket")
    assert recipient(mail="team@example.com", told=["page"]).told == ("page",)


@pytest.mark.parametrize(
    "ways", [{}, {"mail": "a@example.com", "https": "https://pager.example.com/sns"}]
)
def test_a_recipient_has_one_way_to_be_told(ways):
    (problem,) = problems(recipients={"them": ways})

    assert problem.startswith(f"{AT}.recipients.them: a recipient has one of mail, https, slack")


@pytest.mark.parametrize(
    "address",
    [
        "https://events.example.com/integration/0123456789abcdef0123456789abcdef/enqueue",
        "https://hooks.example.com/services/T000/B000/abcd1234ABCD5678efgh9012",
    ],
)
def test_an_address_with_a_key_in_it_is_refused_and_not_repeated(address):
    (problem,) = problems(recipients={"them": {"https": address}})

    assert "looks like a key" in problem
    assert address not in problem
    assert "subscribe it by hand" in problem


@pytest.mark.parametrize(
    "address",
    [
        "http://pager.example.com/sns",
        "https://user:word@pager.example.com/sns",
        "https://pager.example.com/sns?key=1",
        "https://pager.example.com/sns#1",
    ],
)
def test_an_address_is_https_without_anything_that_could_be_a_secret(address):
    (problem,) = problems(recipients={"them": {"https": address}})

    assert "must be an https address" in problem


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("platform@example.com", True),
        ("me", False),
        ("a@b", False),
        ("a b@example.com", False),
        ("platform@example.com ", False),
    ],
)
def test_a_mail_address_is_known_by_its_form(text, is_one):
    assert is_mail(text) is is_one


def test_an_unknown_kind_of_alarm_is_an_error():
    (problem,) = problems(severities={"root-usr": "ticket"})

    assert problem.startswith(f"{AT}.severities.root-usr: ")


def test_a_threshold_gives_its_bounds_and_its_reason():
    (problem,) = problems(thresholds={"refusedCalls": 26})

    assert "less than or equal to 25; got 26" in problem
    assert "CIS AWS 4.1" in problem


@pytest.mark.parametrize("days", [6, 45])
def test_a_certificate_is_told_of_between_its_failed_renewal_and_its_end(days):
    (problem,) = problems(thresholds={"certificateDays": days})

    assert f"got {days}" in problem


def test_a_budget_may_be_none_but_not_nought():
    assert MonitoringSpec.load(AT, {"budget": {"monthlyUsd": None}}).budget.monthly_usd is None
    assert "got 0" in problems(budget={"monthlyUsd": 0})[0]

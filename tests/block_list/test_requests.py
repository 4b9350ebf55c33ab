"""What a message has to be like, and what is said of one that is not."""

import json
from dataclasses import replace
from ipaddress import ip_network

import pytest
from block_list_world import START, asking
from hypothesis import given
from hypothesis import strategies as st

from bulwark_runtime.block_list import (
    DETAIL_TYPE,
    Request,
    RequestError,
    Rules,
    messages,
    read,
    requests,
)

LATER = "2027-12-31T00:00:00Z"
TEN_THOUSAND = tuple(
    ip_network(f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}") for n in range(10_000)
)
V6 = tuple(
    ip_network((0x2A00_1234_5678_9ABC_DEF0_1234_5678_0000 + 2 * n, 128)) for n in range(10_000)
)


def understood(body, **rules):
    text = body if isinstance(body, str) else json.dumps(body)
    return read(text, lists=["blocked", "bots"], rules=Rules(**rules), now=START)


def problems(body, **rules):
    with pytest.raises(RequestError) as error:
        understood(body, **rules)
    return error.value.problems


def test_a_request_is_read():
    asked = asking("add", ["203.0.113.7", "2001:db8::/48"], until=LATER, source="playbook:scans")

    assert understood(asked) == Request(
        id=asked["id"],
        action="add",
        list="blocked",
        networks=(ip_network("203.0.113.7"), ip_network("2001:db8::/48")),
        until=1_830_211_200,
        reason="They scan for logins",
        source="playbook:scans",
    )


def test_without_an_end_it_lasts_until_it_is_taken_out():
    assert understood(asking("add", ["203.0.113.7"])).until is None


def test_a_network_that_is_named_twice_counts_once():
    asked = asking("add", ["203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7/32"])

    assert understood(asked).networks == (ip_network("203.0.113.7"),)


def test_everything_that_is_wrong_is_said_at_once_a_line_each():
    asked = asking("add", ["10.0.0.1", "203.0.113.7", "8.8.0.0/16"], until="tomorrow", reason=" ")
    asked |= {"format": "bulwark.block/2", "list": "allowed", "id": "1", "source": "A person"}

    assert problems(asked) == [
        "networks[0]: 10.0.0.1 is private (10.0.0.0/8), and no client comes from there",
        "networks[2]: 8.8.0.0/16 is too wide: /24 is the widest of IPv4 that may be blocked",
        "until: must be a time with its zone, such as 2026-11-25T18:00:00Z, or null",
        "format: must be bulwark.block/1",
        "list: must be blocked or bots",
        "id: must be 8 to 100 letters, digits, - and _, such as a UUID",
        "source: must be small letters, digits, :, - and _, such as playbook:guardduty",
        "reason: says why, so that somebody can tell later whether it still holds",
    ]


def test_of_very_many_problems_the_first_twenty_are_said():
    said = problems(asking("add", ["10.0.0.1"] * 500))

    assert len(said) == 21
    assert said[-1] == "and 480 more like these"


def test_what_could_change_a_terminal_or_a_log_is_not_repeated():
    said = problems(asking("add", ["\x1b[2J203.0.113.7", "x" * 5_000], reason="so\nand so"))

    assert said == [
        "networks[0]: is no address or network, such as 203.0.113.7 or 2001:db8::/48",
        "networks[1]: is no address or network, such as 203.0.113.7 or 2001:db8::/48",
        "reason: must be one line of up to 256 characters",
    ]


@pytest.mark.parametrize(
    "until",
    ["2026-11-25T18:00:00", "soon", 1_900_000_000, ["2027-12-31"], "9999-12-31T23:59:59-14:00", ""],
)
def test_an_end_without_a_zone_or_that_is_no_time_is_refused(until):
    assert problems(asking("add", ["203.0.113.7"], until=until)) == [
        "until: must be a time with its zone, such as 2026-11-25T18:00:00Z, or null"
    ]


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_an_end_in_the_past_is_refused(until):
    assert problems(asking("add", ["203.0.113.7"], until=until)) == ["until: is over already"]


@pytest.mark.parametrize("zone", ["2027-12-31T01:00:00+01:00", "2027-12-30T19:00:00-05:00", LATER])
def test_an_end_is_the_same_time_in_any_zone(zone):
    assert understood(asking("add", ["203.0.113.7"], until=zone)).until == 1_830_211_200


def test_whatever_is_in_the_list_can_be_taken_out_whether_it_could_be_put_in_or_not():
    asked = asking("remove", ["0.0.0.0/0", "10.0.0.1", "198.51.100.7"])

    taken = understood(asked, never=[ip_network("198.51.100.0/24")])

    assert [str(n) for n in taken.networks] == ["0.0.0.0/0", "10.0.0.1/32", "198.51.100.7/32"]


@pytest.mark.parametrize(
    "body",
    ["", "add 203.0.113.7", "[]", "null", "7", '"add"', "[" * 100_000, '{"a":' * 100_000, "\ud800"],
)
def test_what_is_no_json_object_is_refused(body):
    (said,) = problems(body)

    assert said.startswith("the message is no JSON")


@pytest.mark.parametrize("networks", [None, [], "203.0.113.7", {}, ["203.0.113.7"] * 20_001])
def test_networks_are_a_list_of_some(networks):
    asked = asking("add", []) | {"networks": networks}

    assert problems(asked) == ["networks: must be a list of 1 to 20,000 networks"]


TEXT = st.text("ab19/.:-é\x00\x1b😀", max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*asking("add", []), "detail-type", "detail"]), JSON))
def test_whatever_is_sent_is_read_or_refused(found):
    try:
        understood(asking("add", ["203.0.113.7"]) | found)
    except RequestError as error:
        assert error.problems


def test_an_event_asks_with_its_detail_and_its_own_id():
    event = {
        "id": "00000000-0000-0000-0000-000000000007",
        "source": "acme.fraud",
        "detail-type": DETAIL_TYPE,
        "detail": {"action": "add", "networks": ["203.0.113.7"], "reason": "Card testing"},
    }

    asked = understood(event)

    assert (asked.id, asked.list, asked.source) == (event["id"], "blocked", "event")
    assert asked.networks == (ip_network("203.0.113.7"),)


def test_an_event_that_does_not_say_what_it_wants_is_refused():
    event = {
        "id": "00000000-0000-0000-0000-000000000007",
        "detail-type": DETAIL_TYPE,
        "detail": "x",
    }

    assert "action: must be add or remove" in problems(event)


def test_ten_thousand_addresses_of_ipv4_are_one_message():
    asked = Request(
        id="request-1", action="add", list="blocked", networks=TEN_THOUSAND, reason="A botnet"
    )

    (body,) = messages(asked)

    assert len(body.encode()) <= requests.MOST_BYTES
    assert json.loads(body)["id"] == "request-1"


@pytest.mark.parametrize("reason", ["A botnet", "😀" * 256])
def test_what_is_too_much_for_one_message_becomes_several_that_fit(reason):
    asked = Request(
        id="request-1", action="add", list="blocked", networks=(*TEN_THOUSAND, *V6), reason=reason
    )

    bodies = list(messages(asked))

    assert all(len(body.encode()) <= 256 * 1024 for body in bodies)
    assert [json.loads(b)["id"] for b in bodies] == [f"request-1-{n}" for n in range(len(bodies))]
    named = [n for body in bodies for n in json.loads(body)["networks"]]
    assert named == [str(n) for n in asked.networks]


def test_what_is_sent_is_read_as_what_was_asked():
    asked = Request(
        id="request-1",
        action="add",
        list="bots",
        networks=(ip_network("203.0.113.7"), ip_network("2001:db8::/48")),
        until=1_830_211_200,
        reason="A botnet",
        source="cli",
    )

    (body,) = messages(asked)

    assert understood(body) == asked
    assert understood(next(messages(replace(asked, until=None)))).until is None

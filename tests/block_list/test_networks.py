"""Which networks may be blocked, and how they are written."""

import itertools
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulwark_runtime.block_list.networks import (
    NetworkError,
    Rules,
    inside,
    merged,
    overlap,
    parse,
)

V4 = st.builds(
    lambda number, length: ip_network((number >> 32 - length << 32 - length, length)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)
V6 = st.builds(
    lambda number, length: ip_network((number >> 128 - length << 128 - length, length)),
    st.integers(0, 2**128 - 1),
    st.integers(1, 128),
)


def refusal(text, **rules):
    with pytest.raises(NetworkError) as error:
        Rules(**rules).check(parse(text))
    return str(error.value)


def is_taken(text, **rules):
    try:
        Rules(**rules).check(parse(text))
    except NetworkError:
        return False
    return True


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.7 ", "203.0.113.7/32"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("2001:DB8:0:0::1", "2001:db8::1/128"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
    ],
)
def test_a_network_is_known_however_it_is_written(written, meant):
    assert parse(written) == ip_network(meant)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "all", "203.0.113", "203.0.113.256", "203.0.113.7/33", "2001:db8::/129", "203.0.113.07",
        "2001:db8::1%eth0", "203.0.113.7-9", "example.com", "203.0.113.7,203.0.113.8", "٣.0.113.7",
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused(wrong):
    with pytest.raises(NetworkError, match="no address or network"):
        parse(wrong)


@pytest.mark.parametrize("wrong", [None, 5, 3405803783, ["203.0.113.7"], {"ip": "203.0.113.7"}])
def test_what_is_no_text_is_refused(wrong):
    with pytest.raises(NetworkError, match="is no text"):
        parse(wrong)


def test_bits_beyond_the_prefix_are_a_question():
    with pytest.raises(NetworkError) as error:
        parse("203.0.113.7/24")

    assert str(error.value) == (
        "has bits beyond its prefix: is it 203.0.113.0/24, or the one address 203.0.113.7/32?"
    )


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("10.1.2.3", "private"),
        ("172.16.0.0/24", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "carrier"),
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("0.0.0.0", "this network"),  # noqa: S104
        ("198.18.0.1", "benchmarks"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::1", "2000::/3"),
        ("::", "2000::/3"),
        ("fe80::1", "2000::/3"),
        ("fc00::1", "2000::/3"),
        ("ff02::1", "2000::/3"),
        ("64:ff9b::1", "2000::/3"),
        ("::ffff:10.0.0.1", "private"),
    ],
)
def test_what_no_client_comes_from_is_refused(network, why):
    assert why in refusal(network)


@pytest.mark.parametrize("network", ["0.0.0.0/1", "8.0.0.0/5", "::/1", "::ffff:0:0/96"])
def test_a_network_around_such_addresses_is_refused_at_any_floor(network):
    assert "no client" in refusal(network, widest={4: 1, 6: 1})


@pytest.mark.parametrize(
    "network", ["192.0.2.1", "198.51.100.0/24", "203.0.113.7", "2001:db8::/48"]
)
def test_addresses_for_documentation_are_taken_for_drills(network):
    assert is_taken(network)


@pytest.mark.parametrize(
    ("floor", "last"),
    [({4: 24, 6: 48}, ("8.8.8.0/24", "2a00::/48")), ({4: 16, 6: 32}, ("8.8.0.0/16", "2a00::/32"))],
)
def test_the_floor_is_the_widest_that_is_taken(floor, last):
    for text in last:
        assert is_taken(text, widest=floor)
        assert "too wide" in refusal(str(parse(text).supernet()), widest=floor)


@pytest.mark.parametrize(
    "asked", ["198.51.100.7", "198.51.100.0/25", "198.51.100.0/24", "198.51.0.0/16"]
)
def test_what_has_a_part_in_a_network_that_is_never_blocked_is_refused(asked):
    never = [ip_network("198.51.100.0/25")]

    assert "198.51.100.0/25, which is never blocked" in refusal(
        asked, never=never, widest={4: 8, 6: 8}
    )


def test_what_has_no_part_in_it_is_taken():
    never = [ip_network("198.51.100.0/25"), ip_network("2001:db8::/48")]

    assert is_taken("198.51.100.128/25", never=never)
    assert is_taken("2001:db8:1::/48", never=never)


@given(st.lists(V4 | V6, max_size=30))
def test_merging_keeps_every_address_and_no_other(networks):
    for version in (4, 6):
        mine = [n for n in networks if n.version == version]
        fewest = merged(mine)

        assert all(any(n.subnet_of(m) for m in fewest) for n in mine)
        assert sum(m.num_addresses for m in fewest) == covered(mine)
        assert all(not a.overlaps(b) for a, b in itertools.pairwise(fewest))


def covered(networks):
    """Addresses in any of the networks, counted by sweeping over them."""
    total, end = 0, -1
    for first, last in sorted((int(n.network_address), int(n.broadcast_address)) for n in networks):
        total += max(0, last - max(first, end + 1) + 1)
        end = max(end, last)
    return total


@given(V4 | V6)
def test_a_network_as_we_write_it_is_read_as_the_same_one(network):
    mapped = network.version == 6 and network.subnet_of(ip_network("::ffff:0:0/96"))

    assert parse(str(network)) == network or mapped


@given(V4 | V6, V4 | V6)
def test_overlapping_and_being_inside_are_what_pythons_own_library_says(one, other):
    same = one.version == other.version

    assert overlap(one, other) == (same and one.overlaps(other))
    assert inside(one, other) == (same and one.subnet_of(other))
    assert inside(one, one)

"""What holds of all that was asked for, in whatever order it was written down."""

import itertools
from ipaddress import ip_network

from block_list_world import START
from hypothesis import given
from hypothesis import strategies as st

from bulwark_runtime.block_list import Entry, Gone, Rules, State, choose
from bulwark_runtime.block_list.entries import GONE_SECONDS

NETWORKS = [
    ip_network(n)
    for n in ("203.0.113.0/24", "203.0.113.0/25", "203.0.113.7", "203.0.113.8", "2001:db8::/48")
]


def entry(network, order, *, for_=3600, id_=None):
    return Entry(
        network=ip_network(network),
        id=id_ or f"request-{order}",
        order=f"{order:05d}",
        since=START + order,
        until=None if for_ is None else START + for_,
        reason="They scan",
        source="cli",
        who="ada",
    )


def gone(network, order):
    return Gone(
        network=ip_network(network),
        id=f"request-{order}",
        order=f"{order:05d}",
        since=START + order,
        who="ada",
    )


def held(*records, now=START + 100):
    entries = [r for r in records if isinstance(r, Entry)]
    marks = [r for r in records if isinstance(r, Gone)]
    return {(str(e.network), e.until) for e in State(entries, marks).holding(now)}


def networks(*records, **more):
    return {network for network, _ in held(*records, **more)}


def test_an_entry_holds_until_its_time_is_over():
    one = entry("203.0.113.7", 1, for_=60)

    assert networks(one, now=START + 59) == {"203.0.113.7/32"}
    assert networks(one, now=START + 60) == set()


def test_an_entry_without_an_end_holds():
    assert networks(entry("203.0.113.7", 1, for_=None), now=START + 10**9) == {"203.0.113.7/32"}


def test_a_removal_ends_what_was_asked_for_before_it_and_not_what_comes_after():
    one, end, again = entry("203.0.113.7", 1), gone("203.0.113.7", 2), entry("203.0.113.7", 3)

    assert networks(one, end) == set()
    assert networks(one, end, again) == {"203.0.113.7/32"}


def test_a_removal_ends_all_that_is_in_its_network_and_nothing_around_it():
    inner, outer = entry("203.0.113.7", 1), entry("203.0.113.0/24", 2)

    assert networks(inner, outer, gone("203.0.113.0/24", 3)) == set()
    assert networks(inner, outer, gone("203.0.113.7", 3)) == {"203.0.113.0/24"}


def test_a_longer_entry_is_not_shortened_by_a_later_one():
    long, short = entry("203.0.113.7", 1, for_=7200), entry("203.0.113.7", 2, for_=200)

    assert held(long, short) == {("203.0.113.7/32", START + 7200), ("203.0.113.7/32", START + 200)}
    assert networks(long, short, now=START + 300) == {"203.0.113.7/32"}


def test_a_later_entry_that_lasts_as_long_takes_the_place_of_an_earlier_one():
    several = [entry("203.0.113.7", order, for_=3600 + order) for order in range(50)]

    assert held(*several) == {("203.0.113.7/32", START + 3649)}


def test_a_removal_is_forgotten_when_nothing_from_before_it_can_still_come():
    state = State([], [gone("203.0.113.7", 0)])

    assert state.forgotten(START + GONE_SECONDS) == []
    assert state.forgotten(START + GONE_SECONDS + 1) == state.gone


def test_where_an_address_is_blocked_by_what_is_around_it_that_is_found():
    around = entry("203.0.113.0/24", 1)

    assert State([around], []).above(ip_network("203.0.113.7"), START) == around
    assert State([around], []).above(ip_network("203.0.114.7"), START) is None


RECORDS = st.lists(
    st.tuples(st.sampled_from(NETWORKS), st.booleans(), st.sampled_from([50, 150, 3600, None])),
    max_size=8,
).map(
    lambda asked: [
        entry(network, order, for_=for_) if adds else gone(network, order)
        for order, (network, adds, for_) in enumerate(asked)
    ]
)


@given(RECORDS, st.randoms(use_true_random=False))
def test_in_whatever_order_and_how_often_things_come_the_same_holds(records, random):
    shuffled = [*records, *random.sample(records, len(records) // 2)]
    random.shuffle(shuffled)
    once = {(type(r), r.network, r.id): r for r in shuffled}

    assert held(*once.values()) == held(*records)


@given(RECORDS)
def test_what_is_cleaned_away_was_saying_nothing(records):
    """Whatever comes later, and whenever one looks."""
    state = State(
        [r for r in records if isinstance(r, Entry)], [r for r in records if isinstance(r, Gone)]
    )
    left = [*state.holding(START + 100), *state.gone]

    for late in (
        gone("203.0.113.0/25", 4),
        gone("0.0.0.0/0", 99),
        entry("203.0.113.7", 3, id_="x"),
    ):
        for now in (100, 200, 4000):
            assert networks(*left, late, now=START + now) == networks(
                *records, late, now=START + now
            )


@given(RECORDS)
def test_what_holds_is_what_one_would_find_asking_one_after_the_other(records):
    now, blocked = START + 100, {}
    for record in records:
        if isinstance(record, Entry):
            blocked.setdefault(record.network, []).append(record.end)
        else:
            blocked = {
                n: ends
                for n, ends in blocked.items()
                if n.version != record.network.version or not n.subnet_of(record.network)
            }

    assert networks(*records) == {str(n) for n, ends in blocked.items() if max(ends) > now}


# --- the sets


def chosen(*entries, room=10_000, version=4, **rules):
    return choose(list(entries), version, Rules(**rules), room=room)


def test_versions_are_kept_apart():
    both = entry("203.0.113.7", 1), entry("2001:db8::/48", 2)

    assert [str(n) for n in chosen(*both).networks] == ["203.0.113.7/32"]
    assert [str(n) for n in chosen(*both, version=6).networks] == ["2001:db8::/48"]


def test_what_overlaps_and_what_is_side_by_side_is_merged():
    several = [entry("203.0.113.0/25", 1), entry("203.0.113.128/25", 2), entry("203.0.113.7", 3)]

    assert [str(n) for n in chosen(*several).networks] == ["203.0.113.0/24"]


def test_what_is_never_blocked_is_not_in_the_sets_though_it_is_in_the_table():
    never = [ip_network("203.0.113.7")]

    found = chosen(entry("203.0.113.0/24", 1), entry("203.0.113.200", 2), never=never)

    assert [str(n) for n in found.networks] == ["203.0.113.200/32"]


def test_of_a_full_list_what_would_end_first_waits_and_what_has_no_end_stays():
    several = [
        entry("203.0.113.1", 1, for_=None),
        entry("203.0.113.3", 2, for_=7200),
        entry("203.0.113.5", 3, for_=60),
        entry("203.0.113.7", 4, for_=3600),
    ]

    found = chosen(*several, room=2)

    assert [str(n) for n in found.networks] == ["203.0.113.1/32", "203.0.113.3/32"]
    assert [str(e.network) for e in found.waiting] == ["203.0.113.7/32", "203.0.113.5/32"]
    assert found.asked == 4


def test_of_those_that_end_together_the_oldest_waits():
    several = [entry(f"203.0.113.{2 * n + 1}", n) for n in range(3)]

    assert [str(e.network) for e in chosen(*several, room=2).waiting] == ["203.0.113.1/32"]


@given(
    st.lists(st.tuples(st.integers(0, 63), st.sampled_from([10, 20, None])), max_size=40),
    st.integers(0, 12),
)
def test_whatever_is_asked_the_set_has_room_for_it_and_no_stranger_is_in_it(asked, room):
    entries = [
        entry(f"203.0.113.{4 * last}/30", order, for_=for_)
        for order, (last, for_) in enumerate(asked)
    ]

    found = chosen(*entries, room=room)

    assert len(found.networks) <= room
    kept = [e for e in entries if e not in found.waiting]
    assert {a for n in found.networks for a in n} == {a for e in kept for a in e.network}
    assert all(
        min(e.end for e in kept) >= max(w.end for w in found.waiting)
        for _ in itertools.repeat(None, 1)
        if kept and found.waiting
    )

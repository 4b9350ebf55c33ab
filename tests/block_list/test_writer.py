"""From messages to the table, and from the table to the sets."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from block_list_world import (
    ADA,
    BOB,
    EDGE_V4,
    HOME_V4,
    SETS,
    CutError,
    World,
    asking,
)

from bulwark_runtime.block_list import Rules
from bulwark_runtime.block_list.ports import BusyError
from bulwark_runtime.block_list.writer import MOST_ENTRIES

IT = "203.0.113.7/32"


# --- what is asked for happens


def test_an_address_is_blocked_everywhere_until_its_time_is_over(world):
    world.do(world.add("203.0.113.7", for_=3600))
    assert world.blocked() == [IT]

    world.pass_(3599)
    assert world.blocked() == [IT]

    world.pass_(1)
    assert world.blocked() == []


def test_each_version_of_ip_goes_to_its_own_sets(world):
    world.do(world.add("203.0.113.7", "2001:db8::/48"))

    assert (world.blocked(4), world.blocked(6)) == ([IT], ["2001:db8::/48"])


def test_an_address_is_taken_out(world):
    world.do(world.add("203.0.113.7"))
    world.do(world.remove("203.0.113.7"))

    assert world.blocked() == []


def test_who_asked_is_who_the_queue_says_and_nobody_else(world):
    lie = asking("add", ["203.0.113.7"]) | {"who": "the chief", "SenderId": "the chief"}
    world.do(world.message(lie, who=BOB))

    (entry,) = world.table.load("blocked").entries
    (outcome,) = world.table.history.values()
    assert (entry.who, outcome.who) == (BOB, BOB)


def test_the_history_says_who_asked_for_what_and_why_and_when_it_was_done(world):
    asked = world.add("203.0.113.7", "203.0.113.9", for_=60, who=BOB, reason="Card testing")
    world.clock.pass_(3)
    world.do(asked)

    (outcome,) = world.table.history.values()
    assert (outcome.outcome, outcome.who, outcome.done - outcome.sent) == ("applied", BOB, 3.0)
    assert outcome.asked["networks"] == [IT, "203.0.113.9/32"]
    assert outcome.asked["reason"] == "Card testing"


def test_it_is_told_how_long_it_took(world):
    asked = world.add("203.0.113.7")
    world.clock.pass_(4)
    world.do(asked)

    assert [of["seconds"] for of in world.of("applied")] == [4.0]


def test_what_is_over_is_told_once_and_leaves_the_table(world):
    world.do(world.add("203.0.113.7", "203.0.113.9", for_=60))
    world.pass_(60)
    world.pass_(60)

    (told,) = world.of("expired")
    assert sorted(told["networks"]) == [IT, "203.0.113.9/32"]
    assert world.table.load("blocked").entries == []


def test_an_entry_that_ends_leaves_what_a_narrower_one_blocks(world):
    world.do(world.add("203.0.113.0/24", for_=60), world.add("203.0.113.7", for_=3600))
    assert world.blocked() == ["203.0.113.0/24"]

    world.pass_(60)
    assert world.blocked() == [IT]


# --- in as few writes as there can be


def test_ten_thousand_addresses_are_one_write_a_set(world):
    networks = [f"198.{20 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(0, 20_000, 2)]
    world.do(world.add(*networks))

    assert [(s, len(a)) for s, a in world.sets.writes] == [(EDGE_V4, 10_000), (HOME_V4, 10_000)]


def test_ten_requests_at_once_are_one_write_a_set(world):
    world.do(*(world.add(f"203.0.113.{2 * n}") for n in range(10)))

    assert [s for s, _ in world.sets.writes] == [EDGE_V4, HOME_V4]
    assert len(world.blocked()) == 10


def test_what_changes_nothing_is_not_written(world):
    world.do(world.add("203.0.113.0/24"))
    world.sets.writes.clear()

    world.do(world.add("203.0.113.7"), world.remove("198.51.100.7"))
    world.pass_(60)

    assert world.sets.writes == []


# --- what is wrong


@pytest.mark.parametrize(
    "body",
    ["", "[]", "[" * 100_000, '{"format": "bulwark.block/1"}', '{"detail-type": "Other"}'],
)
def test_what_is_no_request_holds_up_nothing_and_is_told_and_kept(world, body):
    bad = world.message(body)

    assert world.do(bad, world.add("203.0.113.7")) == []

    assert world.blocked() == [IT]
    assert world.of("rejected")[0]["request"] == bad.id
    assert world.table.history[bad.id].outcome == "rejected"


def test_of_a_request_with_one_bad_network_nothing_is_applied(world):
    world.do(world.add("203.0.113.7", "10.0.0.1"))

    assert world.blocked() == []
    assert "10.0.0.1 is private" in world.of("rejected")[0]["notes"][0]


def test_a_request_that_is_rejected_replaces_nobodys_history(world):
    good = world.add("203.0.113.7", id="request-good")
    world.do(good)
    world.do(world.message(asking("add", ["10.0.0.1"], id="request-good")))

    assert world.table.history["request-good"].outcome == "applied"


def test_what_one_request_breaks_is_not_the_others_fault(world):
    first, bad, last = (world.add(f"203.0.113.{n}") for n in (1, 3, 5))
    put = world.table.put

    def failing(name, records):
        if any(str(r.network) == "203.0.113.3/32" for r in records):
            raise CutError
        put(name, records)

    world.table.put = failing

    assert world.do(first, bad, last) == [bad.id]
    assert world.blocked() == ["203.0.113.1/32", "203.0.113.5/32"]


def test_what_breaks_all_of_them_is_raised_so_that_it_counts_as_an_error(world):
    world.line.cut(0, before=True)

    with pytest.raises(CutError):
        world.do(world.add("203.0.113.7"), world.add("203.0.113.9"))


# --- duplicates and disorder


def test_the_same_message_twice_is_the_same_as_once(world):
    asked = world.add("203.0.113.7")
    world.do(asked)
    world.do(asked)

    assert len(world.of("applied")) == 1
    assert len(world.of("duplicate")) == 1
    assert len(world.table.load("blocked").entries) == 1


def test_a_request_that_is_sent_again_after_its_removal_does_not_come_back(world):
    asked = asking("add", ["203.0.113.7"])
    world.do(world.message(asked))
    world.clock.pass_(60)
    world.do(world.remove("203.0.113.7"))
    world.clock.pass_(60)
    world.do(world.message(asked))  # another message, the same request

    assert world.blocked() == []


def test_twice_in_one_batch_is_once(world):
    asked = asking("add", ["203.0.113.7"])
    world.do(world.message(asked), world.message(asked))

    assert len(world.of("applied")) == 1


def test_an_older_addition_that_comes_after_a_newer_removal_changes_nothing(world):
    late = world.add("203.0.113.7")
    world.clock.pass_(1)
    world.do(world.remove("203.0.113.7"))
    world.do(late)

    assert world.blocked() == []


def test_an_older_removal_that_comes_after_a_newer_addition_changes_nothing(world):
    late = world.remove("203.0.113.7")
    world.clock.pass_(1)
    world.do(world.add("203.0.113.7"))
    world.do(late)

    assert world.blocked() == [IT]


def test_what_came_in_one_millisecond_is_in_the_order_of_the_queue(world):
    add, remove = world.add("203.0.113.7"), world.remove("203.0.113.7")
    world.do(remove, add)

    assert world.blocked() == []


def test_whoever_takes_out_a_part_of_what_is_blocked_is_told_that_it_stays(world):
    world.do(world.add("203.0.113.0/24"))
    world.do(world.remove("203.0.113.7"), world.remove("198.51.100.7"))

    notes = [of["notes"] for of in world.of("applied")[1:]]
    assert notes == [
        ["203.0.113.7/32 is blocked still, by 203.0.113.0/24: take that out too"],
        ["198.51.100.7/32 was not in the list"],
    ]


# --- the firewall is busy, and others write too


def test_a_token_that_is_not_the_last_one_is_fetched_again(world):
    def stranger():
        world.sets.put(EDGE_V4, ["198.51.100.7/32"])

    world.sets.before_write = [stranger]
    world.do(world.add("203.0.113.7"))

    assert world.blocked() == [IT]
    assert len(world.pauses) == 1


@pytest.mark.parametrize("when", ["before_read", "before_write"])
@pytest.mark.parametrize("which", [0, 1])
def test_of_two_writers_at_once_neither_undoes_the_other(world, when, which):
    """The second does all of its work while the first is at one of its reads, or its writes."""
    second = world.add("203.0.113.9")
    setattr(world.sets, when, [lambda: None] * which + [lambda: world.do(second)])

    world.do(world.add("203.0.113.7"))

    assert world.blocked() == [IT, "203.0.113.9/32"]


def test_throttling_is_waited_out_and_nothing_is_lost(world):
    def busy():
        raise BusyError("ThrottlingException")

    world.sets.before_write = [busy] * 7
    world.do(world.add("203.0.113.7"))

    assert world.blocked() == [IT]
    assert len(world.pauses) == 7
    assert len(set(world.pauses)) > 1  # with jitter


def test_when_time_runs_out_the_messages_come_again_and_the_table_has_them_already(world):
    asked = world.add("203.0.113.7")

    def busy():
        raise BusyError("ThrottlingException")

    world.sets.before_write = [busy]
    with pytest.raises(BusyError):
        world.do(asked, patience=lambda: 0.0)
    assert world.table.history == {}

    world.pass_(60)  # without the message, by what is in the table
    assert world.blocked() == [IT]
    world.do(asked)
    assert len(world.of("applied")) == 1


def test_fifty_at_once_lose_nothing():
    world = World()
    asked = [world.add(f"203.0.113.{2 * n}") for n in range(50)]

    def patiently(message):
        for _ in range(200):
            try:
                return world.do(message)
            except BusyError:
                continue
        return [message.id]

    with ThreadPoolExecutor(50) as pool:
        assert set(map(tuple, pool.map(patiently, asked))) == {()}

    assert len(world.blocked()) == 50
    assert len(world.table.history) == 50


# --- crashes


def steps():
    world = World()
    world.do(world.add("198.51.100.7", "2001:db8::/48", for_=60))
    world.clock.pass_(60)
    world.line.writes = 0
    world.do(*scene(world))
    return world.line.writes


def scene(world):
    return [
        world.add("203.0.113.7", "203.0.113.9", "2001:db8:1::/48", id="request-scene-1"),
        world.remove("203.0.113.9", id="request-scene-2"),
        world.tick(),
    ]


STEPS = steps()


def test_the_scene_has_many_steps():
    assert STEPS >= 12


def all_or_cut(world, messages):
    if failed := world.do(*messages):
        raise CutError(failed)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", range(STEPS))
def test_after_a_crash_at_any_step_the_same_holds_as_without_one(world, step, before):
    world.do(world.add("198.51.100.7", "2001:db8::/48", for_=60))
    world.clock.pass_(60)
    messages = scene(world)
    world.line.cut(step, before=before)
    with pytest.raises(CutError):
        all_or_cut(world, messages)
    world.line.mend()

    world.do(*messages)

    assert (world.blocked(4), world.blocked(6)) == ([IT], ["2001:db8:1::/48"])
    assert {i for i in world.table.history if "scene" in i} == {
        "request-scene-1",
        "request-scene-2",
    }
    entries = {str(e.network) for e in world.table.load("blocked").entries}
    assert entries == {IT, "2001:db8:1::/48"}
    assert world.of("repaired") == []  # nobody else did anything


# --- what others did is mended


def test_what_a_hand_put_in_is_taken_out_and_what_it_took_out_is_put_back(world):
    world.do(world.add("203.0.113.7"))
    world.pass_(60)
    world.sets.put(EDGE_V4, ["198.51.100.7/32"])

    world.pass_(45)

    assert world.blocked() == [IT]
    (told,) = world.of("repaired")
    assert (told["set"], told["put_back"], told["taken_out"]) == ("edge-v4", 1, 1)
    assert told["networks"] == [IT, "198.51.100.7/32"]


def test_it_is_told_for_how_long_it_can_have_been_wrong_at_most(world):
    world.do(world.add("203.0.113.7"))
    world.pass_(60)
    for ip_set in SETS:
        world.sets.put(ip_set, [])  # as a stack does that makes its sets anew

    world.pass_(45)

    assert [(of["set"], of["seconds"]) for of in world.of("repaired")] == [
        ("edge-v4", 45.0),
        ("home-v4", 45.0),
    ]


def test_a_set_that_is_made_anew_is_filled_and_that_is_a_repair(world):
    world.do(world.add("203.0.113.7"))
    anew = replace(EDGE_V4, id="new")

    world.clock.pass_(45)
    world.do(world.tick(), lists={"blocked": [anew, HOME_V4]})

    assert world.sets.held[anew] == {IT}
    assert [(of["set"], of["put_back"]) for of in world.of("repaired")] == [("edge-v4", 1)]


def test_what_is_in_a_set_before_the_first_look_is_replaced_and_is_no_repair(world):
    for ip_set in SETS:
        world.sets.put(ip_set, [])
    world.sets.put(EDGE_V4, ["198.51.100.7/32"])

    world.do(world.add("203.0.113.7"))

    assert world.blocked() == [IT]
    assert world.of("repaired") == []


@pytest.mark.parametrize("doing", ["read", "write"])
def test_a_set_that_cannot_be_reached_keeps_nobody_out_of_the_others(world, doing):
    usual = getattr(world.sets, doing)

    def failing(ip_set, *more):
        if ip_set == EDGE_V4:
            raise LookupError(ip_set.name)
        return usual(ip_set, *more)

    setattr(world.sets, doing, failing)
    asked = world.add("203.0.113.7")
    with pytest.raises(LookupError):
        world.do(asked)

    assert world.sets.held[HOME_V4] == {IT}
    assert world.table.history == {}  # nor is it done: it comes again
    assert world.of("converged") == []


def test_a_list_that_cannot_be_reached_keeps_nobody_out_of_the_others(world):
    world.more["lists"] = {"blocked": [EDGE_V4], "bots": [HOME_V4]}
    world.sets.before_read = [missing]

    with pytest.raises(LookupError):
        world.do(world.add("203.0.113.9"), world.add("203.0.113.7", list="bots"))

    assert world.sets.held == {HOME_V4: {IT}}


def missing():
    raise LookupError


def test_what_the_writer_changes_itself_is_no_repair(world):
    world.do(world.add("203.0.113.7", for_=60))
    world.do(world.add("203.0.113.9"))
    world.pass_(60)

    assert world.of("repaired") == []


def test_what_was_written_just_before_a_crash_is_not_taken_for_a_strangers(world):
    world.do(world.add("203.0.113.7"))
    see, calls = world.table.see, []

    def cut(name, seen, sets):
        calls.append(seen)
        if len(calls) > 1:
            raise CutError
        see(name, seen, sets)

    world.table.see = cut
    with pytest.raises(CutError):
        world.do(world.add("203.0.113.9"))
    world.table.see = see
    assert world.blocked() == [IT, "203.0.113.9/32"]

    world.do(world.add("203.0.113.11"))

    assert world.of("repaired") == []


def test_an_address_in_another_spelling_is_no_difference(world):
    world.do(world.add("2001:db8::/48"))
    for ip_set in SETS:
        if ip_set.version == 6:
            world.sets.put(ip_set, ["2001:0db8:0000:0000:0000:0000:0000:0000/48"])
    world.sets.writes.clear()

    world.pass_(60)

    assert world.sets.writes == []
    assert world.of("repaired") == []


def test_a_network_that_becomes_protected_is_let_in_again_within_a_minute(world):
    world.do(world.add("203.0.113.7", for_=None))
    never = Rules(never=[next(iter(world.table.load("blocked").entries)).network])

    world.clock.pass_(60)
    world.do(world.tick(), rules=never)

    assert world.blocked() == []


# --- a full list


def test_a_full_list_leaves_out_what_would_end_first_and_takes_it_in_when_there_is_room(world):
    world.more["lists"] = {"blocked": [replace(s, room=2) for s in SETS]}
    world.do(world.add("203.0.113.1", for_=60), world.add("203.0.113.3", for_=7200))
    world.do(world.add("203.0.113.5", for_=3600))
    assert world.blocked() == ["203.0.113.3/32", "203.0.113.5/32"]

    world.do(world.remove("203.0.113.3"))
    assert world.blocked() == ["203.0.113.1/32", "203.0.113.5/32"]


def test_it_is_told_how_full_a_list_is_and_what_waits(world):
    world.more["lists"] = {"blocked": [replace(s, room=2) for s in SETS]}
    world.do(*(world.add(f"203.0.113.{n}", for_=60 * n) for n in (1, 3, 5)))
    world.pass_(10)

    told = world.of("converged")[-1]
    assert told["fill_percent"] == 150.0
    assert (told["entries"], told["waiting"], told["networks"]) == (3, 1, ["203.0.113.1/32"])
    assert told["oldest_seconds"] == 10.0


def test_a_list_does_not_grow_without_end(world):
    half = [f"198.20.{n // 256}.{n % 256}" for n in range(MOST_ENTRIES // 2)]
    rest = [f"198.21.{n // 256}.{n % 256}" for n in range(MOST_ENTRIES // 2)]
    world.do(world.add(*half), world.add(*rest))

    world.do(world.add("203.0.113.7"))

    (told,) = world.of("rejected")
    assert told["notes"] == ["the list has 20,000 entries and takes 20,000"]
    assert told["who"] == ADA


# --- several lists


def test_a_request_is_for_the_list_it_names_and_leaves_the_others_alone(world):
    world.more["lists"] = {"blocked": [EDGE_V4], "bots": [HOME_V4]}
    world.do(world.add("203.0.113.7", list="bots"))

    assert world.sets.held == {HOME_V4: {IT}}
    world.pass_(60)
    assert world.sets.held == {HOME_V4: {IT}}

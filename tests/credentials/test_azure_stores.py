"""What only the stores on Azure must do."""

import threading

import pytest

from bulwark_runtime.credentials import Policy, StoreError
from bulwark_runtime.credentials.azure_table import LONGEST_TEXT, TableDocuments
from bulwark_runtime.credentials.documents import Document
from bulwark_runtime.credentials.lockout import _MOST_BUCKETS, _MOST_KNOWN, Attempts, Bucket
from bulwark_runtime.credentials.policy import _BOUNDS
from bulwark_runtime.credentials.records import Hash, Reset, User, fresh_nest, user_to_json

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"


def together(count, do):
    threads = [threading.Thread(target=do, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def table(azure_world):
    """A client of its own for each instance, with nothing between it and the service."""
    return lambda: TableDocuments(azure_world.tables.get_table_client(azure_world.table("users")))


def test_writings_at_once_lose_nothing(table):
    """Each instance reads, adds one, and writes where nobody was faster: with no lock of ours."""
    table().save("count", Document("0", "begin"), expected=None)

    def add(number):
        documents = table()
        for turn in range(4):
            for _ in range(200):
                there = documents.load("count")
                new = Document(str(int(there.text) + 1), f"{number}-{turn}")
                if documents.save("count", new, expected=there.version):
                    break

    together(4, add)

    assert table().load("count").text == "16"


def test_of_first_writers_at_once_all_find_what_all_wrote(tables):
    tables.create_table("firstwriters")
    instances = [TableDocuments(tables.get_table_client("firstwriters")) for _ in range(6)]
    start = threading.Barrier(6)

    def write(number):
        start.wait()
        instances[number].save(f"user-{number}", Document("{}", f"v{number}"), expected=None)

    together(6, write)

    last = TableDocuments(tables.get_table_client("firstwriters"))
    for documents in [*instances, last]:
        assert all(documents.load(f"user-{number}") for number in range(6))


def test_a_crash_after_the_key_of_the_addresses_was_made_loses_nobody(tables, azure_world):
    tables.create_table("crashed")
    line = azure_world.line
    line.cut(1, before=True)
    with pytest.raises(line.Cut):
        TableDocuments(line.to(tables.get_table_client("crashed"))).save(
            "ada", Document("{}", "v1"), expected=None
        )
    line.mend()

    documents = TableDocuments(tables.get_table_client("crashed"))
    assert documents.load("ada") is None
    assert documents.save("ada", Document("{}", "v2"), expected=None)
    assert documents.load("ada").version == "v2"


def test_in_a_table_that_nobody_wrote_to_nothing_is_found_and_nothing_is_made(tables):
    tables.create_table("untouched")
    documents = TableDocuments(tables.get_table_client("untouched"))

    assert documents.load("ada") is None
    assert not documents.save("ada", Document("{}", "v2"), expected="v1")
    assert not documents.remove("ada", expected="v1")
    assert documents.keys().keys == ()
    assert list(tables.get_table_client("untouched").list_entities()) == []


def test_a_writing_that_was_done_though_its_answer_was_lost_is_one_writing(table):
    documents = table()
    assert documents.save("ada", Document("{}", "v1"), expected=None)

    assert table().save("ada", Document("{}", "v1"), expected=None)
    assert not documents.save("ada", Document("{}", "v2"), expected=None)
    assert documents.save("ada", Document("{}", "v3"), expected="v1")
    assert table().save("ada", Document("{}", "v3"), expected="v1")
    assert not table().save("ada", Document("{}", "v4"), expected="v1")


def test_a_version_that_is_there_again_is_replaced_only_by_who_saw_it(table):
    """An instance remembers what it saw; another has replaced it meanwhile."""
    slow, fast = table(), table()
    slow.save("ada", Document("{}", "v1"), expected=None)
    fast.save("ada", Document("{}", "v2"), expected="v1")

    assert not slow.save("ada", Document("{}", "v3"), expected="v1")
    assert not slow.remove("ada", expected="v1")
    assert fast.remove("ada", expected="v2")
    assert not fast.remove("ada", expected="v2")


def test_what_was_counted_again_is_not_dropped(table, monkeypatch):
    """Between the search for what ended and its deletion."""
    documents = table()
    documents.save("ada", Document("{}", "v1"), expected=None, expires_at=1)
    documents.save("bob", Document("{}", "v1b"), expected=None, expires_at=1)
    found = list(documents._expired(5))
    table().save("ada", Document("{}", "v2"), expected="v1", expires_at=9)
    monkeypatch.setattr(documents, "_expired", lambda now: found)

    assert documents.drop_expired(5) == 1
    assert table().load("ada").version == "v2"
    assert table().load("bob") is None


def test_dropping_ends_when_its_time_is_over_and_goes_on_the_next_time(table):
    documents = table()
    for number in range(3):
        documents.save(f"user-{number}", Document("{}", f"v{number}"), expected=None, expires_at=1)
    times = iter([True, False])

    assert documents.drop_expired(5, may_go_on=lambda: next(times)) == 1
    assert documents.drop_expired(5) == 2


def test_the_largest_records_fit_into_a_property():
    most = {name: bounds[1] for name, bounds in _BOUNDS.items()}
    hash_ = Hash("$2b$12$" + "x" * 53, "v999999")
    user = User(
        id="x" * 256,
        hashes=(hash_,) * (1 + most["history"]),
        changed_at=10**10,
        resets=(Reset("d" * 64, 10**10),) * most["resets"],
        last_request="r" * 64,
        nests=tuple(fresh_nest() for _ in range(8)),
    )
    place = "device:" + "d" * 32
    attempts = Attempts(
        {f"{place}{number:03}": Bucket(10**6, 10**10, 10**10) for number in range(_MOST_BUCKETS)},
        {f"{place}{number:03}": 10**10 for number in range(_MOST_KNOWN)},
    )

    assert Policy.from_settings({"history": most["history"]}).history == most["history"]
    assert len(user_to_json(user, inline=True)) < LONGEST_TEXT
    assert len(attempts.to_json()) < LONGEST_TEXT


def test_a_user_has_one_secret_whose_name_tells_nothing(azure_secrets_world, vault):
    azure_secrets_world.vault().register("joy@example.org", PASSWORD)

    (name,) = azure_secrets_world.secrets()
    assert name.startswith("user-")
    assert len(name) == len("user-") + 32
    assert "joy" not in vault.value(name)


def test_the_record_has_no_hash_and_the_secret_has_nothing_else(azure_secrets_world, vault):
    azure_secrets_world.vault().register("ada", PASSWORD)

    assert "$2b$" not in azure_secrets_world.documents("users").load("ada").text
    (name,) = azure_secrets_world.secrets()
    assert "$2b$" in vault.value(name)
    assert "ada" not in vault.value(name)


def test_what_does_not_touch_the_password_does_not_touch_the_secret(azure_secrets_world, vault):
    passwords = azure_secrets_world.vault()
    passwords.register("ada", PASSWORD)
    (name,) = azure_secrets_world.secrets()

    passwords.verify("ada", OTHER, source=HOME)
    passwords.verify("ada", PASSWORD, source=HOME)
    passwords.begin_reset("ada")
    passwords.disable("ada")
    passwords.enable("ada")

    assert len(vault.secrets[name]) == 1


def test_who_changes_a_user_that_is_being_deleted_brings_nothing_back(azure_secrets_world, vault):
    """Key Vault would make a secret anew; but the name of a deleted one is taken."""
    users = azure_secrets_world.users()
    azure_secrets_world.vault().register("ada", PASSWORD)
    slow = users.load("ada")
    azure_secrets_world.vault().delete("ada")

    later = User(id="ada", hashes=slow.hashes[:1], changed_at=9, nests=slow.nests)
    assert not users.save(later, replacing=slow)
    assert azure_secrets_world.secrets() == []


def test_a_deleted_users_hashes_can_be_recovered_and_not_purged(azure_secrets_world, vault):
    passwords = azure_secrets_world.vault()
    passwords.register("ada", PASSWORD)
    (name,) = azure_secrets_world.secrets()
    passwords.delete("ada")

    assert list(vault.deleted) == [name]
    assert not [path for path in vault.asked("DELETE") if "deletedsecrets" in path]
    assert passwords.register("ada", OTHER).outcome == "done"
    assert azure_secrets_world.secrets() != [name]


def test_for_a_user_who_does_not_exist_another_secret_is_read(azure_secrets_world):
    passwords = azure_secrets_world.vault()
    passwords.register("ada", PASSWORD)
    passwords.verify("first-of-all", OTHER, source=HOME)  # makes it

    def reads(user):
        azure_secrets_world.line.calls.clear()
        passwords.verify(user, OTHER, source=HOME)
        return azure_secrets_world.line.calls

    known, unknown = reads("ada"), reads("nobody")
    assert known == unknown
    assert known.count("get_secret") == 1


def test_a_record_that_points_nowhere_is_an_error_and_no_refusal(azure_secrets_world, vault):
    passwords = azure_secrets_world.vault()
    passwords.register("ada", PASSWORD)
    vault.secrets.clear()

    with pytest.raises(StoreError, match="a record points to hashes that are not there"):
        passwords.verify("ada", PASSWORD, source=HOME)


CALLS = {
    # What docs/credentials-on-azure.md says of reads and writes.
    ("azure_world", "sign-in"): {"get_entity": 3, "update_entity": 1, "create_entity": 1},
    ("azure_world", "refused"): {"get_entity": 2, "create_entity": 1},
    ("azure_world", "change"): {"get_entity": 3, "update_entity": 2, "create_entity": 1},
    ("azure_secrets_world", "sign-in"): {
        "get_entity": 3,
        "update_entity": 1,
        "create_entity": 1,
        "get_secret": 1,
    },
    ("azure_secrets_world", "refused"): {"get_entity": 2, "create_entity": 1, "get_secret": 1},
    ("azure_secrets_world", "change"): {
        "get_entity": 3,
        "update_entity": 2,
        "create_entity": 1,
        "get_secret": 1,
        "set_secret": 1,
    },
}


@pytest.mark.parametrize(("store", "what"), CALLS)
def test_an_operation_makes_the_calls_that_the_documentation_counts(store, what, request):
    world = request.getfixturevalue(store)
    world.vault().register("ada", PASSWORD)
    passwords = world.vault()
    passwords.begin_reset("nobody")  # its instance has read the addresses' keys
    world.line.calls.clear()

    if what == "sign-in":
        passwords.verify("ada", PASSWORD, source=HOME)
    elif what == "refused":
        passwords.verify("ada", OTHER, source=HOME)
    else:
        passwords.change("ada", PASSWORD, OTHER, source=HOME)

    calls = world.line.calls
    assert {name: calls.count(name) for name in calls} == CALLS[store, what]

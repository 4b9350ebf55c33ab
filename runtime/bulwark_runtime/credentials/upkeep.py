"""What is done to all users, a page at a time: interrupted, it goes on where it stopped."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .records import User
from .stores import Page, Users, UserStore

PLAIN = "none"
"""What a hash without a pepper is counted as: it was imported, and nobody signed in since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    cursor: str | None
    """Where to go on, or None when all users were seen."""
    done: int = 0
    """Users whose hashes are where they belong now."""
    missed: int = 0
    """Users who changed at the same moment: another run takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    cursor: str | None
    hashes: Mapping[str, int] = field(default_factory=dict)
    """How many hashes need each version of the pepper, remembered ones as well."""


def move_hashes(
    users: Users, *, cursor: str | None = None, may_go_on: Callable[[], bool] = lambda: True
) -> Progress:
    """Bring hashes where `users` writes new ones: to secrets, or back to the table.

    While people sign in: a record and its hashes turn in one conditional write.
    """
    done = missed = 0
    page = Page((), cursor)
    for page in _pages(users, cursor, may_go_on):
        moved = [users.move(user) for user in page.users]
        done += moved.count(True)
        missed += moved.count(False)
    return Progress(cursor=page.cursor, done=done, missed=missed)


def count_peppers(
    users: UserStore, *, cursor: str | None = None, may_go_on: Callable[[], bool] = lambda: True
) -> Usage:
    """Count what each pepper is still needed for: one that is not counted may be retired."""
    found: Counter[str] = Counter()
    page = Page((), cursor)
    for page in _pages(users, cursor, may_go_on):
        found.update(_peppers(page.users))
    return Usage(cursor=page.cursor, hashes=dict(sorted(found.items())))


UPKEEP: Mapping[str, Callable[..., Progress | Usage]] = {
    "count-peppers": count_peppers,
    "move-hashes": move_hashes,
}


def _peppers(users: tuple[User, ...]) -> Iterator[str]:
    return (one.pepper or PLAIN for user in users for one in user.hashes)


def _pages(users: UserStore, cursor: str | None, may_go_on: Callable[[], bool]) -> Iterator[Page]:
    while True:
        page = users.scan(cursor)
        yield page
        cursor = page.cursor
        if cursor is None or not may_go_on():
            return

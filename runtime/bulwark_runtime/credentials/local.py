"""Documents in SQLite: in a file for one machine, or in memory."""

import sqlite3
import threading
from pathlib import Path

from .documents import Document, Keys


class LocalDocuments:
    """One table of a database, safe to share between threads and between processes."""

    def __init__(self, file: Path | None = None, table: str = "users") -> None:
        if not table.isidentifier():
            raise ValueError("the table's name must be an identifier")
        self._table, self._lock = table, threading.Lock()
        self._db = sqlite3.connect(
            file or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._run(
            f"CREATE TABLE IF NOT EXISTS {table}"
            " (key TEXT PRIMARY KEY, text TEXT NOT NULL, version TEXT NOT NULL)"
        )

    def close(self) -> None:
        self._db.close()

    def load(self, key: str) -> Document | None:
        rows = self._run(f"SELECT text, version FROM {self._table} WHERE key = ?", key)  # noqa: S608 an identifier
        return Document(*rows[0]) if rows else None

    def save(
        self, key: str, document: Document, *, expected: str | None, expires_at: int | None = None
    ) -> bool:
        del expires_at  # a laptop has room
        if expected is None:
            statement = f"INSERT OR IGNORE INTO {self._table} (text, version, key) VALUES (?, ?, ?)"  # noqa: S608
            written = self._run(f"{statement} RETURNING 1", document.text, document.version, key)
        else:
            statement = f"UPDATE {self._table} SET text = ?, version = ? WHERE key = ?"  # noqa: S608
            written = self._run(
                f"{statement} AND version = ? RETURNING 1",
                document.text, document.version, key, expected,
            )  # fmt: skip
        if written:
            return True
        there = self.load(key)
        return there is not None and there.version == document.version

    def remove(self, key: str, *, expected: str) -> bool:
        statement = f"DELETE FROM {self._table} WHERE key = ? AND version = ? RETURNING 1"  # noqa: S608
        return bool(self._run(statement, key, expected))

    def keys(self, cursor: str | None = None, limit: int = 100) -> Keys:
        statement = f"SELECT key FROM {self._table} WHERE key > ? ORDER BY key LIMIT ?"  # noqa: S608
        found = tuple(key for (key,) in self._run(statement, cursor or "", limit))
        return Keys(found, found[-1] if len(found) == limit else None)

    def _run(self, statement: str, *values: object) -> list[tuple]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

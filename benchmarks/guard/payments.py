"""Payment orders of about 2 KB, as a bank's clients send them: the input of the timing."""

import json
import random
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from bulwark_runtime.input_guard import Request

from . import honest

_ACCOUNT: Mapping[str, Any] = {
    "type": "object",
    "required": ["name", "iban"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 140},
        "iban": {"type": "string", "format": "iban"},
        "bic": {"type": "string", "format": "bic"},
        "address": {"type": "array", "items": {"type": "string", "maxLength": 70}, "maxItems": 7},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
}

_TRANSFER: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "amount", "currency", "creditor"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "endToEndId": {"type": "string", "maxLength": 35},
        "amount": {"type": "integer", "minimum": 1, "maximum": 10**12},
        "currency": {"type": "string", "enum": ["EUR", "GBP", "USD", "CHF"]},
        "executionDate": {"type": "string", "format": "date"},
        "creditor": {"$ref": "#/components/schemas/Account"},
        "purpose": {"type": "string", "pattern": "^[A-Z]{4}$"},
        "remittance": {"type": "string", "maxLength": 280},
    },
}

DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Payments", "version": "1"},
    "paths": {
        "/payments": {
            "post": {
                "operationId": "pay",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["debtor", "transfers"],
                                "additionalProperties": False,
                                "properties": {
                                    "debtor": {"$ref": "#/components/schemas/Account"},
                                    "createdAt": {"type": "string", "format": "date-time"},
                                    "transfers": {
                                        "type": "array",
                                        "maxItems": 100,
                                        "items": {"$ref": "#/components/schemas/Transfer"},
                                    },
                                },
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "made"}},
            }
        }
    },
    "components": {"schemas": {"Account": _ACCOUNT, "Transfer": _TRANSFER}},
}

_HEADERS = (
    ("Host", "api.example.com"),
    ("Content-Type", "application/json"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"),
    ("Accept", "application/json, text/plain, */*"),
    ("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"),
)


def requests(seed: int, count: int, *, hard: bool = False, size: int = 2_048) -> Iterator[Request]:
    """`hard`: every text in it, names and streets too, is one of those that look like syntax."""
    rng = random.Random(seed)
    texts = _Texts(seed, hard=hard)
    for _ in range(count):
        order: dict[str, Any] = {
            "debtor": _account(rng, texts),
            "createdAt": "2026-03-02T09:30:00Z",
            "transfers": [],
        }
        while len(body := json.dumps(order, ensure_ascii=False).encode()) < size - 250:
            order["transfers"].append(_transfer(rng, texts))
        yield Request("POST", "/payments", "", _HEADERS, body)


class _Texts:
    def __init__(self, seed: int, *, hard: bool) -> None:
        memos = honest.texts(seed, 100_000)
        self.memos = memos
        self.names = memos if hard else honest.texts(seed, 100_000, honest.NAMES)
        self.streets = memos if hard else honest.texts(seed, 100_000, honest.STREETS)


def _line(texts: Iterator[str], longest: int) -> str:
    return " ".join(next(texts).split())[:longest]


def _account(rng: random.Random, texts: _Texts) -> dict[str, Any]:
    return {
        "name": _line(texts.names, 70),
        "iban": "DE75512108001245126199",
        "bic": "DEUTDEFF500",
        "address": [_line(texts.streets, 40) for _ in range(2)],
        "country": rng.choice(("DE", "FR", "IE")),
    }


def _transfer(rng: random.Random, texts: _Texts) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128))),
        "endToEndId": f"E2E-{rng.randint(1, 10**9)}",
        "amount": rng.randint(1, 10**6),
        "currency": rng.choice(("EUR", "GBP")),
        "executionDate": "2026-03-03",
        "creditor": _account(rng, texts),
        "purpose": "SALA",
        "remittance": _line(texts.memos, 140),
    }

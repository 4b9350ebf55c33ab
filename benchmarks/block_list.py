"""`make bench`: how fast the block list blocks, in how few writes, and that it loses nothing.

The real writer on moto, over HTTP on the loopback: moto's times are not AWS's, which takes about
one change of a set a second, so what counts is the number of calls. Takes a minute. Exits with 1
when a limit is passed or a request is lost.
"""

import json
import random
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

from bulwark_runtime.block_list import Entry, Request, Rules, aws, choose, messages, read
from bulwark_runtime.block_list.requests import FORMAT
from bulwark_toolkit.emulated.block_list import (
    GROUP,
    Emulated,
    environment,
    make,
    pump,
    run,
    server,
)

REQUESTERS, EACH = 50, 4
MANY = 10_000
MOST_CHOOSE_SECONDS = 1.0
MOST_READ_SECONDS = 2.0
SETS = 2
"""Sets of one version of IP: one at the edge, one in the region."""
ROUNDS = 5


def scattered(count: int) -> list[str]:
    """Addresses of which no two are side by side, in no order."""
    numbers = random.Random(1).sample(range(2**23), count)  # noqa: S311 the same each time
    return [f"{ip_network(0x0B000000 + 2 * number).network_address}" for number in numbers]


def seconds(call: Callable[[], object]) -> float:
    """Processor time, the median of some rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return statistics.median(found)


def body(networks: list[str]) -> str:
    asked = Request(
        id=str(uuid.uuid4()),
        action="add",
        list="blocked",
        networks=tuple(map(ip_network, networks)),
        reason="A botnet",
        source="cli",
    )
    (text,) = messages(asked)
    return text


def send(of: Emulated, sqs: Any, text: str) -> None:
    sqs.send_message(
        QueueUrl=of.queue_url,
        MessageBody=text,
        MessageGroupId=GROUP,
        MessageDeduplicationId=json.loads(text)["id"],
    )


def in_memory() -> bool:
    """What ten thousand addresses take of a processor."""
    addresses = scattered(MANY)
    text = body(addresses)
    entries = [
        Entry(
            network=ip_network(address),
            id=FORMAT,
            order=str(number),
            since=0,
            until=None,
            reason="A botnet",
            source="cli",
            who="ada",
        )
        for number, address in enumerate(addresses)
    ]
    reading = seconds(lambda: read(text, lists=["blocked"], rules=Rules(), now=0))
    choosing = seconds(lambda: choose(entries, 4, Rules()))
    crowded = seconds(lambda: choose(entries, 4, Rules(), room=MANY // 2))
    print(f"  {MANY:,} addresses are one message of {len(text) / 1024:.0f} KB")
    print(f"  read and checked: {reading:.2f} s (at most {MOST_READ_SECONDS})")
    print(f"  merged: {choosing:.2f} s (at most {MOST_CHOOSE_SECONDS}); too many: {crowded:.2f} s")
    return reading <= MOST_READ_SECONDS and choosing <= MOST_CHOOSE_SECONDS


def at_once(endpoint: str) -> bool:
    """Ten thousand addresses in one request: how many writes."""
    of = make(endpoint, "many")
    with environment(of):
        writes = counted()
        sqs = of.client("sqs")
        send(of, sqs, body(scattered(MANY)))
        start = time.monotonic()
        pump(of, sqs)
        took = time.monotonic() - start
        held = {len(found) for found in of.addresses().values() if found}
    print(
        f"  {MANY:,} addresses: {len(writes)} UpdateIPSet (at most {SETS}, one a set), "
        f"{took:.1f} s to table and sets"
    )
    return len(writes) <= SETS and held == {MANY}


def concurrently(endpoint: str) -> bool:
    """Many requesters at once: how long each waits, and whether all are served."""
    of = make(endpoint, "requests")
    applied: list[float] = []
    usual = aws.tell

    def tell(what: str, about: Any) -> None:
        if what == "applied":
            applied.append(about["seconds"])

    aws.tell = tell
    addresses = scattered(REQUESTERS * EACH)
    stop = threading.Event()
    with environment(of):
        writes = counted()
        start = time.monotonic()
        writer = threading.Thread(target=run, args=(of, stop), kwargs={"tick_seconds": 60})
        writer.start()
        with ThreadPoolExecutor(REQUESTERS) as pool:
            sqs = of.client("sqs")
            for sent in [pool.submit(send, of, sqs, body([a])) for a in addresses]:
                sent.result()
        while len(applied) < len(addresses) and time.monotonic() - start < 120:  # noqa: PLR2004
            time.sleep(0.05)
        took = time.monotonic() - start
        stop.set()
        writer.join()
        lost = [held for name, held in of.addresses().items() if "ipv4" in name]
    aws.tell = usual
    missing = [len(set(addresses) - {a.removesuffix("/32") for a in held}) for held in lost]
    cuts = statistics.quantiles(applied, n=100)
    print(
        f"  {len(addresses)} requests of {REQUESTERS} requesters at once: "
        f"{len(applied) / took:.0f} a second, {len(writes)} UpdateIPSet, {max(missing)} lost "
        "(at most 0)"
    )
    print(f"  from request to the last set: median {cuts[49]:.2f} s, 99th {cuts[98]:.2f} s")
    return max(missing) == 0


def counted() -> list[str]:
    """Filled with a word for each change of a set."""
    writes: list[str] = []
    for region in ("us-east-1", "eu-central-1"):
        events = aws._client("wafv2", region).meta.events  # noqa: SLF001 the writer's own
        events.register("before-call.wafv2.UpdateIPSet", lambda **_: writes.append("write"))
    return writes


def main() -> None:
    import contextlib
    import io
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    aws.logger.setLevel("ERROR")
    fine = [in_memory()]
    with server() as endpoint:
        for part in (at_once, concurrently):
            # The metrics, which CloudWatch would read from standard output.
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                fine.append(part(endpoint))
            print("\n".join(li for li in said.getvalue().splitlines() if not li.startswith("{")))
    sys.exit(0 if all(fine) else 1)


main()

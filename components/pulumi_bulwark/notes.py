"""What a component tells the people who run it: prices, weakened defaults, limits, dates.

A note is a log message on the resource it is about, so the real engine shows it during
`pulumi preview` and `pulumi up`, and the offline preview records it in its graph.
"""

import json
import os
from datetime import UTC, date, datetime
from typing import Any

import pulumi

from .spec import Spec


def cost(resource: pulumi.Resource, text: str) -> None:
    """Something that is billed by the month whether it is used or not."""
    pulumi.log.info(f"cost: {text}", resource)


def limit(resource: pulumi.Resource, text: str) -> None:
    """Something a reader could expect and does not get here."""
    pulumi.log.info(f"limit: {text}", resource)


def overdue(resource: pulumi.Resource, text: str) -> None:
    """Something that was to end by a date that is past. A warning: an `up` must still run."""
    pulumi.log.warn(f"overdue: {text}", resource)


def today() -> date:
    """Today, or the day that a reproducible run says it is."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return now.date()


def loosened(resource: pulumi.Resource, at: str, spec: Spec) -> None:
    """Every setting of `spec`, found at the config path `at`, that is weaker than its default."""
    for found in spec.loosened(f"{at}."):
        pulumi.log.info(
            f"loosened: {found.path} is {_yaml(found.value)}; hardened is {_yaml(found.hardened)} "
            f"({found.defence})",
            resource,
        )


def _yaml(value: Any) -> str:
    """The value as a stack file writes it."""
    return json.dumps(value)

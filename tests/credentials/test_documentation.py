"""What the documentation says of presets, events and settings is what they are."""

import inspect
import re
from pathlib import Path

import pytest

from bulwark_runtime.credentials import Policy, azure
from bulwark_runtime.credentials.aws import METRICS
from bulwark_runtime.credentials.events import SCHEMAS

TEXT = (Path(__file__).parents[2] / "docs" / "credentials.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines()]
UNITS = {"min": 60, "s": 1}


def row(name):
    (found,) = [cells for cells in ROWS if cells[0] == name]
    return dict(zip(("pci", "psd2", "nist"), found[1:], strict=True))


@pytest.mark.parametrize("preset", ["pci", "psd2", "nist"])
def test_the_presets_are_as_written(preset):
    policy = Policy.of(preset)

    def first(name):
        return int(re.match(r"[0-9]+|", row(name)[preset])[0] or 0)

    assert policy.minimum_length == first("code points, at least")
    assert policy.letters_and_digits == row("letters and digits")[preset].startswith("yes")
    assert policy.tries_per_source == first("failures from one place until it waits")
    assert policy.tries_per_user == first("failures from all unknown places")
    number, unit = row("the first wait")[preset].split()[:2]
    assert policy.delay_seconds == int(number) * UNITS[unit]
    if preset != "nist":
        assert policy.history == first("earlier ones that may not come again")


def test_the_events_are_as_written():
    written = {}
    for cells in (cells for cells in ROWS if len(cells) > 2):
        for operation in re.findall(r"`(\w+)`", cells[0]):
            if operation in SCHEMAS:
                needed, _, more = cells[1].partition("[")
                written[operation] = (
                    set(re.findall(r"\w+", needed)),
                    set(re.findall(r"\w+", more)),
                )

    assert written == {
        operation: (set(schema["required"]), set(schema["properties"]) - set(schema["required"]))
        for operation, schema in SCHEMAS.items()
    }


@pytest.mark.parametrize("metric", [*METRICS.values(), "Rehashes", "InvalidEvents"])
def test_every_metric_is_written_down(metric):
    assert f"`{metric}`" in TEXT


def test_every_setting_of_an_app_on_azure_is_written_down():
    text = (Path(__file__).parents[2] / "docs" / "credentials-on-azure.md").read_text()
    told = re.findall(r"\b(?:BULWARK|AZURE)_[A-Z_]+", inspect.getsource(azure.Settings))

    assert [name for name in told if f"`{name}`" not in text] == []

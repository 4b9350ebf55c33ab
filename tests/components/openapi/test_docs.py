"""What docs/openapi.md says is so."""

import re
from pathlib import Path

import pytest
import yaml

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import extensions, findings, report, text
from pulumi_bulwark.openapi.version import NEW_IN_31

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "openapi.md").read_text()
NOTE = "/components/schemas/O/properties/note"
GET = "/paths/~1orders~1{orderId}/get"
TEXT = {"/components/schemas/T": {"type": "string", "maxLength": 5}}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def rows(heading):
    """The cells of the table under a first row."""
    table = PAGE.partition(f"{heading}\n")[2].partition("\n\n")[0]
    return [
        tuple(cell.strip() for cell in line.strip("|").split(" | "))
        for line in table.splitlines()[1:]
    ]


def schema(cell):
    return yaml.safe_load(cell.strip("` "))


def test_the_errors_of_the_page_are_those_of_its_document(tmp_path):
    document, _ = blocks("yaml")
    file = tmp_path / "shop.yaml"
    file.write_text(document)

    with pytest.raises(ConfigError) as error:
        openapi.load(file, shown="openapi/shop.yaml")

    assert sorted(error.value.problems) == sorted(blocks("text")[0].splitlines())


def test_the_document_is_right_once_they_are_mended(tmp_path):
    mended = (
        blocks("yaml")[0]
        .replace("  title: Shop", '  title: Shop\n  version: "1"')
        .replace("post:\n      operationId: orders", "post:\n      operationId: order")
        .replace("wirte", "write")
    )
    file = tmp_path / "shop.yaml"
    file.write_text(mended)

    assert openapi.load(file).findings == ()


@pytest.mark.parametrize("written", yaml.safe_load(blocks("yaml")[1]).values(), ids=str)
def test_each_backend_of_the_page_is_taken(load, written):
    assert load({f"{GET}/x-bulwark-backend": written}).operations[0].backend.kind in (
        "http",
        "lambda",
        "mock",
    )


@pytest.mark.parametrize(("written", "becomes"), rows("| 3.1 | becomes |"))
def test_each_schema_of_3_1_becomes_what_the_page_says(load, written, becomes):
    document = load({"/openapi": "3.1.0", NOTE: schema(written)} | TEXT)

    assert document.body["components"]["schemas"]["O"]["properties"]["note"] == schema(becomes)


@pytest.mark.parametrize("row", rows("| 3.1 | because |"))
def test_each_schema_that_the_page_calls_an_error_is_one(places, row):
    found = places({"/openapi": "3.1.0", NOTE: schema(row[0])} | TEXT)

    assert found
    assert all(place.startswith(f"{NOTE}/") for place in found)


def test_the_page_has_every_extension_and_every_short_format():
    assert {row[0].strip("`") for row in rows("| extension | where | value |")} == set(
        extensions.PLACES
    )
    assert all(f"`{name}`" in PAGE for name in findings._SHORT_FORMATS)


def test_the_page_names_the_bounds_of_a_text_and_of_a_report():
    assert text.LARGEST_BYTES == 6 * 2**20
    assert f"{text.LARGEST_BYTES // 2**20} MiB" in PAGE
    assert f"{text.MOST_NODES:,} values and {text.DEEPEST} levels" in PAGE
    assert f"At most {report._MOST} findings, and {report._MOST} problems" in PAGE


def test_every_keyword_without_a_counterpart_says_what_to_do():
    assert all(NEW_IN_31.values())


def test_the_program_of_the_page_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    exec(blocks("python")[0], {})  # noqa: S102 our own page

    assert "createPayment ['payments/write'] mock" in capsys.readouterr().out

"""What a setting is for is said once: below it, in the source of its class."""

import pytest

from pulumi_bulwark.config import StackConfig, schema
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.spec import Spec


class Base(Spec):
    days: int = 1
    """How long it
    lasts."""

    silent: bool = False


class Derived(Base):
    hours: int = 2
    """How long a part of it lasts."""


def test_the_text_below_a_setting_says_what_it_is_for():
    assert Base.about("days") == "How long it lasts."
    assert Base.about("silent") == ""


def test_a_spec_inherits_the_texts_with_the_settings():
    assert [Derived.about(name) for name in ("days", "hours")] == [
        "How long it lasts.",
        "How long a part of it lasts.",
    ]


def test_an_error_ends_with_it():
    with pytest.raises(ConfigError, match=r"^at\.hours: .* How long a part of it lasts\.$"):
        Derived.load("at", {"hours": "many"})


def test_the_schema_has_it():
    properties = Derived.model_json_schema(by_alias=True)["properties"]

    assert properties["days"]["description"] == "How long it\nlasts."
    assert "description" not in properties["silent"]


def test_every_key_of_a_stack_file_has_one():
    keys = schema()["properties"]["config"]["properties"]

    assert [key for key, found in keys.items() if not found.get("description")] == []
    assert [name for name in StackConfig.model_fields if not StackConfig.about(name)] == []


def test_a_spec_whose_source_is_not_to_be_had_says_nothing():
    made = {}
    exec("from pulumi_bulwark.spec import Spec\nclass Made(Spec):\n  days: int\n  'Text.'", made)  # noqa: S102

    assert made["Made"].about("days") == ""
    with pytest.raises(ConfigError, match=r"^Made\.days: missing\.$"):
        made["Made"]()

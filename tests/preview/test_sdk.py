"""The private names that the preview relies on: a new SDK without one fails here first."""

import asyncio
import gc

import pulumi
import pytest
from pulumi import log
from pulumi.runtime import config, resource, rpc, settings
from pulumi.runtime._callbacks import _CallbackServicer

from bulwark_toolkit.preview import sdk


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (resource, "_get_stack_trace"),
        (resource, "prepare_aliases"),
        (resource, "create_alias_spec"),
        (resource, "create_urn"),
        (rpc, "transfer_properties"),
        (pulumi.resource, "collapse_alias_to_urn"),
        (rpc, "_special_sig_key"),
        (rpc, "_special_asset_sig"),
        (rpc, "_special_archive_sig"),
        (rpc, "_special_secret_sig"),
        (rpc, "_special_resource_sig"),
        (rpc, "UNKNOWN"),
        (config, "CONFIG"),
        (config, "get_config_env"),
        (config, "get_config_secret_keys_env"),
        (settings, "ROOT"),
        (log, "debug"),
        (pulumi._types, "unwrap_type"),
        (pulumi.output, "_OutputData"),
        (pulumi.output, "contains_unknowns"),
        (pulumi.Output, "_from_data"),
        (pulumi.Output, "_track"),
        (_CallbackServicer, "_servicers"),
    ],
)
def test_the_sdk_still_has_what_we_adjust(owner, name):
    assert hasattr(owner, name)


def test_the_secret_getters_of_config_are_all_found():
    getters = {name for name in vars(pulumi.Config) if "secret" in name}

    assert {"get_secret", "require_secret", "get_secret_object", "require_secret_int"} <= getters


def test_everything_is_as_before_after_a_run(tmp_path):
    before = (resource._get_stack_trace, log.debug, pulumi.Config.get_secret, gc.isenabled())

    with sdk.adjusted(tmp_path):
        assert resource._get_stack_trace is not before[0]
        assert not gc.isenabled()

    assert before == (
        resource._get_stack_trace,
        log.debug,
        pulumi.Config.get_secret,
        gc.isenabled(),
    )


PLAIN = {"a": ["b", 1, 2.5, None, {"c": True}], "d": {}, "e": []}
UNKNOWN = pulumi.output.UNKNOWN


class Dict(dict):
    """As the types of outputs are: a dict that may hide what a dict has."""

    values = ()


@pytest.mark.parametrize(
    "make",
    [
        lambda: "text",
        lambda: PLAIN,
        lambda: [PLAIN, PLAIN],
        list,
        lambda: (1, [2]),
        lambda: {"a": pulumi.Output.from_input(["b"]), "c": [pulumi.Output.secret("d")]},
        lambda: {"a": [UNKNOWN, "b"]},
        lambda: [asyncio.sleep(0, ["later"])],
        lambda: pulumi.Output.from_input(Dict(a=UNKNOWN)),
        lambda: pulumi.Output.from_input(Dict(a=["b"])),
        lambda: {1: "a key that is no text"},
    ],
)
def test_an_output_of_anything_is_what_the_sdk_makes_of_it(tmp_path, make):
    async def made():
        try:
            output = pulumi.Output.from_input(make())
            value = await output.future(with_unknowns=True)
            return value, await output.is_known(), await output.is_secret()
        except TypeError as error:
            return str(error)

    plain = asyncio.run(made())
    with sdk.adjusted(tmp_path):
        assert asyncio.run(made()) == plain


def test_an_output_does_not_change_with_what_it_was_made_of(tmp_path):
    async def changed():
        given = {"a": ["b"]}
        output = pulumi.Output.from_input(given)
        given["a"].append("c")
        return await output.future()

    with sdk.adjusted(tmp_path):
        assert asyncio.run(changed()) == {"a": ["b"]}


def test_an_output_is_waited_for_until_it_is_settled_and_kept_if_it_fails(tmp_path):
    async def fails():
        raise ValueError

    async def waited_for():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)
        there, later, wrong = (
            pulumi.Output.from_input(value) for value in ("text", asyncio.sleep(0.01), fails())
        )
        outputs: set = vars(settings)["SETTINGS"].outputs
        before = {there._data, later._data, wrong._data} & outputs
        await asyncio.wait([later._data, wrong._data])
        await asyncio.sleep(0)
        after = {there._data, later._data, wrong._data} & outputs
        return before == {later._data, wrong._data}, after == {wrong._data}

    with sdk.adjusted(tmp_path):
        assert asyncio.run(waited_for()) == (True, True)


@pytest.mark.parametrize(
    "outcome",
    [
        ("text", True, False, None, None),
        ({"a": "b"}, True, True, {"another resource"}, None),
        ({"a": UNKNOWN}, True, False, set(), None),
        (None, False, False, None, None),
        (None, False, False, None, ValueError("refused")),
    ],
    ids=["known", "secret", "partly unknown", "unknown", "failed"],
)
def test_an_output_of_a_resource_is_what_the_sdk_makes_of_it(tmp_path, outcome):
    class Thing:
        pass

    async def come():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        thing = Thing()
        settle = rpc.transfer_properties(thing, {"id": 1, "urn": 2, "part": 3}, True)
        settle["part"](*outcome)
        try:
            data = await thing.part._data
        except ValueError as error:
            return [*settle], str(error)
        others = data.resources - {thing}
        return [*settle], data.value, data.is_known, data.is_secret, others

    plain = asyncio.run(come())
    with sdk.adjusted(tmp_path):
        assert asyncio.run(come()) == plain


def test_only_the_sdks_own_calls_run_where_they_are_made():
    async def where():
        asyncio.get_running_loop().set_default_executor(sdk.Inline())
        return await asyncio.to_thread(asyncio._get_running_loop)

    assert asyncio.run(where()) is None

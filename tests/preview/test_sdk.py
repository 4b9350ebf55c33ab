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


def test_only_the_sdks_own_calls_run_where_they_are_made():
    async def where():
        asyncio.get_running_loop().set_default_executor(sdk.Inline())
        return await asyncio.to_thread(asyncio._get_running_loop)

    assert asyncio.run(where()) is None

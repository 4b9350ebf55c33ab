"""What the preview makes of the SDK's outputs, with the same result and in less time."""

import asyncio
import functools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pulumi
from pulumi import _types
from pulumi.output import Output, Unknown, _OutputData
from pulumi.runtime import settings


def outputs_to_come(
    resource: pulumi.Resource,
    properties: Mapping[str, Any],
    custom: bool,  # noqa: FBT001 the SDK's
) -> dict[str, Callable[..., None]]:
    """Make the outputs of a resource and what settles each, by name."""
    settle_by_name = {}
    for name in properties:
        # The SDK makes these itself.
        if name == "urn" or (name == "id" and custom):
            continue
        data: asyncio.Future[_OutputData[Any]] = asyncio.Future()
        # Not tracked: the call that settles it is waited for, and what is made of it.
        output = vars(resource)[name] = object.__new__(Output)
        output._data = data
        settle_by_name[name] = partial(_come, resource, data)
    return settle_by_name


def _come(
    resource: pulumi.Resource, data: "asyncio.Future[_OutputData[Any]]", *outcome: Any
) -> None:
    value, is_known, is_secret, resources, failed = outcome
    if failed is not None:
        data.set_exception(failed)
        return
    made_of = {resource, *(resources or ())}
    data.set_result(_OutputData(made_of, value, is_known=is_known, is_secret=is_secret))


unwrapped = functools.cache(_types.unwrap_type)

_of_any_input = Output.from_input
_SCALARS = (str, int, float, bool, type(None))


def from_input(value: pulumi.Input[Any]) -> Output[Any]:
    """One output of what holds none, instead of one for each of its parts."""
    if not isinstance(value, dict | list) or not _is_plain(value):
        return _of_any_input(value)
    data: asyncio.Future[_OutputData[Any]] = asyncio.Future()
    data.set_result(_OutputData(set(), _copied(value), is_known=True, is_secret=False))
    return Output._from_data(data)  # noqa: SLF001 as in the SDK


def _is_plain(value: Any) -> bool:
    """Whether there is nothing in `value` to wait for, and all of it is of a kind that is known."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return all(map(_is_plain, value)) if kind is list else kind in _SCALARS


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def contains_unknowns(value: Any) -> bool:
    if type(value) in _SCALARS:
        return False
    waiting, seen = [value], set[int]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, Unknown):
            return True
        if isinstance(part, dict | list) and id(part) not in seen:
            seen.add(id(part))
            # Types of outputs are dicts that may have a property called `values`.
            waiting += dict.values(part) if isinstance(part, dict) else part
    return False


def track(output: Output[Any]) -> None:
    """Remember an output until it is settled; what is from the start, and is well, never."""
    data = output._data  # noqa: SLF001 as in the SDK
    if not (data.done() and _is_well(data)):
        state: Any = settings.SETTINGS
        state.outputs.add(data)
        data.add_done_callback(partial(_forget, state.outputs))


def _forget(outputs: set[Any], data: "asyncio.Future[Any]") -> None:
    if _is_well(data):
        outputs.discard(data)


def _is_well(data: "asyncio.Future[Any]") -> bool:
    return not data.cancelled() and data.exception() is None

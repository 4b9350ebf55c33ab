import enum
import importlib
import json
import operator
import pkgutil
import random
import typing
import warnings
from collections.abc import Awaitable, Mapping, Sequence
from types import NoneType
from typing import Any, Literal, TypedDict

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure
import pytest
from pulumi._types import input_type_py_to_pulumi_names, is_input_type

from bulwark_toolkit.preview.inputs import check
from bulwark_toolkit.preview.values import Archive, Asset, Reference, Secret, Unknown

VISIBILITY = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True}


def web_acl(**rule):
    rule = {
        "name": "rule",
        "priority": 1,
        "statement": {"geoMatchStatement": {"countryCodes": ["NL"]}},
        "visibilityConfig": VISIBILITY,
        **rule,
    }
    return {
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "visibilityConfig": VISIBILITY,
        "rules": [{key: value for key, value in rule.items() if value is not ...}],
    }


def web_app(**inputs):
    return {"resourceGroupName": "group", **inputs}


def cdn_endpoint(action):
    return {
        "resourceGroupName": "group",
        "profileName": "profile",
        "origins": [{"name": "origin", "hostName": "example.com"}],
        "deliveryPolicy": {"rules": [{"order": 1, "actions": [action]}]},
    }


# A small SDK, in the form that code generation gives one.


class Finish(enum.Enum):
    MATT = "matt"
    GLOSS = "gloss"


class Gauge(float, enum.Enum):
    WHOLE = 1.0
    HALF = 0.5


class PartArgsDict(TypedDict):
    part_name: pulumi.Input[str]


@pulumi.input_type
class PartArgs:
    part_name: pulumi.Input[str] = pulumi.property("partName")


@pulumi.input_type
class WidgetArgs:
    size: pulumi.Input[int]
    count: pulumi.Input[int] = pulumi.property("count", default=1)
    weight: pulumi.Input[float | None] = None
    finish: pulumi.Input[Finish | None] = None
    custom_finish: pulumi.Input[str | Finish | None] = pulumi.property("customFinish", default=None)
    gauge: pulumi.Input[Gauge | None] = None
    mode: pulumi.Input[Literal["on", "off"] | None] = None
    port: pulumi.Input[int | str | None] = None
    part: pulumi.Input[PartArgs | PartArgsDict | None] = None
    rows: pulumi.Input[Sequence[pulumi.Input[str]] | None] = None
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]] | None] = None
    owner: pulumi.Input[pulumi.Resource | None] = None
    extra: Any | None = None


class Widget(pulumi.CustomResource):
    @typing.overload
    def __init__(self, resource_name: str, args: WidgetArgs, opts: Any = None): ...
    @typing.overload
    def __init__(self, resource_name: str, opts: Any = None, size: Any = None): ...
    def __init__(self, resource_name: str, *args, **kwargs):
        self._internal_init(resource_name, *args, **kwargs)

    def _internal_init(self, resource_name: str, opts: Any = None, size: Any = None):
        raise NotImplementedError


def widget(**inputs):
    return check(Widget, {"size": 1, **inputs})


# What is said, on classes that everyone knows.


def test_inputs_that_the_types_allow_are_no_problem():
    assert check(aws.kms.Key, {"enableKeyRotation": True, "tags": {"a": "b"}}) == []
    assert check(aws.wafv2.WebAcl, web_acl()) == []


def test_an_unknown_nested_key_comes_with_the_nearest_known_one():
    acl = web_acl(statement={"geoMatchStatment": {"countryCodes": ["NL"]}})
    assert check(aws.wafv2.WebAcl, acl) == [
        "rules[0].statement.geoMatchStatment: no such property; did you mean geoMatchStatement?"
    ]


def test_an_unknown_key_at_the_top_is_named_too():
    assert check(aws.kms.Key, {"enableKeyRotatoin": True}) == [
        "enableKeyRotatoin: no such property; did you mean enableKeyRotation?"
    ]


def test_snake_case_is_near_its_name_on_the_wire():
    assert check(aws.s3.Bucket, {"website": {"index_document": "index.html"}}) == [
        "website.index_document: no such property; did you mean indexDocument?"
    ]


def test_a_key_that_is_near_to_nothing_is_only_named():
    assert check(aws.kms.Key, {"qqq": True}) == ["qqq: no such property"]


def test_a_required_key_is_missed_at_every_depth():
    acl = web_acl(priority=..., statement={"geoMatchStatement": {}})
    del acl["scope"]
    assert check(aws.wafv2.WebAcl, acl) == [
        "rules[0].priority: missing",
        "rules[0].statement.geoMatchStatement.countryCodes: missing",
        "scope: missing",
    ]


def test_a_key_without_a_value_is_as_good_as_absent():
    assert check(aws.wafv2.WebAcl, web_acl(priority=None, action=None)) == [
        "rules[0].priority: missing"
    ]
    assert check(aws.kms.Key, {"tags": {"a": None}, "qqq": None}) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("true", "expected a boolean, got a string"),
        (1, "expected a boolean, got a number"),
        ([True], "expected a boolean, got a list"),
        ({"enabled": True}, "expected a boolean, got an object"),
        (Asset("sha256:0"), "expected a boolean, got an asset"),
        (Reference("urn:pulumi:a"), "expected a boolean, got a resource"),
    ],
)
def test_a_value_of_a_wrong_kind_is_told_by_its_kind(value, said):
    assert check(aws.kms.Key, {"enableKeyRotation": value}) == [f"enableKeyRotation: {said}"]


def test_numbers_are_not_strings_nor_the_other_way_round():
    assert check(aws.kms.Key, {"deletionWindowInDays": "30"}) == [
        "deletionWindowInDays: expected a whole number, got a string"
    ]
    assert check(aws.kms.Key, {"deletionWindowInDays": 7.5}) == [
        "deletionWindowInDays: expected a whole number, got a fractional number"
    ]
    assert check(aws.kms.Key, {"description": 30}) == [
        "description: expected a string, got a number"
    ]


def test_a_document_where_its_json_belongs_is_a_wrong_kind():
    assert check(aws.kms.Key, {"policy": {"Version": "2012-10-17"}}) == [
        "policy: expected a string, got an object"
    ]


def test_items_are_named_by_index_and_values_by_key():
    assert check(
        aws.wafv2.WebAcl, web_acl(statement={"geoMatchStatement": {"countryCodes": [1]}})
    ) == ["rules[0].statement.geoMatchStatement.countryCodes[0]: expected a string, got a number"]
    assert check(aws.kms.Key, {"tags": {"team": 1, "cost-center": True}}) == [
        'tags["cost-center"]: expected a string, got a boolean',
        "tags.team: expected a string, got a number",
    ]


def test_nothing_has_no_place_in_a_list():
    assert widget(rows=["a", None]) == ["rows[1]: expected a string, got nothing"]


def test_lines_are_sorted_by_path_and_indexes_by_number():
    rows = [1 if index in (2, 10) else "row" for index in range(11)]
    assert [line.partition(":")[0] for line in widget(rows=rows, finish=1)] == [
        "finish",
        "rows[2]",
        "rows[10]",
    ]


def test_a_value_outside_a_closed_enumeration_is_answered_with_its_members():
    assert check(azure.web.WebApp, web_app(clientCertMode="required")) == [
        "clientCertMode: expected one of Required, Optional, OptionalInteractiveUser; got another"
    ]


def test_a_long_enumeration_is_cut_short():
    policies = [{"keyName": "key", "rights": "everything"}]
    hub = {"resourceGroupName": "group", "properties": {"authorizationPolicies": policies}}
    hub["sku"] = {"name": "S1"}
    [line] = check(azure.iothub.IotHubResource, hub)
    path, what = line.split(": ")
    assert path == "properties.authorizationPolicies[0].rights"
    assert what.startswith("expected one of RegistryRead, RegistryWrite, ")
    assert what.endswith(", 3 more; got another")


def test_an_enumeration_beside_a_string_is_open():
    assert check(azure.web.WebApp, web_app(siteConfig={"ftpsState": "SomethingNew"})) == []


# Unions.


def test_a_union_takes_what_any_member_takes():
    assert widget(port=80) == widget(port="http") == []
    assert widget(port=True) == ["port: expected a whole number or a string, got a boolean"]


def test_a_policy_is_a_document_or_its_json():
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "Principal": "*", "Resource": "*"},
        ],
    }
    assert check(aws.iam.Role, {"assumeRolePolicy": document}) == []
    assert check(aws.iam.Role, {"assumeRolePolicy": json.dumps(document)}) == []
    document["Statement"][0]["Effect"] = "allow"
    assert check(aws.iam.Role, {"assumeRolePolicy": document}) == [
        "assumeRolePolicy.Statement[0].Effect: expected one of Allow, Deny; got another"
    ]


def test_a_union_of_objects_is_told_apart_by_its_constant():
    parameters = {"redirectType": "Found", "typeName": "DeliveryRuleUrlRedirectActionParameters"}
    action = {"name": "UrlRedirect", "parameters": parameters | {"customHost": "a"}}
    path = "deliveryPolicy.rules[0].actions[0].parameters.customHost"
    assert check(azure.cdn.Endpoint, cdn_endpoint(action)) == [
        f"{path}: no such property; did you mean customHostname?"
    ]


def test_a_constant_of_no_member_is_answered_with_all_of_them():
    [line] = check(azure.cdn.Endpoint, cdn_endpoint({"name": "Redirect", "parameters": {}}))
    path, what = line.split(": ")
    assert path == "deliveryPolicy.rules[0].actions[0].name"
    assert what.startswith("expected one of CacheExpiration, CacheKeyQueryString, ")
    assert what.endswith(", UrlRedirect, UrlRewrite, UrlSigning; got another")


def test_a_constant_that_is_not_known_yet_fits_any_member():
    action = {"name": Unknown(), "parameters": Unknown()}
    assert check(azure.cdn.Endpoint, cdn_endpoint(action)) == []


# What is not plain.


def test_what_is_unknown_may_become_anything():
    acl = web_acl(priority=Unknown(), statement=Unknown(("urn:pulumi:a",)))
    assert check(aws.wafv2.WebAcl, acl | {"visibilityConfig": Unknown()}) == []


def test_a_secret_is_looked_into():
    assert check(aws.kms.Key, {"enableKeyRotation": Secret(True), "tags": Secret({"a": "b"})}) == []
    assert check(aws.kms.Key, {"enableKeyRotation": Secret("hunter2")}) == [
        "enableKeyRotation: expected a boolean, got a string"
    ]


def test_no_line_repeats_a_secret():
    planted = {
        "labels": Secret({"hunter2": 1, "swordfish": True}),
        "part": Secret({"partName": 1, "hunter2": {"swordfish": 1}}),
        "finish": Secret("hunter2"),
        "rows": [Secret(["hunter2"])],
    }
    assert widget(**planted) == [
        "finish: expected one of matt, gloss; got another",
        'labels["*"]: expected a string, got a boolean',
        'labels["*"]: expected a string, got a number',
        'part["*"]: no such property',
        "part.partName: expected a string, got a number",
        "rows[0]: expected a string, got a list",
    ]


def test_no_line_repeats_the_text_of_a_value():
    lines = widget(finish="hunter2", size="hunter2", part={"partName": ["hunter2"]}, mode="hunter2")
    assert len(lines) == 4
    assert "hunter2" not in str(lines)


def test_a_secret_whose_value_is_no_longer_there_is_no_problem():
    assert check(aws.kms.Key, {"enableKeyRotation": Secret()}) == []


def test_a_resource_passed_whole_stands_for_its_id():
    resource = Reference("urn:pulumi:stack::project::aws:kms/key:Key::key")
    assert check(aws.kms.Alias, {"targetKeyId": resource}) == []
    assert widget(owner=resource) == []
    assert widget(owner="urn") == ["owner: expected a resource, got a string"]


def test_assets_and_archives_are_not_each_other():
    function = {"role": "arn", "code": Archive("sha256:0")}
    asset = {"bucket": "bucket", "source": Asset("sha256:0")}
    assert check(aws.lambda_.Function, function) == []
    assert check(aws.s3.BucketObject, asset) == []
    assert check(aws.s3.BucketObject, asset | {"source": Archive("sha256:0")}) == []
    assert check(aws.lambda_.Function, function | {"code": Asset("sha256:0")}) == [
        "code: expected an archive, got an asset"
    ]
    assert check(aws.s3.BucketObject, asset | {"source": "index.html"}) == [
        "source: expected an asset or an archive, got a string"
    ]


# Providers get what is not a string as JSON.


def test_the_json_of_a_provider_is_looked_into():
    inputs = {"region": "eu-west-1", "skipRegionValidation": "true", "maxRetries": "3"}
    roles = pulumi.runtime.to_json([aws.ProviderAssumeRoleArgs(role_arn="arn")])
    assert check(aws.Provider, inputs | {"assumeRoles": roles}) == []


def test_a_dict_literal_that_pulumi_left_in_snake_case_is_found():
    roles = Secret(pulumi.runtime.to_json([{"role_arn": "arn"}]))
    assert check(aws.Provider, {"assumeRoles": roles}) == [
        'assumeRoles[0]["*"]: no such property; did you mean roleArn?'
    ]


@pytest.mark.parametrize("sent", ['"3"', "three", Secret('"3"')])
def test_the_json_of_a_wrong_kind_is_one(sent):
    assert check(aws.Provider, {"maxRetries": sent}) == [
        "maxRetries: expected a whole number, got a string"
    ]


# What code generation can write, that the SDKs of the clouds have few of.


def test_what_has_a_default_is_not_missing():
    assert check(Widget, {}) == ["size: missing"]


def test_whole_numbers_are_numbers():
    assert widget(weight=1) == widget(weight=1.5) == []
    assert widget(weight="1.5") == ["weight: expected a number, got a string"]


def test_enumerations_of_any_form_are_checked():
    assert widget(finish="matt", customFinish="rough", gauge=1, mode="on") == []
    assert widget(gauge=0.25, mode="half") == [
        "gauge: expected one of 1.0, 0.5; got another",
        "mode: expected one of on, off; got another",
    ]


def test_anything_goes_where_the_type_says_so():
    assert widget(extra={"a": [None, True, {"b": 1.5}]}) == widget(extra="a") == []


def test_keys_are_those_of_the_wire():
    assert widget(part={"partName": "a"}) == []
    assert widget(part={"part_name": "a"}) == [
        "part.partName: missing",
        "part.part_name: no such property; did you mean partName?",
    ]


# Classes without types to check against.


class Component(pulumi.ComponentResource):
    """By hand: what it registers need not be what its constructor takes."""

    @typing.overload
    def __init__(self, name: str, args: PartArgs): ...
    @typing.overload
    def __init__(self, name: str, part_name: str): ...
    def __init__(self, name: str, *args, **kwargs):
        raise NotImplementedError


class Special(Widget):
    """By hand, over a class that is not."""

    def __init__(self, name: str):
        super().__init__(name, size=1)


@pytest.mark.parametrize(
    "resource", [Component, pulumi.StackReference, pulumi.Resource, pulumi.ProviderResource]
)
def test_a_class_that_was_not_generated_is_skipped(resource):
    assert check(resource, {"anything": 1}) == []


def test_a_subclass_of_a_generated_class_is_checked_as_that():
    assert check(Special, {"sise": 1}) == [
        "sise: no such property; did you mean size?",
        "size: missing",
    ]


# The SDKs themselves: inputs made from what the constructors of the Args classes say, which is not
# where the check looks, and then one fault in them.

SWEPT = 300
FAULTS = 3
DEEPEST = 4
PALETTE = [True, 7, 1.5, "text", ["text"], {"key": "text"}, Asset("sha256:0"), Archive("sha256:0")]


@pytest.mark.parametrize(
    ("sdk", "first"), [(aws, ["wafv2", "s3"]), (azure, ["cdn", "network"])], ids=["aws", "azure"]
)
def test_an_sdk_is_taken_as_its_constructors_say(sdk, first):
    for resource, args in generated_resources(sdk, *first).items():
        for attempt in range(FAULTS):
            maker = Maker(f"{resource} {attempt}")
            inputs = maker.args(args, "")
            assert check(resource, inputs) == [], resource
            path, spoil = maker.random.choice(maker.faults)
            spoil()
            lines = check(resource, inputs)
            assert [line.partition(": ")[0] for line in lines] == [path], (resource, lines)


def generated_resources(sdk, *first):
    packages = [module.name for module in pkgutil.iter_modules(sdk.__path__) if module.ispkg]
    packages.remove("config")  # has no resources and cannot be imported by itself
    random.Random(sdk.__name__).shuffle(packages)  # noqa: S311 the same packages every time
    found = {}
    for package in [*first, *packages]:
        for module in modules_of(f"{sdk.__name__}.{package}"):
            for cls in vars(module).values():
                if isinstance(cls, type) and cls.__module__ == module.__name__:
                    found |= {cls: args_of(cls)} if issubclass(cls, pulumi.Resource) else {}
        if len(found) >= SWEPT:
            return found
    raise AssertionError("the SDK has fewer resources")


def modules_of(package):
    loaded = importlib.import_module(package)
    # The SDK loads a package at the first look at a name in it. One whose modules were imported
    # before that never gets its names, and other tests in this process miss them.
    hasattr(loaded, "names")
    for module in pkgutil.iter_modules(loaded.__path__):
        if not module.name.startswith(("_", "get_", "outputs")):
            yield importlib.import_module(f"{package}.{module.name}")


def args_of(resource):
    for overload in typing.get_overloads(resource.__init__):
        if args := overload.__annotations__.get("args"):
            return next(iter(typing.get_args(args)), args)
    raise AssertionError(f"{resource} has no Args")


def parameters_of(args):
    """Of the constructor of an Args class: the types, what is required, what it sets itself."""
    hints = typing.get_type_hints(args.__init__, localns={"Output": pulumi.Output, "T": NoneType})
    required = set(hints) - set(args.__init__.__kwdefaults__ or ())
    with warnings.catch_warnings(action="ignore"):
        made = vars(args(**dict.fromkeys(required, ...)))
    return hints, required, {name: value for name, value in made.items() if value is not ...}


def members(hint):
    """The types of a value, without the ways to pass it."""
    if hint in (NoneType, pulumi.Output) or typing.get_origin(hint) in (Awaitable, pulumi.Output):
        return []
    if typing.get_origin(hint) is typing.Union:
        return [member for inner in typing.get_args(hint) for member in members(inner)]
    return [hint]


def plain_class(member):
    return typing.get_origin(member) or member


def kinds_of(member):
    cls = plain_class(member)
    if issubclass(cls, enum.Enum):
        return {type(each.value) for each in cls}
    if is_input_type(cls) or cls is Mapping:
        return {dict}
    special = {float: {int, float}, Sequence: {list}}
    return special.get(cls) or {{pulumi.Asset: Asset, pulumi.Archive: Archive}.get(cls, cls)}


def told_apart(choices):
    """Whether each member of a union has constants of its own, so that a fault has one place."""
    if len(choices) == 1 or not all(map(is_input_type, choices)):
        return len(choices) == 1
    constants = set()
    for choice in choices:
        _, required, preset = parameters_of(choice)
        constants.add(frozenset((name, preset[name]) for name in required & set(preset)))
    return frozenset() not in constants and len(constants) == len(choices)


class Maker:
    """Makes inputs by type, and keeps what may spoil them: a path, and how."""

    def __init__(self, seed):
        self.random = random.Random(seed)  # noqa: S311 the same inputs every time
        self.faults = []
        self.certain = True

    def args(self, cls, path, depth=0):
        hints, required, preset = parameters_of(cls)
        names = input_type_py_to_pulumi_names(cls)
        wanted = set(self.random.sample(sorted(hints), min(6, len(hints))))
        made = {}
        for name in sorted(required | wanted if depth < DEEPEST else required):
            key = names[name]
            inner = f"{path}.{key}".lstrip(".")
            if name in preset:
                made[key] = preset[name]
                continue
            self.put(made, key, members(hints[name]), inner, depth)
            if name in required:
                self.may_spoil(inner, lambda key=key: made.pop(key))
        self.may_spoil(f"{path}.unheardOf".lstrip("."), lambda: made.update(unheardOf=1))
        return made

    def put(self, container, key, choices, path, depth):
        """A value of one of the types, and the ways to spoil it."""
        if Any in choices:
            container[key] = {"anything": [1]}
            return
        container[key] = self.value(choices, path, depth)
        kinds = set().union(*map(kinds_of, choices))
        wrong = self.random.choice([value for value in PALETTE if type(value) not in kinds])
        self.may_spoil(path, lambda: operator.setitem(container, key, wrong))
        if all(issubclass(plain_class(choice), enum.Enum) for choice in choices):
            stranger = kinds.pop()(987654321)
            self.may_spoil(path, lambda: operator.setitem(container, key, stranger))

    def value(self, choices, path, depth):
        choice = self.random.choice(choices)
        cls = plain_class(choice)
        if is_input_type(cls):
            before, self.certain = self.certain, self.certain and told_apart(choices)
            made = self.args(cls, path, depth + 1)
            self.certain = before
            return made
        if cls is Mapping:
            made = {}
            self.put(made, "key", members(typing.get_args(choice)[1]), f"{path}.key", depth)
            return made
        if cls is Sequence:
            made = [None, None]
            for index in range(2):
                item = members(typing.get_args(choice)[0])
                self.put(made, index, item, f"{path}[{index}]", depth)
            return made
        if issubclass(cls, enum.Enum):
            return self.random.choice(list(cls)).value
        plain = {bool: True, int: 3, float: 0.5, str: "text"}
        return {**plain, pulumi.Asset: Asset("a"), pulumi.Archive: Archive("a")}[cls]

    def may_spoil(self, path, spoil):
        if self.certain:
            self.faults.append((path, spoil))

import json
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python

from pulumi_bulwark import config
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.spec import _spec_in
from pulumi_bulwark.stacks import StackConfig
from pulumi_bulwark.stacks.aws import AwsStack, AwsStackArgs
from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs

TAGS = {
    "owner": "platform@example.com",
    "environment": "test",
    "costCenter": "4711",
    "dataClassification": "internal",
}
COMPLETE = {"cloud": "aws", "profile": "prod", "tags": TAGS}


def as_pulumi_gives_it(settings):
    return {
        f"bulwark:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }


def load(**changes):
    settings = {key: value for key, value in (COMPLETE | changes).items() if value is not None}
    return config.resolve(as_pulumi_gives_it(settings)).config


def problems(**changes):
    with pytest.raises(ConfigError) as error:
        load(**changes)
    return error.value.problems


def test_four_tags_a_cloud_and_a_profile_are_a_whole_config():
    assert load().profile == "prod"


def test_a_setting_of_the_stack_file_wins_over_the_profile_and_the_default():
    loaded = load(profile="dev", keys={"rotationDays": 180})

    assert loaded.keys.rotation_days == 180
    assert loaded.keys.deletion_window_days == 7
    assert load(profile="dev", keys={"deletionWindowDays": 20}).keys.deletion_window_days == 20


def test_each_setting_tells_where_it_comes_from():
    values = as_pulumi_gives_it(COMPLETE | {"profile": "dev", "keys": {"rotationDays": 180}})

    origins = config.resolve(values).origins

    assert origins["bulwark:keys.rotationDays"] == "stack file"
    assert origins["bulwark:keys.deletionWindowDays"] == "profile dev"
    assert origins["bulwark:keys.multiRegion"] == "default"


def test_a_missing_mandatory_tag_says_what_it_is_for():
    (problem,) = problems(tags={k: v for k, v in TAGS.items() if k != "owner"})

    assert problem.startswith("bulwark:tags.owner: missing. Who answers for the environment")


def test_an_unknown_key_names_the_nearest_known_one_at_every_depth():
    assert problems(kyes={}) == ["bulwark:kyes: no such setting. Did you mean keys?"]
    assert problems(keys={"rotationDay": 90}) == [
        "bulwark:keys.rotationDay: no such setting. Did you mean rotationDays?"
    ]


def test_an_unknown_key_like_no_other_lists_the_known_ones():
    (problem,) = problems(keys={"zzz": 1})

    assert "Known: administrators, deletionWindowDays, multiRegion, rotationDays." in problem


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        ("365", "other text"),
        (None, "nothing"),
        (True, "true"),
        ([365], "a list"),
        (180.5, "180.5"),
        ({"days": 1}, "a mapping"),
    ],
)
def test_a_wrong_type_says_what_it_got(wrong, got):
    (problem,) = problems(keys={"rotationDays": wrong})

    assert problem.startswith("bulwark:keys.rotationDays: Input should be a valid integer")
    assert f"; got {got}. Days between automatic rotations" in problem


@pytest.mark.parametrize(("wrong", "bound"), [(89, 90), (731, 730)])
def test_a_value_out_of_bounds_gives_the_bound_the_value_and_the_reason(wrong, bound):
    (problem,) = problems(keys={"rotationDays": wrong})

    assert str(bound) in problem
    assert f"; got {wrong}. " in problem
    assert "PCI DSS 3.7.4" in problem


def test_all_problems_come_at_once_in_the_order_of_their_paths():
    found = problems(cloud="gcp", keys={"rotationDays": 1, "deletionWindowDays": 1}, zzz={})

    paths = [problem.partition(": ")[0] for problem in found]
    assert paths == [
        "bulwark:cloud",
        "bulwark:keys.deletionWindowDays",
        "bulwark:keys.rotationDays",
        "bulwark:zzz",
    ]


def test_an_unknown_cloud_or_profile_lists_those_there_are():
    assert "'aws'" in problems(cloud="gcp")[0]
    assert "'dev', 'staging' or 'prod'" in problems(profile="production")[0]


@pytest.mark.parametrize("text", ["{", "nonsense", "[1,2", "1e999"])
def test_a_setting_that_cannot_be_read_is_an_error_and_never_a_fallback(text):
    (problem,) = problems(keys=text)

    assert problem.startswith("bulwark:keys:")


def test_a_setting_that_cannot_be_read_is_not_said_to_be_missing_as_well():
    assert [p.partition(": ")[0] for p in problems(tags="{")] == ["bulwark:tags"]


def test_text_is_never_echoed_since_it_may_be_a_secret_in_the_wrong_place():
    found = problems(
        cloud="hunter2",
        tags=TAGS | {"owner": "hunter2\n", "dataClassification": "hunter2"},
        keys={"rotationDays": "hunter2", "administrators": ["hunter2"]},
        account={"id": "hunter2"},
    )

    assert len(found) == 6
    assert "hunter2" not in "\n".join(found)


def test_an_encrypted_setting_is_refused_since_none_is_a_secret():
    values = as_pulumi_gives_it(COMPLETE)

    with pytest.raises(ConfigError) as error:
        config.resolve(values, secrets=["bulwark:tags", "aws:secretKey"])

    assert error.value.problems[0].startswith("bulwark:tags: is encrypted")
    assert len(error.value.problems) == 1


def test_an_encrypted_value_of_a_secret_is_sent_where_it_belongs():
    values = as_pulumi_gives_it(COMPLETE | {"secrets": {"named": {"db": {"value": "hunter2"}}}})

    with pytest.raises(ConfigError) as error:
        config.resolve(values, secrets=["bulwark:secrets"])

    (problem,) = error.value.problems
    assert "`bulwark secrets set`" in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("account", "fault"),
    [
        ({"id": 123456789012}, "12 digits, in quotes"),
        ({"id": "12345678901"}, "12 digits"),
        ({"manage": "region"}, "baseline must name the stack that owns the rest"),
        ({"baseline": "org/baseline/prod"}, "nothing is left for a baseline to own"),
        ({"manage": "some"}, "'all', 'region' or 'none'"),
    ],
)
def test_the_account_block_is_checked(account, fault):
    (problem,) = problems(account=account)

    assert problem.startswith("bulwark:account")
    assert fault in problem


@pytest.mark.parametrize("key", ["aws:owner", "azureThing", "a" * 129, "semi;colon", ""])
def test_a_tag_that_a_cloud_would_refuse_is_refused_first(key):
    assert "bulwark:tags.additional" in problems(tags=TAGS | {"additional": {key: "x"}})[0]


def test_keys_of_other_namespaces_are_not_ours_to_judge():
    values = as_pulumi_gives_it(COMPLETE) | {"aws:region": "eu-central-1", "app:keys": "{"}

    assert config.resolve(values).config.cloud == "aws"


@pytest.mark.parametrize("profile", ["dev", "staging", "prod"])
def test_logs_are_kept_for_twelve_months_unless_less_is_asked_for(profile):
    loaded = load(profile=profile).audit_log

    assert min(loaded.retention_days, loaded.archive_days, loaded.lock.days) >= 365
    assert (loaded.lock.mode == "compliance") is (profile == "prod")


def test_a_retention_shorter_than_the_profile_wants_is_refused():
    (problem,) = problems(auditLog={"retentionDays": 180})

    assert problem.startswith(
        "bulwark:auditLog: retentionDays is 180, and the prod profile wants at least 365"
    )
    assert load(profile="staging", auditLog={"retentionDays": 180}).audit_log.retention_days == 180


def test_a_lock_shorter_than_the_profile_wants_is_refused():
    (problem,) = problems(auditLog={"lock": {"days": 30}, "archiveDays": 200})

    assert "archiveDays is 200, and the prod profile wants at least 365" in problem
    assert "lock.days is 30, and the prod profile wants at least 365" in problem
    assert load(profile="dev", auditLog={"lock": {"days": 1}}).audit_log.lock.days == 1


@pytest.mark.parametrize(
    "setting",
    [
        {"organizationId": "o-a1b2c3d4e5"},
        {"logArchive": {"bucket": "logs", "keyArn": "arn:aws:kms:eu-west-1:123456789012:key/1a"}},
    ],
)
def test_what_is_for_the_trail_is_refused_where_another_stack_owns_it(setting):
    account = {"manage": "region", "baseline": "org/baseline/prod"}
    (problem,) = problems(account=account, auditLog=setting)

    (name,) = setting
    assert problem.startswith(f"bulwark:auditLog: {name} is for the account's trail, which org/")
    assert load(auditLog=setting)


def test_settings_below_a_name_are_listed_with_their_origin():
    values = COMPLETE | {"secrets": {"named": {"db": {"description": "Opens the database"}}}}

    origins = config.resolve(as_pulumi_gives_it(values)).origins

    assert origins["bulwark:secrets.named.db.description"] == "stack file"
    assert origins["bulwark:secrets.named.db.source"] == "default"


TEXTS = ["", "aws", "prod", "none", "restricted", "eu-west-1", "123456789012", "Ä\n\x00", "🔑" * 5]
TEXTS += ["arn:aws:iam::123456789012:role/key-administrator", "2027-01-31", "192.0.2.0/24", "*"]
NUMBERS = [-1, 0, 1, 7, 30, 365, 3653, 10**20, 0.5, -0.0, float("nan"), float("inf")]
OTHERS = [None, True, False, [], {}, [[]], {"": None}, {"secure": "AAABAJ"}]
ANY = [*TEXTS, *NUMBERS, *OTHERS]


def any_value(field, random):
    """A value for a setting: one that fits, or one that a person might write, or nonsense."""
    if (below := _spec_in(field.annotation)) and random.random() < 0.8:
        block = any_block(below, random)
        kind = random.choice(["one", "named", "listed"])
        return {"one": block, "named": {random.choice(TEXTS): block}, "listed": [block]}[kind]
    if random.random() < 0.6 and not field.is_required():
        return field.get_default(call_default_factory=True, validated_data={})
    value = random.choice(ANY)
    return random.choice([value, value, [value], {random.choice(TEXTS): value}])


def any_block(spec, random):
    fields = list(spec.model_fields.values())
    chosen = random.sample(fields, min(len(fields), random.choice([0, 1, 1, 2, 3])))
    block = {field.alias: any_value(field, random) for field in chosen}
    if random.random() < 0.1:
        block[random.choice(TEXTS)] = random.choice(ANY)
    return block


def any_config(random):
    """A config of any blocks; mostly one whose tags, cloud and profile are as they should be."""
    values = any_block(StackConfig, random)
    for name, value in (COMPLETE | {"cloud": random.choice(["aws", "azure"])}).items():
        if random.random() < 0.9:
            values[name] = value
    return to_jsonable_python(values, by_alias=True)


def test_any_config_is_a_result_or_an_error_that_names_the_path():
    good = 0
    for number in range(10_000):
        values = any_config(Random(number))  # noqa: S311 the same ones each time
        try:
            config.resolve(as_pulumi_gives_it(values))
            good += 1
        except ConfigError as error:
            assert error.problems, values
            assert all(problem.startswith("bulwark:") for problem in error.problems), values

    assert 1_000 < good < 9_000


SECRET = st.fixed_dictionaries(
    {"description": st.sampled_from(["Opens the database", "Ä, and more."])},
    optional={
        "source": st.sampled_from(["generated", "person"]),
        "length": st.integers(12, 4096),
        "readers": st.lists(st.just("arn:aws:iam::123456789012:role/app"), max_size=2),
        "replicaRegions": st.lists(st.sampled_from(["eu-west-1", "us-east-1"]), unique=True),
    },
)
GOOD = st.fixed_dictionaries(
    {
        "cloud": st.just("aws"),
        "profile": st.sampled_from(["dev", "staging", "prod"]),
        "tags": st.just(TAGS),
    },
    optional={
        "protection": st.fixed_dictionaries({"deletion": st.booleans()}),
        "account": st.just({"manage": "none", "baseline": "landing zone"}),
        "auditLog": st.fixed_dictionaries(
            {},
            optional={
                "retentionDays": st.sampled_from([365, 400, 3653]),
                "archiveDays": st.integers(731, 36_500),
                "lock": st.fixed_dictionaries(
                    {"mode": st.sampled_from(["governance", "compliance"])},
                    optional={"days": st.integers(365, 400)},
                ),
                "dataEvents": st.booleans(),
                "insights": st.booleans(),
            },
        ),
        "secrets": st.fixed_dictionaries(
            {"named": st.dictionaries(st.from_regex(r"[a-z][a-z0-9]{,8}", fullmatch=True), SECRET)}
        ),
        "keys": st.fixed_dictionaries(
            {},
            optional={
                "rotationDays": st.integers(90, 730),
                "deletionWindowDays": st.integers(7, 30),
                "multiRegion": st.booleans(),
                "administrators": st.lists(
                    st.just("arn:aws:iam::123456789012:role/keys"), max_size=3
                ),
            },
        ),
    },
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=GOOD)
def test_any_good_config_builds_without_an_input_that_the_provider_does_not_know(preview, values):
    loaded = config.resolve(as_pulumi_gives_it(values)).config

    graph = preview(lambda: AwsStack("test", AwsStackArgs(spec=loaded)))

    assert not graph.problems
    abroad = loaded.secrets.replica_regions()
    assert len(graph.of_type("aws:kms/key:Key")) == 3 + len(abroad)


PEOPLE = st.lists(
    st.sampled_from(["group:", "identity:", "user:"]).map(
        lambda kind: f"{kind}00000000-0000-0000-0000-00000000000a"
    ),
    max_size=2,
    unique=True,
)
GOOD_ON_AZURE = st.fixed_dictionaries(
    {
        "cloud": st.just("azure"),
        "profile": st.sampled_from(["dev", "staging", "prod"]),
        "tags": st.just(TAGS),
        "secrets": st.fixed_dictionaries(
            {
                "named": st.dictionaries(
                    st.from_regex(r"[a-z][a-z0-9]{,8}", fullmatch=True),
                    st.fixed_dictionaries(
                        {"description": st.just("Opens the database")}, optional={"readers": PEOPLE}
                    ),
                    max_size=3,
                )
            },
            optional={"administrators": PEOPLE, "recoveryDays": st.integers(7, 90)},
        ),
    },
    optional={
        "protection": st.fixed_dictionaries({"deletion": st.booleans()}),
        "account": st.just({"manage": "none", "baseline": "landing zone"}),
        "foundation": st.fixed_dictionaries(
            {}, optional={"allowedAddresses": st.just(["203.0.113.0/24"])}
        ),
        "auditLog": st.fixed_dictionaries(
            {"lock": st.fixed_dictionaries({"sealed": st.booleans()})},
            optional={"retentionDays": st.sampled_from([365, 400, 545])},
        ),
        "keys": st.fixed_dictionaries(
            {},
            optional={
                "rotationDays": st.integers(90, 730),
                "deletionWindowDays": st.integers(7, 90),
                "administrators": PEOPLE,
            },
        ),
    },
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=GOOD_ON_AZURE)
def test_any_good_config_for_azure_builds_as_well(preview, values):
    if values["profile"] != "prod":  # where a lock in compliance mode would outlive a teardown
        values.get("auditLog", {}).pop("lock", None)
    loaded = config.resolve(as_pulumi_gives_it(values)).config

    graph = preview(
        lambda: AzureStack("test", AzureStackArgs(spec=loaded)),
        config={"azure-native:location": "westeurope"},
    )

    assert not graph.problems
    assert len(graph.of_type("azure-native:keyvault:Vault")) == 2


def test_a_problem_that_several_parts_have_is_said_once():
    assert ConfigError(["a: missing", "b: missing", "a: missing"]).problems == [
        "a: missing",
        "b: missing",
    ]

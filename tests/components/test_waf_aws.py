import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulwark_toolkit.testing import Preview
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.waf import ManagedGroupSpec, WafSpec, without_an_end
from pulumi_bulwark.waf.aws import HIDDEN_HEADERS, AwsWaf, AwsWafArgs

REGION = "eu-central-1"
STAGE = f"arn:aws:apigateway:{REGION}::/restapis/abc123/stages/live"
POOL = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/{REGION}_abc"
HASH = "0123456789abcdef" * 2
ABROAD = {"country": ["AQ"]}
PLACES = ("edge", "api", "identity")


def store(region):
    return AwsLogStore(
        account_id="123456789012",
        region=region,
        partition="aws",
        key_arn=f"arn:aws:kms:{region}:123456789012:key/logs",
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=True,
    )


def build(preview, *, rendered=True, pool=POOL, edge=True, hosts=(), **settings):
    args = AwsWafArgs(
        spec=WafSpec.load("bulwark:waf", settings),
        store=store(REGION),
        edge_store=store("us-east-1"),
        api_stage_arn=STAGE,
        edge=edge,
        user_pool_arn=pool,
        direct_hosts=hosts,
    )
    graph = preview(lambda: AwsWaf("it", args), rendered=rendered, project="pay", stack="dev")
    assert graph.problems == ()
    return graph


@pytest.fixture
def waf(preview):
    return lambda **settings: build(preview, **settings)


def problems(waf, **settings):
    with pytest.raises(ConfigError) as error:
        waf(**settings)
    return error.value.problems


def rules(graph, place):
    return {rule["name"]: rule for rule in graph[f"it-{place}-acl"].inputs["rules"]}


def rule(name="own", action="block", when=None, **more):
    return {"name": name, "action": action, "when": when or ABROAD, **more}


def notes(graph, kind):
    return [n.text for n in graph.notes if n.kind == kind]


# --- three web ACLs ---


def test_each_stands_where_its_clients_come_in(waf):
    graph = waf()
    edge, api, identity = (graph[f"it-{place}-acl"].inputs for place in PLACES)

    assert (edge["scope"], edge["region"]) == ("CLOUDFRONT", "us-east-1")
    assert (api["scope"], api["region"]) == ("REGIONAL", REGION)
    assert (identity["scope"], identity["region"]) == ("REGIONAL", REGION)
    stands = {
        a.inputs["resourceArn"]: a.inputs["webAclArn"]
        for a in graph.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")
    }
    assert stands == {
        STAGE: graph["it-api-acl"].outputs["arn"],
        POOL: graph["it-identity-acl"].outputs["arn"],
    }


def test_everything_of_the_edge_is_in_us_east_1_and_of_cloudfront(waf):
    graph = waf(rules=[rule(when={"ip": ["192.0.2.0/24"]})], lists=["partners"])

    found = [r for r in graph.resources if "-edge" in r.name and r.type.startswith("aws:")]
    assert len(found) == 11
    assert {r.inputs["region"] for r in found} == {"us-east-1"}
    assert {r.inputs.get("scope", "CLOUDFRONT") for r in found} == {"CLOUDFRONT"}


def test_they_run_the_cheap_and_certain_first(waf):
    graph = waf()

    assert list(rules(graph, "edge")) == [
        *("blocked", "allowed", "rate-limit", "large-body"),
        *("ip-reputation", "anonymous-ip"),
        *("common", "known-bad-inputs", "sql-injection", "admin-protection"),
    ]
    assert list(rules(graph, "api")) == [
        *("origin-header", "large-body"),
        *("common", "known-bad-inputs", "sql-injection", "admin-protection"),
    ]
    assert list(rules(graph, "identity")) == [
        *("blocked", "allowed", "rate-limit", "large-body"),
        *("ip-reputation", "anonymous-ip", "common", "known-bad-inputs"),
    ]
    for place in PLACES:
        priorities = [r["priority"] for r in rules(graph, place).values()]
        assert priorities == list(range(len(priorities)))


def test_what_no_rule_stops_is_let_through(waf):
    for place in PLACES:
        assert waf()[f"it-{place}-acl"].inputs["defaultAction"] == {"allow": {}}


def test_without_a_sign_in_there_is_nothing_before_it(waf):
    graph = waf(pool=None)

    assert {r.name for r in graph.of_type("aws:wafv2/webAcl:WebAcl")} == {
        "it-edge-acl",
        "it-api-acl",
    }
    assert set(graph["it"].outputs["aclNames"]) == {"edge", "api"}
    assert {s["scope"] for s in graph["it"].outputs["lists"]["blocked"]} == {"CLOUDFRONT"}


# --- without an edge ---


def test_without_an_edge_the_api_looks_at_everything_and_wants_no_header(waf):
    graph = waf(edge=False, rules=[rule(), rule("at-the-api", at=["api"])])

    assert list(rules(graph, "api")) == [
        *("blocked", "allowed", "rate-limit", "large-body", "own", "at-the-api"),
        *("ip-reputation", "anonymous-ip"),
        *("common", "known-bad-inputs", "sql-injection", "admin-protection"),
    ]
    given = graph["it"].outputs
    assert "edge" not in given["aclArns"]
    assert not {"edgeAclArn", "originHeaderName", "originHeaderValue"} & {
        name for name, value in given.items() if value is not None
    }
    assert graph.of_type("random:index/randomPassword:RandomPassword") == []
    assert {s["scope"] for s in given["lists"]["blocked"]} == {"REGIONAL"}
    assert "there is no edge: the API takes requests from anywhere" in notes(graph, "limit")


# --- the secret of the edge ---


def secrets_in(graph):
    about = rules(graph, "api")["origin-header"]["statement"]["notStatement"]["statement"]
    matches = about.get("orStatement", {}).get("statements", [about])
    return [m["byteMatchStatement"] for m in matches]


def test_a_request_that_did_not_come_through_the_edge_is_turned_away_first(waf):
    graph = waf()
    first = graph["it-api-acl"].inputs["rules"][0]

    assert (first["name"], first["action"]) == ("origin-header", {"block": {}})
    (match,) = secrets_in(graph)
    assert match["fieldToMatch"] == {"singleHeader": {"name": "x-origin-verify"}}
    assert match["positionalConstraint"] == "EXACTLY"
    assert match["textTransformations"] == [{"priority": 0, "type": "NONE"}]
    assert graph["it"].outputs["originHeaderName"] == "x-origin-verify"


def test_the_present_secret_and_the_last_one_are_taken(waf):
    made = waf(originGeneration=4)

    names = {r.name for r in made.of_type("random:index/randomPassword:RandomPassword")}
    assert names == {"it-origin-secret-4", "it-origin-secret-3"}
    assert len(secrets_in(made)) == 2


def test_the_last_one_stays_the_same_resource_when_there_is_another(waf):
    before = waf(originGeneration=1)["it-origin-secret-1"]
    after = waf(originGeneration=2)["it-origin-secret-1"]

    assert (before.urn, before.inputs) == (after.urn, after.inputs)


def test_it_is_one_that_a_header_can_carry_and_nobody_guesses(waf):
    made = waf()["it-origin-secret-1"].inputs

    assert made["length"] == 48
    assert made["special"] is False


def test_it_is_a_secret_wherever_it_goes_and_nowhere_else(waf):
    graph = waf(rendered=False)

    assert "Secret" in repr(graph["it"].outputs["originHeaderValue"])
    for place in ("edge", "identity"):
        assert "Secret()" not in str(graph[f"it-{place}-acl"].inputs)
    assert str(graph["it-api-acl"].inputs["rules"]).count("Secret()") == 1


def test_the_edge_learns_it_only_once_the_api_takes_it(preview):
    import pulumi_aws as aws

    args = AwsWafArgs(
        spec=WafSpec(),
        store=store(REGION),
        edge_store=store("us-east-1"),
        api_stage_arn=STAGE,
    )

    def program():
        aws.ssm.Parameter("edge", type="String", value=AwsWaf("it", args).origin_header_value)

    graph = preview(program)

    assert graph["it-api-association"].urn in graph["edge"].dependencies


# --- beside the edge ---


def test_a_host_beside_the_edge_needs_no_secret_but_meets_the_list_and_the_rate(waf):
    graph = waf(hosts=["partners.example.com", "banks.example.com"], pool=None)
    api = rules(graph, "api")

    assert list(api)[:4] == ["origin-header", "blocked", "rate-limit", "large-body"]
    without, beside = api["origin-header"]["statement"]["andStatement"]["statements"]
    assert "x-origin-verify" in str(without)
    hosts = beside["notStatement"]["statement"]["orStatement"]["statements"]
    assert [h["byteMatchStatement"]["searchString"] for h in hosts] == [
        "partners.example.com",
        "banks.example.com",
    ]
    for host in hosts:
        assert host["byteMatchStatement"]["fieldToMatch"] == {"singleHeader": {"name": "host"}}
        assert host["byteMatchStatement"]["positionalConstraint"] == "EXACTLY"
    # The edge's own addresses, from which all else comes, are not counted.
    rate = api["rate-limit"]["statement"]["rateBasedStatement"]
    assert rate["scopeDownStatement"]["orStatement"]["statements"] == hosts
    assert sets(graph, "api", "blocked") == [
        graph[f"it-list-blocked-regional-v{version}"].outputs["arn"] for version in (4, 6)
    ]


def test_without_an_edge_there_is_nothing_beside_it(waf):
    one, other = (waf(edge=False, hosts=hosts) for hosts in (["partners.example.com"], []))

    assert rules(one, "api") == rules(other, "api")


# --- managed groups ---


def managed(graph, name, place="edge"):
    return rules(graph, place)[name]["statement"]["managedRuleGroupStatement"]


def test_a_managed_group_is_aws_own_with_its_version(waf):
    made = managed(waf(), "common")

    assert (made["vendorName"], made["name"]) == ("AWS", "AWSManagedRulesCommonRuleSet")
    assert made["version"] == "Version_1.20"
    assert rules(waf(), "edge")["common"]["overrideAction"] == {"none": {}}
    assert "action" not in rules(waf(), "edge")["common"]


@pytest.mark.parametrize(
    ("mode", "override"), [("block", {"none": {}}), ("count", {"count": {}}), ("off", None)]
)
def test_a_managed_group_blocks_counts_or_is_off(waf, mode, override):
    graph = waf(managed={"sqlInjection": {"mode": mode}})

    assert rules(graph, "edge").get("sql-injection", {}).get("overrideAction") == override
    assert rules(graph, "api").get("sql-injection", {}).get("overrideAction") == override


def test_a_changed_mode_leaves_the_version_pinned(waf):
    graph = waf(managed={"common": {"mode": "count"}})

    assert managed(graph, "common")["version"] == "Version_1.20"


def test_another_version_or_none_can_be_asked_for(waf):
    graph = waf(managed={"common": {"version": "Version_2.0"}, "sqlInjection": {"version": None}})

    assert managed(graph, "common")["version"] == "Version_2.0"
    assert "version" not in managed(graph, "sql-injection")
    (said,) = [n for n in notes(graph, "limit") if "no version is pinned" in n]
    assert said.startswith("sqlInjection, adminProtection: no version is pinned")


def test_the_lists_of_addresses_have_no_version(waf):
    graph = waf(managed={"ipReputation": {"version": "Version_1.0"}})

    assert "version" not in managed(graph, "ip-reputation")


@pytest.mark.parametrize("action", ["count", "block", "allow", "captcha", "challenge"])
def test_a_single_rule_of_a_group_can_do_something_else(waf, action):
    graph = waf(managed={"common": {"overrides": {"NoUserAgent_HEADER": action}}})

    assert managed(graph, "common")["ruleActionOverrides"] == [
        {"name": "NoUserAgent_HEADER", "actionToUse": {action: {}}}
    ]


def test_a_partner_in_a_data_centre_is_only_counted_unless_it_is_asked_for(waf):
    usual = managed(waf(), "anonymous-ip")
    strict = managed(waf(managed={"anonymousIp": {"overrides": {}}}), "anonymous-ip")

    assert usual["ruleActionOverrides"] == [
        {"name": "HostingProviderIPList", "actionToUse": {"count": {}}}
    ]
    assert "ruleActionOverrides" not in strict


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("linux", "AWSManagedRulesLinuxRuleSet"),
        ("unix", "AWSManagedRulesUnixRuleSet"),
        ("windows", "AWSManagedRulesWindowsRuleSet"),
        ("php", "AWSManagedRulesPHPRuleSet"),
        ("wordpress", "AWSManagedRulesWordPressRuleSet"),
    ],
)
def test_groups_for_what_the_backends_are_made_of_can_be_turned_on(waf, name, group):
    graph = waf(managed={name: {"mode": "block"}})

    assert managed(graph, name)["name"] == managed(graph, name, "api")["name"] == group
    assert name not in rules(graph, "identity")
    assert name not in rules(waf(), "edge")


def test_bot_control_runs_last_and_only_once(waf):
    graph = waf(managed={"botControl": {"mode": "block", "level": "targeted"}})

    assert list(rules(graph, "edge"))[-1] == "bot-control"
    assert managed(graph, "bot-control")["managedRuleGroupConfigs"] == [
        {"awsManagedRulesBotControlRuleSet": {"inspectionLevel": "TARGETED"}}
    ]
    assert "bot-control" not in {*rules(graph, "api"), *rules(graph, "identity")}
    assert any("botControl: about 10 USD a month, and 10 USD" in n for n in notes(graph, "cost"))


def test_account_takeover_is_for_a_sign_in_of_ones_own_and_never_before_the_pool(waf):
    graph = waf(managed={"accountTakeover": {"mode": "block", "loginPath": "/login"}})

    (config,) = managed(graph, "account-takeover")["managedRuleGroupConfigs"]
    assert config["awsManagedRulesAtpRuleSet"] == {
        "loginPath": "/login",
        "requestInspection": {
            "payloadType": "JSON",
            "usernameField": {"identifier": "/username"},
            "passwordField": {"identifier": "/password"},
        },
    }
    assert "account-takeover" not in {*rules(graph, "api"), *rules(graph, "identity")}
    assert any("accountTakeover: about 10 USD" in n for n in notes(graph, "cost"))


def test_account_takeover_needs_to_know_the_sign_in(waf):
    (found,) = problems(waf, managed={"accountTakeover": {"mode": "count"}})

    assert found.startswith("bulwark:waf.managed.accountTakeover: needs loginPath")


# --- counting ends ---


def test_in_prod_a_group_that_counts_needs_a_date_by_which_it_ends():
    counts = WafSpec.load("bulwark:waf", {"managed": {"common": {"mode": "count"}}})
    dated = {"mode": "count", "countUntil": "2027-01-31"}
    ends = WafSpec.load("bulwark:waf", {"managed": {"common": dated}})

    (found,) = without_an_end(counts, "prod")
    assert found.startswith("managed.common counts, and the prod profile wants countUntil")
    assert list(without_an_end(ends, "prod")) == []
    assert list(without_an_end(counts, "dev")) == []
    assert list(without_an_end(WafSpec(), "prod")) == []


@pytest.mark.parametrize(("today", "overdue"), [("1801353600", False), ("1801440000", True)])
def test_past_its_date_it_is_said_loudly_and_stops_nothing(waf, monkeypatch, today, overdue):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", today)  # the 31st of January 2027, and a day on
    graph = waf(managed={"common": {"mode": "count", "countUntil": "2027-01-31"}})

    found = notes(graph, "overdue")
    assert bool(found) is overdue
    assert all(n.startswith("bulwark:waf.managed.common was to count until 2027") for n in found)
    assert "common" in rules(graph, "edge")


def test_a_date_without_counting_is_refused(waf):
    (found,) = problems(waf, managed={"common": {"countUntil": "2027-01-31"}})

    assert found.startswith("bulwark:waf.managed.common: countUntil is for a group whose mode is")


def test_a_date_may_be_one_as_yaml_has_them():
    # What Pulumi makes of 2027-01-31 in a stack file, with and without quotes.
    for written in ("2027-01-31", "2027-01-31 00:00:00 +0000 UTC"):
        loaded = ManagedGroupSpec.load("it", {"mode": "count", "countUntil": written})
        assert str(loaded.count_until) == "2027-01-31"


# --- rules of one's own ---


@pytest.mark.parametrize("action", ["allow", "block", "captcha", "challenge", "count"])
def test_an_own_rule_does_what_it_says_between_the_lists_and_the_groups(waf, action):
    graph = waf(rules=[rule("first", action), rule("second")])

    names = list(rules(graph, "edge"))
    assert names[3:7] == ["large-body", "first", "second", "ip-reputation"]
    assert rules(graph, "edge")["first"]["action"] == {action: {}}


def test_a_rule_about_a_label_runs_once_the_groups_have_put_it_on(waf):
    graph = waf(rules=[rule("labelled", when={"not": {"label": "awswaf:managed:aws:x:y"}}), rule()])

    names = list(rules(graph, "edge"))
    assert names[-1] == "labelled"
    assert names.index("own") < names.index("common")


@pytest.mark.parametrize("at", [["edge"], ["api"], ["identity"], ["edge", "api", "identity"]])
def test_a_rule_stands_where_it_is_asked_to(waf, at):
    graph = waf(rules=[rule(when={"path": {"startsWith": "/x"}}, at=at)])

    assert [place for place in PLACES if "own" in rules(graph, place)] == at


@pytest.mark.parametrize(
    "about",
    [
        {"when": {"ip": ["192.0.2.0/24"]}},
        {"when": {"not": {"ipList": "blocked"}}},
        {"when": {"country": ["DE"]}},
        {"when": {"path": {"equals": "/"}}, "rate": {"requests": 100}},
    ],
)
def test_before_the_api_there_is_only_the_edges_address_to_go_by(waf, about):
    settings = {"name": "own", "action": "block", "at": ["api"], **about}
    (found,) = problems(waf, rules=[settings])

    assert found.startswith("bulwark:waf.rules[0]: own is about the client's address")
    assert "own" in rules(waf(edge=False, rules=[settings]), "api")


@pytest.mark.parametrize(
    "settings", [{"at": ["api"]}, {"at": ["identity"]}, {"at": ["edge"], "edge": False}]
)
def test_only_the_edge_sees_the_clients_tls(waf, settings):
    more = {"edge": settings.pop("edge")} if "edge" in settings else {}
    (found,) = problems(waf, rules=[rule(when={"ja3": [HASH]}, **settings)], **more)

    assert found.startswith("bulwark:waf.rules[0]: own is about the client's TLS")


def test_a_rule_before_a_sign_in_that_is_not_there_is_refused(waf):
    (found,) = problems(waf, pool=None, rules=[rule(at=["identity"])])

    assert "before a sign-in, and there is none" in found


def test_lists_and_methods_count_among_the_levels_for_which_there_is_room(waf):
    several = {"any": [{"all": [{"ip": ["192.0.2.0/24", "2001:db8::/32"]}, ABROAD]}, ABROAD]}

    assert rules(waf(rules=[rule(when=several)]), "edge")["own"]
    (found,) = problems(waf, rules=[rule(when={"not": several})])
    assert found.startswith("bulwark:waf.rules[0]: own combines its conditions more than 3 deep")
    (found,) = problems(waf, rules=[rule(when=several, rate={"requests": 10})])
    assert "more than 2 deep" in found


def test_addresses_in_a_rule_are_in_a_set_for_each_version_that_occurs(waf):
    graph = waf(
        rules=[
            rule("both", when={"ip": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]}),
            rule("again", when={"ip": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]}),
            rule("one", when={"ip": ["203.0.113.0/24"]}, at=["identity"]),
        ]
    )

    assert graph["it-edge-both-0-edge-v4"].inputs["addresses"] == [
        "192.0.2.0/24",
        "198.51.100.7/32",
    ]
    assert graph["it-edge-both-0-edge-v6"].inputs["addresses"] == ["2001:db8::/32"]
    assert graph["it-identity-one-0-regional-v4"].inputs["scope"] == "REGIONAL"
    assert graph["it-edge-both-0-edge-v4"].options.ignore_changes == ()
    assert len(graph.of_type("aws:wafv2/ipSet:IpSet")) == 8 + 3


def test_more_sets_of_addresses_than_aws_has_are_refused(waf):
    many = [
        rule(f"own-{n}", when={"any": [{"ip": [f"10.{n}.{m}.0/24"]} for m in range(10)]})
        for n in range(10)
    ]

    (found,) = problems(waf, rules=many)
    assert found.startswith("bulwark:waf.rules: name so many ranges of addresses that 104 sets")
    assert waf(rules=many[:9])


# --- lists ---


def sets(graph, place, name):
    statement = rules(graph, place)[name]["statement"]["orStatement"]["statements"]
    return [s["ipSetReferenceStatement"]["arn"] for s in statement]


def test_a_list_blocks_and_another_lets_through_in_both_versions_of_ip(waf):
    graph = waf()

    for place, scope in (("edge", "edge"), ("identity", "regional")):
        for name, action in (("blocked", "block"), ("allowed", "allow")):
            assert rules(graph, place)[name]["action"] == {action: {}}
            assert sets(graph, place, name) == [
                graph[f"it-list-{name}-{scope}-v{version}"].outputs["arn"] for version in (4, 6)
            ]


def test_a_list_has_no_input_that_can_change_but_its_tags(waf):
    graph = waf(lists=["partners"])

    for made in graph.of_type("aws:wafv2/ipSet:IpSet"):
        assert made.inputs["addresses"] == []
        assert made.options.ignore_changes == ("addresses",)
        assert made.inputs["description"] == "Edited as the environment runs"
        assert set(made.inputs) == {
            *("addresses", "description", "ipAddressVersion", "region", "scope")
        }


def test_a_list_of_ones_own_is_there_for_rules_to_name(waf):
    graph = waf(lists=["partners"], rules=[rule(action="allow", when={"ipList": "partners"})])

    assert sets(graph, "edge", "own") == [
        graph[f"it-list-partners-edge-v{version}"].outputs["arn"] for version in (4, 6)
    ]


def test_who_edits_a_list_is_told_what_it_takes(waf):
    graph = waf(lists=["partners"])
    lists = graph["it"].outputs["lists"]

    assert set(lists) == {"blocked", "allowed", "partners"}
    first, *others = lists["blocked"]
    made = graph["it-list-blocked-edge-v4"]
    assert first == {
        "id": made.outputs["arn"].rpartition("/")[2],
        "name": made.outputs["name"],
        "scope": "CLOUDFRONT",
        "region": "us-east-1",
        "version": "IPV4",
    }
    assert [(s["scope"], s["version"]) for s in others] == [
        ("CLOUDFRONT", "IPV6"),
        ("REGIONAL", "IPV4"),
        ("REGIONAL", "IPV6"),
    ]


@pytest.mark.parametrize("names", [["blocked"], ["a", "a"], ["A"], ["a_b"]])
def test_a_list_that_is_there_already_or_that_commands_could_not_take_is_refused(waf, names):
    assert problems(waf, lists=names)[0].startswith("bulwark:waf.lists")


# --- rates ---


def test_an_address_can_ask_only_so_often(waf):
    graph = waf(rateLimit=100, signInRateLimit=50, rateWindowSeconds=600)

    for place, limit in (("edge", 100), ("identity", 50)):
        made = rules(graph, place)["rate-limit"]
        assert made["action"] == {"block": {}}
        assert made["statement"]["rateBasedStatement"] == {
            "limit": limit,
            "evaluationWindowSec": 600,
            "aggregateKeyType": "IP",
        }


@pytest.mark.parametrize("limit", [9, 2_000_000_001])
def test_a_rate_outside_of_what_waf_takes_is_refused(waf, limit):
    assert problems(waf, rateLimit=limit)[0].startswith("bulwark:waf.rateLimit: ")
    assert problems(waf, signInRateLimit=limit)[0].startswith("bulwark:waf.signInRateLimit: ")


# --- bodies ---


def largest(graph, place):
    statement = rules(graph, place)["large-body"]["statement"]["sizeConstraintStatement"]
    assert statement["comparisonOperator"] == "GT"
    assert statement["fieldToMatch"] == {"body": {"oversizeHandling": "MATCH"}}
    return statement["size"]


def test_a_body_that_is_too_large_is_blocked_also_where_its_end_is_not_seen(waf):
    graph = waf()

    assert [largest(graph, place) for place in PLACES] == [8 * 1024] * 3
    assert "associationConfig" not in graph["it-edge-acl"].inputs


@pytest.mark.parametrize(("limit", "seen"), [(9, 16), (16, 16), (17, 32), (48, 48), (64, 64)])
def test_larger_bodies_are_looked_at_to_their_end(waf, limit, seen):
    graph = waf(body={"limitKb": limit, "reason": "Batches of payments"})

    for place, kind in (("edge", "cloudfront"), ("api", "apiGateway")):
        assert largest(graph, place) == limit * 1024
        config = graph[f"it-{place}-acl"].inputs.get("associationConfig", {})
        wanted = [{kind: {"defaultSizeInspectionLimit": f"KB_{seen}"}}] if seen > 16 else None
        assert config.get("requestBodies") == wanted
        assert {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}} in managed(
            graph, "common", place
        )["ruleActionOverrides"]
    # Nobody signs in with a large one.
    assert largest(graph, "identity") == 8 * 1024
    assert "ruleActionOverrides" not in managed(graph, "common", "identity")
    assert any(f"{seen} KB of a body" in n for n in notes(graph, "cost")) is (seen > 16)


def test_bodies_of_any_size_pass_only_if_asked_for_and_that_is_listed(waf):
    graph = waf(body={"larger": "pass", "reason": "Documents are uploaded"})

    assert "large-body" not in {*rules(graph, "edge"), *rules(graph, "api")}
    assert 'bulwark:waf.body.larger is "pass"; hardened is "block" (waf)' in notes(
        graph, "loosened"
    )


@pytest.mark.parametrize("body", [{"limitKb": 32}, {"larger": "pass"}])
def test_a_larger_body_needs_a_reason(waf, body):
    (found,) = problems(waf, body=body)

    assert found.startswith("bulwark:waf.body: needs a reason")


# --- logs ---


def logging(graph, place):
    return graph[f"it-{place}-logging"].inputs


def test_each_has_a_log_of_its_own_that_waf_can_write_to(waf):
    graph = waf()

    for place in PLACES:
        group = graph[f"it-{place}-logs-group"]
        assert group.inputs["name"].startswith("aws-waf-logs-pay-dev-it-")
        assert group.inputs["region"] == graph[f"it-{place}-acl"].inputs["region"]
        assert logging(graph, place)["logDestinationConfigs"] == [group.outputs["arn"]]
        assert not group.outputs["arn"].endswith(":*")
    assert len({r.inputs["name"] for r in graph.of_type("aws:cloudwatch/logGroup:LogGroup")}) == 3


def test_a_web_acl_is_put_to_use_only_once_it_logs(waf):
    graph = waf(rendered=False)

    assert graph["it-api-logging"].urn in graph["it-api-association"].dependencies
    assert graph["it-edge-logging"].urn in graph["it"].outputs["edgeAclArn"].waits_for
    assert graph["it-edge-logs-policy"].urn in graph["it-edge-logging"].dependencies


def test_credentials_and_sessions_are_in_no_log_and_no_sample(waf):
    graph = waf(
        logging={"hiddenHeaders": ["X-OTP"], "hiddenCookies": ["sid"], "hiddenArguments": ["pin"]}
    )

    assert {"authorization", "cookie", "x-api-key", "idempotency-key", "x-origin-verify"} < set(
        HIDDEN_HEADERS
    )
    for place in PLACES:
        redacted = [
            f.get("singleHeader", {}).get("name") for f in logging(graph, place)["redactedFields"]
        ]
        assert {*HIDDEN_HEADERS, "x-otp"} <= set(redacted)
        protections = graph[f"it-{place}-acl"].inputs["dataProtectionConfig"]["dataProtections"]
        assert {p["action"] for p in protections} == {"SUBSTITUTION"}
        keys = {p["field"]["fieldType"]: p["field"].get("fieldKeys") for p in protections}
        assert {*HIDDEN_HEADERS, "x-otp"} == set(keys["SINGLE_HEADER"])
        assert keys["SINGLE_COOKIE"] == ["sid"]
    edge = graph["it-edge-acl"].inputs["dataProtectionConfig"]["dataProtections"]
    (arguments,) = [p for p in edge if p["field"]["fieldType"] == "SINGLE_QUERY_ARGUMENT"]
    assert {"pin", "code", "access_token", "password"} <= set(arguments["field"]["fieldKeys"])


def test_no_query_of_a_sign_in_is_logged(waf):
    graph = waf()

    assert {"queryString": {}} in logging(graph, "identity")["redactedFields"]
    assert {"queryString": {}} not in logging(graph, "edge")["redactedFields"]
    protections = graph["it-identity-acl"].inputs["dataProtectionConfig"]["dataProtections"]
    # WAF refuses keys for it.
    assert {"action": "SUBSTITUTION", "field": {"fieldType": "QUERY_STRING"}} in protections


def test_everything_is_logged_unless_asked_for_and_then_that_is_listed(waf):
    usual, short = waf(), waf(logging={"allowed": False})

    assert "loggingFilter" not in logging(usual, "edge")
    kept = logging(short, "edge")["loggingFilter"]
    assert kept["defaultBehavior"] == "DROP"
    (kept,) = kept["filters"]
    actions = {c["actionCondition"]["action"] for c in kept["conditions"]}
    assert (kept["behavior"], kept["requirement"]) == ("KEEP", "MEETS_ANY")
    assert actions == {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE"}
    assert any(
        n.startswith("bulwark:waf.logging.allowed is false") for n in notes(short, "loosened")
    )


def test_every_rule_has_a_metric_and_samples(waf):
    graph = waf(rules=[rule()])

    for place in PLACES:
        seen = [r["visibilityConfig"] for r in rules(graph, place).values()]
        seen.append(graph[f"it-{place}-acl"].inputs["visibilityConfig"])
        assert all(v["cloudwatchMetricsEnabled"] and v["sampledRequestsEnabled"] for v in seen)
        metrics = [v["metricName"] for v in seen]
        assert len(set(metrics)) == len(metrics)
        assert not {"All", "Default_Action"} & set(metrics)


# --- capacity, prices, what is weaker ---


def test_capacity_is_counted_and_given_out(waf):
    graph = waf(pool=None)

    assert graph["it"].outputs["capacity"] == {"edge": 1282, "api": 1203}
    assert any("1,282 of 5,000 capacity units" in n for n in notes(graph, "cost"))


def test_more_capacity_than_is_included_is_a_price(waf):
    dear = [rule(f"own-{n}", when={"path": {"contains": f"/{n}"}}) for n in range(10)]
    graph = waf(rules=dear)

    assert graph["it"].outputs["capacity"]["edge"] == 1282 + 400
    assert any("more than 1,500 capacity units" in n for n in notes(graph, "cost"))
    assert not any("more than 1,500" in n for n in notes(waf(), "cost"))


def test_more_capacity_than_waf_has_is_refused(waf):
    parts = [{"body": {"contains": f"x{n}", "transforms": ["trim"] * 10}} for n in range(20)]
    (found,) = problems(waf, rules=[rule("a", when={"any": parts}), rule("b", when={"any": parts})])

    assert found.startswith(
        "bulwark:waf.rules: the web ACL of edge would take 5,682 capacity units"
    )


def test_the_price_is_said_for_each(waf):
    said = notes(waf(), "cost")

    assert [n.partition(",")[0] for n in said] == [
        "a web ACL with 10 rules: about 15 USD a month",
        "a web ACL with 6 rules: about 11 USD a month",
        "a web ACL with 8 rules: about 13 USD a month",
    ]


def test_as_it_comes_nothing_is_weaker_than_it_could_be(waf):
    assert notes(waf(), "loosened") == []


def test_what_is_weaker_is_listed(waf):
    graph = waf(
        managed={"common": {"mode": "count", "overrides": {"A_RULE": "allow"}}},
        rateLimit=5000,
    )

    assert notes(graph, "loosened") == [
        'bulwark:waf.managed.common.mode is "count"; hardened is "block" (waf)',
        'bulwark:waf.managed.common.overrides.A_RULE is "allow"; hardened is "block" (waf)',
        "bulwark:waf.rateLimit is 5000; hardened is 2000 (waf)",
    ]


def test_a_captcha_is_said_to_be_for_browsers(waf):
    graph = waf(rules=[rule(action="captcha")])

    assert any("is for browsers" in n for n in notes(graph, "limit"))
    assert not any("is for browsers" in n for n in notes(waf(), "limit"))


# --- whatever is written ---


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "rateLimit": st.integers(0, 5000),
        "lists": st.lists(st.sampled_from(["partners", "blocked", "no good"]), max_size=2),
        "body": st.fixed_dictionaries(
            {"limitKb": st.integers(0, 70)}, optional={"reason": st.text(max_size=20)}
        ),
        "originGeneration": st.integers(0, 3),
        "rules": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["a", "b", "common"]),
                    "action": st.sampled_from(["allow", "block"]),
                    "when": st.sampled_from(
                        [ABROAD, {"ip": ["192.0.2.0/24"]}, {"ja3": [HASH]}, {"ipList": "partners"}]
                    ),
                    "at": st.lists(st.sampled_from(PLACES), max_size=2),
                }
            ),
            max_size=3,
        ),
    },
)


@given(SETTINGS, st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_settings_are_built_twice_the_same_or_are_an_error_that_says_where(settings, edge):
    try:
        first = build(Preview(), edge=edge, **settings)
    except ConfigError as error:
        assert all(line.startswith("bulwark:waf") for line in error.problems)
        return
    assert first.to_json() == build(Preview(), edge=edge, **settings).to_json()

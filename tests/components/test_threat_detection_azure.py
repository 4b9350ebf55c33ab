import dataclasses
from itertools import pairwise

import pytest
from azure_place import PLACE, STORE
from pulumi_azure_native import security

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.threat_detection import ThreatDetectionSpec
from pulumi_bulwark.threat_detection.azure import (
    STANDARDS,
    AzureThreatDetection,
    AzureThreatDetectionArgs,
)
from pulumi_bulwark.threat_detection.azure_plans import Scans, plans
from pulumi_bulwark.threat_detection.azure_queries import QUERIES
from pulumi_bulwark.threat_detection.azure_template import template

DEPLOYMENT = "azure-native:resources:DeploymentAtSubscriptionScope"
ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
EXPORT = "azure-native:security:Automation"
RULE = "azure-native:securityinsights:ScheduledAlertRule"
ONBOARDING = "azure-native:securityinsights:SentinelOnboardingState"
EVERYTHING = Scans(machines=True, images=True)


@pytest.fixture
def detection(preview):
    def build(*, spec=None, protected=True, **more):
        args = AzureThreatDetectionArgs(
            spec=ThreatDetectionSpec(**spec or {}),
            store=dataclasses.replace(STORE, deletion_protection=protected),
            **{"owner": "desk@example.com", **more},
        )
        graph = preview(lambda: AzureThreatDetection("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def inside(graph, kind, deployment="it-plans"):
    made = graph[deployment].inputs["properties"]["template"]["resources"]
    return {one["name"]: one for one in made if one["type"] == f"Microsoft.Security/{kind}"}


def tiers(graph):
    return {n: p["properties"]["pricingTier"] for n, p in inside(graph, "pricings").items()}


def extensions(graph, plan):
    found = inside(graph, "pricings")[plan]["properties"]
    return {one["name"]: one["isEnabled"] for one in found["extensions"]}


def texts(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# --- the plans


def test_every_plan_is_on_but_the_one_that_costs_whatever_is_called(detection):
    found = tiers(detection())

    assert [name for name, tier in found.items() if tier == "Free"] == ["Api"]
    assert len(found) == 12


@pytest.mark.parametrize(
    ("setting", "off"),
    [
        ("buckets", {"StorageAccounts"}),
        ("kubernetes", {"Containers"}),
        ("functions", {"AppServices"}),
        ("runtime", {"VirtualMachines"}),
        ("secrets", {"KeyVaults"}),
        ("calls", {"Arm"}),
        (
            "databases",
            {
                "SqlServers",
                "SqlServerVirtualMachines",
                "OpenSourceRelationalDatabases",
                "CosmosDbs",
            },
        ),
    ],
)
def test_each_can_be_turned_off_and_is_then_said_to_be_off(detection, setting, off):
    graph = detection(spec={"protections": {setting: False}})

    assert {name for name, tier in tiers(graph).items() if tier == "Free"} == off | {"Api"}
    for name in off:
        assert inside(graph, "pricings")[name]["properties"] == {"pricingTier": "Free"}


def test_the_plan_for_apis_has_a_sub_plan_which_azure_asks_for(detection):
    graph = detection(spec={"protections": {"apis": True}})
    found = inside(graph, "pricings")["Api"]["properties"]

    assert found == {"pricingTier": "Standard", "subPlan": "P1"}
    assert "an API is watched once it is onboarded in Defender for Cloud" in texts(graph, "limit")


def test_a_plan_waits_for_the_one_before_since_azure_refuses_two_at_a_time(detection):
    found = list(inside(detection(), "pricings").values())

    assert "dependsOn" not in found[0]
    for before, plan in pairwise(found):
        of = f"[subscriptionResourceId('Microsoft.Security/pricings', '{before['name']}')]"
        assert plan["dependsOn"] == [of]


def test_the_same_template_is_deployed_twice_so_that_extensions_stick(detection):
    graph = detection()
    first, second = graph["it-plans"], graph["it-plans-again"]

    assert first.inputs["properties"] == second.inputs["properties"]
    assert first.inputs["deploymentName"] != second.inputs["deploymentName"]
    assert first.urn in second.dependencies


def test_nothing_else_of_the_subscription_is_touched(detection):
    assert detection()["it-plans"].inputs["properties"]["mode"] == "Incremental"


def test_the_resources_of_the_template_are_as_azure_native_knows_them(preview):
    """Its own classes check the names and types of all properties, at the same versions."""
    asked = template(
        plans(ThreatDetectionSpec(protections={"apis": True}, sensitive_data=True), EVERYTHING),
        ["a@example.com"],
        "high",
    )

    def program():
        for one in asked["resources"]:
            if one["type"] == "Microsoft.Security/pricings":
                made = {"pricing_name": one["name"], "scope_id": "subscriptions/s"}
                security.Pricing(one["name"], **made, **snake(one["properties"]))
            elif one["type"] == "Microsoft.Security/securityContacts":
                security.SecurityContact(one["name"], **snake(one["properties"]))

    graph = preview(program)

    assert graph.problems == ()
    made = [r for r in graph.resources if r.type.startswith("azure-native:security:")]
    assert len(made) == len(asked["resources"]) - 1  # the agents' setting has no class


def snake(properties):
    """The arguments of a class; what is below them it takes as Azure writes it."""
    return {
        "".join(f"_{c.lower()}" if c.isupper() else c for c in k): v for k, v in properties.items()
    }


# --- what is in a plan


def test_what_is_to_be_scanned_is_scanned_by_the_same_plans(detection):
    graph = detection(scans=EVERYTHING)

    assert extensions(graph, "VirtualMachines") == {"AgentlessVmScanning": "True"}
    scanned = "ContainerRegistriesVulnerabilityAssessments"
    assert extensions(graph, "Containers")[scanned] == "True"
    assert extensions(graph, "CloudPosture")[scanned] == "True"


def test_what_is_not_to_be_scanned_is_said_to_be_off(detection):
    assert extensions(detection(), "VirtualMachines") == {"AgentlessVmScanning": "False"}


def test_a_scan_of_machines_needs_their_plan_also_where_nobody_watches_them(detection):
    graph = detection(spec={"protections": {"runtime": False}}, scans=Scans(machines=True))

    assert tiers(graph)["VirtualMachines"] == "Standard"


def test_the_cheaper_plan_for_machines_has_no_extension_which_it_would_refuse(detection):
    graph = detection(spec={"protections": {"server_plan": "p1"}}, scans=EVERYTHING)
    found = inside(graph, "pricings")["VirtualMachines"]["properties"]

    assert found == {"pricingTier": "Standard", "subPlan": "P1"}
    assert any("5 USD a machine and month" in text for text in texts(graph, "cost"))


def test_sensitive_data_is_looked_for_if_asked(detection):
    for asked in (True, False):
        graph = detection(spec={"sensitive_data": asked})
        for plan in ("StorageAccounts", "CloudPosture"):
            assert extensions(graph, plan)["SensitiveDataDiscovery"] == str(asked)


def test_machines_have_defenders_agent_where_they_are_watched(detection):
    assert inside(detection(), "settings")["WDATP"]["properties"] == {"enabled": True}
    off = detection(spec={"protections": {"runtime": False}})
    assert inside(off, "settings") == {}


# --- who is told


def test_the_owner_of_the_environment_is_written_to_beside_those_of_the_subscription(detection):
    contact = inside(detection(), "securityContacts")["default"]["properties"]

    assert contact["emails"] == "desk@example.com"
    assert contact["notificationsByRole"] == {"state": "On", "roles": ["Owner"]}


def test_who_is_named_is_written_to_instead(detection):
    graph = detection(spec={"findings": {"contacts": ("a@example.com", "b@example.com")}})

    contact = inside(graph, "securityContacts")["default"]["properties"]
    assert contact["emails"] == "a@example.com;b@example.com"


def test_without_an_address_the_subscriptions_owners_alone_are_written_to(detection):
    contact = inside(detection(owner=""), "securityContacts")["default"]["properties"]

    assert "emails" not in contact


@pytest.mark.parametrize(
    ("severity", "said"),
    [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "High")],
)
def test_they_are_told_from_the_severity_on_that_is_set(detection, severity, said):
    graph = detection(spec={"findings": {"alert_from": severity}})

    sources = inside(graph, "securityContacts")["default"]["properties"]["notificationsSources"]
    assert sources[0] == {"sourceType": "Alert", "minimalSeverity": said}


def test_all_findings_go_to_the_workspace(detection):
    (export,) = detection().of_type(EXPORT)

    assert export.inputs["isEnabled"] is True
    sources = [one["eventSource"] for one in export.inputs["sources"]]
    assert sources[:3] == ["Alerts", "Assessments", "SubAssessments"]
    assert export.inputs["actions"] == [
        {"actionType": "Workspace", "workspaceResourceId": STORE.workspace_id}
    ]
    assert export.inputs["scopes"][0]["scopePath"] == PLACE.subscription


# --- posture


def test_each_standard_that_is_asked_for_is_assigned(detection):
    graph = detection(spec={"posture": {"standards": {"cis": False}}})

    (made,) = graph.of_type(ASSIGNMENT)
    assert made.inputs["policyDefinitionId"].endswith(STANDARDS["pci"])
    assert made.inputs["scope"] == PLACE.subscription


def test_without_posture_there_is_no_standard_and_its_plan_is_off(detection):
    graph = detection(spec={"posture": {"enabled": False}})

    assert list(graph.of_type(ASSIGNMENT)) == []
    assert tiers(graph)["CloudPosture"] == "Free"


# --- Sentinel


def test_sentinel_is_off_unless_asked_for(detection):
    assert list(detection().of_type(ONBOARDING)) == []


def test_sentinel_comes_before_its_rules(detection):
    graph = detection(spec={"sentinel": {"enabled": True}})
    (onboarding,) = graph.of_type(ONBOARDING)

    assert onboarding.inputs["sentinelOnboardingStateName"] == "default"
    assert len(list(graph.of_type(RULE))) == len(QUERIES)
    for rule in graph.of_type(RULE):
        assert onboarding.urn in rule.dependencies


def test_a_rule_that_is_muted_is_not_made(detection):
    graph = detection(spec={"sentinel": {"enabled": True, "muted": ("vault-swept",)}})

    assert len(list(graph.of_type(RULE))) == len(QUERIES) - 1
    assert not any(r.name == "it-vault-swept" for r in graph.resources)


def test_the_guid_of_a_rule_is_the_same_in_each_preview(detection):
    ids = [
        [r.inputs["ruleId"] for r in detection(spec={"sentinel": {"enabled": True}}).of_type(RULE)]
        for _ in range(2)
    ]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(QUERIES)


def test_sentinel_watches_the_environments_own_logs_also_where_another_owns_the_plans(detection):
    graph = detection(spec={"sentinel": {"enabled": True}}, baseline="org/landing-zone/prod")

    assert list(graph.of_type(DEPLOYMENT)) == list(graph.of_type(EXPORT)) == []
    assert list(graph.of_type(ONBOARDING))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_reads_a_table_that_may_not_be_there_yet(name):
    found = QUERIES[name]

    assert found.query.startswith(f"union isfuzzy=true {found.table}, (datatable(TimeGenerated: ")
    for column in (found.who, found.address):
        assert column is None or column in found.body


def test_every_query_is_one_that_kusto_takes_and_has_the_columns_of_its_entities(kusto_says):
    tables = {}
    for found in QUERIES.values():
        tables.setdefault(found.table, {}).update(found.columns)
    answers = kusto_says(tables, [found.query for found in QUERIES.values()])

    for found, answer in zip(QUERIES.values(), answers, strict=True):
        assert answer["wrong"] == [], found.title
        assert {found.who, found.address} - {None} <= answer["columns"].keys(), found.title


def test_a_query_reads_no_column_but_those_that_it_says(kusto_says):
    """So that a workspace without the table takes it."""
    for answer in kusto_says({}, [found.query for found in QUERIES.values()]):
        assert all("fuzzy name" in wrong for wrong in answer["wrong"])


# --- who owns it


def test_where_another_stack_owns_the_plans_nothing_is_made(detection):
    graph = detection(baseline="org/landing-zone/prod")

    assert [r for r in graph.resources if r.kind == "custom"] == []
    assert graph["it"].outputs["owned"] == []
    assert "threats and posture are watched by org/landing-zone/prod" in texts(graph, "limit")


@pytest.mark.parametrize("protected", [True, False])
def test_what_watches_stays_where_the_environment_is_protected(detection, protected):
    graph = detection(protected=protected)

    for made in (graph["it-plans"], graph["it-findings"], graph["it-pci"]):
        assert made.options.protect is protected
        assert made.options.retain_on_delete is protected


def test_every_price_is_said_and_none_of_what_is_off(detection):
    graph = detection(spec={"protections": {"functions": False}})
    told = " ".join(texts(graph, "cost"))

    assert "Defender for KeyVaults: about 0.25 USD a vault and month" in told
    assert "AppServices" not in told
    assert "Api" not in told


def test_what_azure_has_not_is_an_error_with_what_to_do_instead():
    spec = ThreatDetectionSpec(recorder={"enabled": False})

    with pytest.raises(ConfigError) as error:
        AzureThreatDetectionArgs(spec=spec, store=STORE).spec.must_suit("azure", "it")
    assert "Resource Graph keeps how a resource was for 14 days" in str(error.value)

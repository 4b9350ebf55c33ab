import json

from pulumi_azure_native import apimanagement, resources, web
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES

A = "azure.input_guard."
PASSES = A + "whatever-changes-something-passes-the-guard"
REFUSES = A + "without-a-verdict-nothing-passes"
GUARD = "bulwark_runtime.input_guard.azure_app:app"
IN = {"resource_group_name": "group", "service_name": "service", "api_id": "api"}
REFUSED = '<return-response><set-status code="503" reason="Down" /></return-response>'
DECIDED = f"""<choose>
  <when condition='@((string)context.Variables["verdict"] == "passed")'>
    <set-header name="a" exists-action="delete" />
  </when>
  <otherwise>{REFUSED}</otherwise>
</choose>"""
BOTH = '@(new [] {"pay", "stop-it"}.Contains(context.Operation.Id))'
PAY = '@(context.Operation.Id == "pay")'
OPERATIONS = {
    "/payments": {"post": {"operationId": "pay"}, "get": {"operationId": "list"}},
    "/payments/{id}": {"delete": {"operationId": "stop_it"}},
}


def nothing():
    resources.ResourceGroup("it")


def program(condition=None, then=DECIDED, *, app=GUARD, url=None, paths=OPERATIONS, value=None):
    """An API that asks a function app about requests, and then decides."""

    def made():
        guard = web.WebApp(
            "guard",
            name="guard",
            resource_group_name="group",
            site_config={"app_settings": [{"name": "BULWARK_APP", "value": app}]},
        )
        apimanagement.Api(
            "it", path="", value=value or json.dumps({"openapi": "3.0.1", "paths": paths}), **IN
        )
        apimanagement.ApiPolicy(
            "policy", policy_id="policy", value=guard.default_host_name.apply(text), **IN
        )

    def text(host):
        asks = f'<send-request mode="new"><set-url>{url or f"https://{host}/check"}</set-url>'
        asked = f"{asks}</send-request>{then}"
        if condition:
            asked = f"<choose><when condition='{condition}'>{asked}</when></choose>"
        return f"""<policies><inbound><base />{asked}</inbound><backend><base /></backend>
<outbound><base /></outbound><on-error><base /></on-error></policies>"""

    return made


CASES = {
    PASSES: (program(BOTH), program(PAY), program(BOTH, app="main:app")),
    REFUSES: (program(BOTH), program(BOTH, then=""), nothing),
}
ALSO = {
    "a condition that is no list of operations": (PASSES, program("@(context.User == null)")),
    "a guard that is asked, and whose silence nobody hears": (
        REFUSES,
        program(
            BOTH,
            then=f"""<choose><when condition='@(context.Variables["v"] == "denied")'>{REFUSED}
            </when></choose>""",
        ),
    ),
    "what is refused in other ways beside": (
        REFUSES,
        program(BOTH, then="<choose><when condition='@(true)' /><otherwise /></choose>"),
    ),
    "an API of another language": (PASSES, program(BOTH, value="swagger: 2.0")),
}
FINE = {
    "a question about all of them": (PASSES, program()),
    "an API that changes nothing": (
        REFUSES,
        program(PAY, paths={"/payments": {"get": {"operationId": "list"}}}),
    ),
}


def test_what_passes_by_is_named_with_its_place(found):
    assert ("fail", "it", "value.paths./payments/{id}.delete") in found(PASSES, program(PAY))


def test_another_service_that_is_asked_is_no_guard(outcomes):
    made = program(PAY, url="https://fraud.example.com/check")

    assert outcomes(PASSES, made) == {"not applicable"}


def test_every_rule_of_the_file_has_cases():
    assert {rule.id for rule in RULES if rule.id.startswith(A)} == CASES.keys()

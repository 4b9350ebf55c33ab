"""Our own API on Azure holds what the rules ask of anybody's."""

import pytest
from azure_place import PLACE, PROVIDERS, STORE

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.rules import RULES
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure import ApiGuard, ApiSecret, ApiTokens, AzureApi, AzureApiArgs
from pulumi_bulwark.openapi.load import load

RULES_OF_APIS = [rule for rule in RULES if rule.id.startswith("azure.api.")]
SHARED = {
    "backend_headers": {"X-Api-Key": "pay"},
}


@pytest.fixture(scope="module")
def document(request):
    return load(request.config.rootpath / "openapi" / "payments.yaml")


@pytest.fixture
def outcomes(preview, document):
    def of(**settings):
        args = AzureApiArgs(
            spec=ApiSpec(
                cors={"origins": ("https://app.example.com",)}, api_management=SHARED | settings
            ),
            document=document,
            place=PLACE,
            store=STORE,
            publisher_email="owner@example.com",
            guard=ApiGuard(
                url="https://guard.example.net/api/check",
                audience="api://guard",
                identity_id=f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/asks",
                client_id="00000000-0000-0000-0000-000000000009",
            ),
            tokens=ApiTokens(issuer="https://i", metadata_url="https://i/m", audiences=["api"]),
            secrets={
                "pay": ApiSecret(
                    id=f"{PROVIDERS}/Microsoft.KeyVault/vaults/v/secrets/pay",
                    uri="https://v.vault.azure.net/secrets/pay",
                )
            },
        )
        graph = preview(
            lambda: AzureApi("it", args),
            rendered=True,
            config={"azure-native:location": PLACE.location},
        )
        return [(f.rule.id, f.outcome) for f in judge(graph, RULES_OF_APIS)]

    return of


@pytest.mark.parametrize("sku", ["StandardV2", "Premium"])
def test_the_sample_api_passes_every_rule_of_apis(outcomes, sku):
    found = outcomes(sku=sku)

    assert {outcome for _, outcome in found} <= {"pass", "not applicable"}
    passed = {rule_id for rule_id, outcome in found if outcome == "pass"}
    own = {"azure.api.backends-are-called-over-tls", "azure.api.tokens-need-a-scope"}
    assert own <= passed

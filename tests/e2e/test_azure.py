"""Our own stack on Azure, as the engine sees it."""

import shutil

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture(params=["azure-dev", "azure-prod"])
def azure(create, repository, tmp_path, request):
    """Our program, with one of the sample stack files as its `dev`."""
    settings = tmp_path / "Pulumi.dev.yaml"
    shutil.copy(repository / f"Pulumi.{request.param}.yaml", settings)
    ours = [repository / name for name in ("__main__.py", "Pulumi.yaml", "openapi")]
    return create(*ours, settings)


def test_an_up_makes_it_in_order_and_a_second_changes_nothing(azure):
    azure.up()
    made = [entry["urn"].rpartition("$")[2].partition("::")[0] for entry in azure.cloud("create")]

    # The role counts before the account that needs it is made; the lock of prod comes last.
    assert made.index("time:index/sleep:Sleep") < made.index("azure-native:storage:StorageAccount")
    locks = [kind for kind in made if "ManagementLock" in kind]
    assert not locks or locks == made[-1:]

    assert azure.up().changes == {}


def test_another_rotation_makes_other_keys_and_lets_go_of_the_old_without_deleting(azure):
    azure.up()
    azure.set("bulwark:keys.rotationDays", 180)

    changes = azure.up().changes

    assert changes.get("create-replacement", changes.get("replace")) == 2
    deleted = [e["urn"] for e in azure.cloud("delete") if "keyvault:Key::" in e["urn"]]
    assert deleted == []


DEPLOY = {
    "repository": "acme/payments",
    "environment": "prod",
    "may": "deploy",
    "ownerId": 1,
    "repositoryId": 2,
}


@pytest.mark.parametrize("azure", ["azure-dev"], indirect=True)
def test_who_may_do_what_is_made_one_after_the_other_and_a_second_up_changes_nothing(azure):
    for name, value in DEPLOY.items():
        azure.set(f"bulwark:access.pipelines.deploy.{name}", value)
    person = "00000000-0000-0000-0000-00000000000b"
    azure.set("bulwark:access.breakGlass.users[0]", f"user:{person}")
    azure.set("bulwark:access.breakGlass.activationRules", "00000000-0000-0000-0000-00000000000c")

    azure.up()
    made = [entry["urn"].rpartition("::")[2] for entry in azure.cloud("create")]

    def at(name):
        return made.index(f"dev-access-{name}")

    assert at("deploy-identity") < at("deploy-trusts-0") < at("deploy-trusts-1")
    assert at("deploys-role") < at("deploy-deploys")
    assert max(at("break-glass-alert"), at("break-glass-rules")) < at(f"break-glass-{person}")
    assert azure.up().changes == {}

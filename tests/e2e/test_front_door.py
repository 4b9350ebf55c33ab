"""A front door of a thousand operations on the real engine."""

import pytest
import yaml

pytestmark = pytest.mark.e2e

OPERATIONS = 1_000
METHODS = ("get", "put", "post", "delete")


def operation(number):
    return {
        "operationId": f"operation{number}",
        "x-bulwark-public": "Nobody has anything to hide here",
        "security": [],
        "responses": {"204": {"description": "Done"}},
    }


@pytest.fixture
def front_door(create, repository):
    project = create(repository / "__main__.py", repository / "Pulumi.yaml")
    paths = {
        # Below API Gateway's 300 nodes of paths.
        f"/r{start}": {method: operation(start + number) for number, method in enumerate(METHODS)}
        for start in range(0, OPERATIONS, len(METHODS))
    }
    document = {"openapi": "3.0.3", "info": {"title": "Many", "version": "1"}, "paths": paths}
    (project.folder / "openapi").mkdir()
    (project.folder / "openapi" / "many.yaml").write_text(yaml.safe_dump(document))
    settings = {
        "aws:region": "eu-central-1",
        "bulwark:cloud": "aws",
        "bulwark:profile": "dev",
        "bulwark:tags": {
            "owner": "me",
            "environment": "dev",
            "costCenter": "1",
            "dataClassification": "internal",
        },
        "bulwark:api": {"openapi": "openapi/many.yaml"},
    }
    file = project.folder / "Pulumi.dev.yaml"
    kept = yaml.safe_load(file.read_text()) if file.exists() else {}
    kept["config"] = {**(kept.get("config") or {}), **settings}
    file.write_text(yaml.safe_dump(kept))
    return project


def test_a_second_up_of_a_thousand_operations_changes_nothing(front_door):
    made = front_door.up()
    assert made.changes["create"] < OPERATIONS / 3

    body = front_door.resources()["dev-api-api"]["inputs"]["body"]
    assert body.count('"operationId"') == OPERATIONS
    assert front_door.up().changes == {}


def test_a_word_in_the_document_deploys_anew_and_nothing_else(front_door):
    front_door.up()
    file = front_door.folder / "openapi" / "many.yaml"
    file.write_text(file.read_text().replace("/r0:", "/r0-renamed:"))

    # The stand-in updates the deployment, which AWS's own provider makes anew.
    assert front_door.up().changes == {"update": 2}
    changed = {entry["name"] for entry in front_door.cloud("update")}
    assert changed == {"dev-api-api", "dev-api-deployment"}

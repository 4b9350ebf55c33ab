import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_settings_are_listed_with_their_origin(bulwark):
    result = bulwark("config", "-C", ROOT, "-s", "dev")

    assert result.status == 0
    rows = {line.split()[0]: line for line in result.out.splitlines()}
    assert rows["bulwark:profile"].endswith("stack file")
    assert rows["bulwark:keys.deletionWindowDays"].endswith("profile dev")
    assert rows["bulwark:keys.rotationDays"].endswith("default")


def test_settings_are_listed_as_json(bulwark):
    rows = json.loads(bulwark("config", "-C", ROOT, "-s", "prod", "--format", "json").out)

    found = {row["path"]: (row["value"], row["origin"]) for row in rows}
    assert found["bulwark:protection.deletion"] == (True, "default")
    assert found["bulwark:keys.administrators"] == ([], "default")


def test_a_wrong_setting_is_told_as_in_a_preview(bulwark, project):
    folder = project("", pulumi="name: bulwark\nruntime: python\n", config="{profile: dev}")

    result = bulwark("config", "-C", folder)

    assert result.status == 2
    assert "bulwark:cloud: missing. The cloud to deploy to" in result.err


def test_the_schema_goes_to_standard_output(bulwark):
    assert json.loads(bulwark("schema").out)["properties"]["config"]["required"] == [
        "bulwark:cloud",
        "bulwark:profile",
        "bulwark:tags",
    ]

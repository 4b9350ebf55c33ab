import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
KEY = "import pulumi_aws as aws\naws.kms.Key('key')\n"


def test_the_tree_shows_components_counts_exports_notes_and_a_summary(bulwark):
    result = bulwark("preview", "-C", ROOT, "-s", "prod")

    assert result.status == 0
    assert "prod  " in result.out
    assert re.search(r"^prod +bulwark\.AwsStack · \d+ resources$", result.out, re.MULTILINE)
    assert re.search(r"^├─ prod-keys +bulwark\.AwsKeys · 8 resources$", result.out, re.MULTILINE)
    assert re.search(r"prod-keys-data +aws\.kms\.Key  protected\n", result.out)
    assert re.search(r"keyIds\.data +\[known after up: prod-keys-data\]", result.out)
    assert "about 4 USD a month" in result.out
    assert re.search(r"aws\.kms 8, .*\), [1-9]\d+ protected, 0 input problems\.", result.out)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_our_own_stacks_have_no_input_that_the_provider_does_not_know(bulwark, stack):
    graph = json.loads(bulwark("preview", "-C", ROOT, "-s", stack, "--format", "json").out)

    assert graph["problems"] == []
    assert len(graph["resources"]) > 10


TANGLE = """
import pulumi, pulumi_aws as aws

class Site(pulumi.ComponentResource):
    def __init__(self, name, keys):
        super().__init__("test:index:Site", name)
        child = pulumi.ResourceOptions(parent=self, depends_on=keys)
        self.bucket = aws.s3.Bucket(f"{name}-bucket", opts=child)
        both = pulumi.Output.all(self.bucket.arn, *[key.arn for key in keys])
        aws.s3.BucketPolicy(f"{name}-policy", bucket=self.bucket.id, policy=both.apply(str))
        self.register_outputs({"all": [self.bucket.arn, {"keys": both}]})

keys = [aws.kms.Key(f"key{i}") for i in range(9)]
sites = [Site(f"site{i}", keys[: i + 1]) for i in range(9)]
keys[3].arn.apply(lambda arn: aws.kms.Alias("late", target_key_id=arn))
pulumi.export("sites", {f"s{i}": site.bucket.arn for i, site in enumerate(sites)})
"""


def with_seed(folder, seed, *arguments):
    return subprocess.run(
        [Path(sys.executable).parent / "bulwark", "preview", *arguments],
        check=True,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed},
    ).stdout


@pytest.mark.parametrize("mode", [[], ["--rendered"]])
def test_two_runs_print_the_same_bytes_whatever_the_hash_seed(project, mode):
    folder = project(TANGLE)

    def run(seed):
        return with_seed(folder, seed, *mode, "--format", "json")

    assert run("1") == run("2") == run("3")


@pytest.mark.parametrize(("mode", "drawing"), [([], "it.html"), (["--rendered"], "it.svg")])
def test_two_runs_draw_our_stack_with_the_same_bytes(tmp_path, mode, drawing):
    def run(seed):
        file = tmp_path / seed / drawing
        arguments = ["-s", "prod", "--format", "json", "--drawing", file]
        return with_seed(ROOT, seed, *mode, *arguments), file.read_bytes()

    assert run("1") == run("2")


@pytest.mark.parametrize("mode", [[], ["--rendered"]])
def test_the_json_is_what_its_schema_says(bulwark, mode):
    schema = json.loads((ROOT / "docs" / "graph.schema.json").read_text())
    result = bulwark("preview", "-C", ROOT, "-s", "prod", "--format", "json", *mode)

    faults = jsonschema.Draft202012Validator(schema).iter_errors(json.loads(result.out))
    assert list(faults) == []


def test_rendered_leaves_nothing_of_our_stack_unknown(bulwark):
    result = bulwark("preview", "-C", ROOT, "-s", "prod", "--rendered", "--format", "json")

    assert "$unknown" not in result.out


def test_an_input_problem_is_a_finding(bulwark, project):
    main = (
        "import pulumi_aws as aws\n"
        "aws.s3.BucketVersioning('v', bucket='b', versioning_configuration={'statsu': 'Enabled'})\n"
    )

    result = bulwark("preview", "-C", project(main))

    assert result.status == 1
    assert "input: v (__main__.py:2): versioningConfiguration.statsu: " in result.err
    assert "did you mean status?" in result.err


def test_the_result_can_go_to_a_file(bulwark, project, tmp_path):
    result = bulwark("preview", "-C", project(KEY), "-o", tmp_path / "out" / "tree.txt")

    assert result.out == ""
    assert "aws.kms.Key" in (tmp_path / "out" / "tree.txt").read_text()


def test_the_only_stack_needs_no_name(bulwark, project):
    assert bulwark("preview", "-C", project(KEY)).status == 0


def test_with_several_stacks_one_must_be_named(bulwark):
    result = bulwark("preview", "-C", ROOT)

    assert result.status == 2
    there = "azure-dev, azure-prod, dev, prod, staging"
    assert f"which stack? use -s STACK; there are: {there}" in result.err


def test_no_such_stack(bulwark):
    result = bulwark("preview", "-C", ROOT, "-s", "pord")

    assert result.status == 2
    assert result.err == (
        "error: no such stack: there is no Pulumi.pord.yaml; did you mean prod?\n"
    )


def test_broken_yaml(bulwark, project):
    result = bulwark("preview", "-C", project(KEY, config="[1, {"))

    assert result.status == 2
    assert "Pulumi.dev.yaml:2:1: not YAML" in result.err


def test_every_problem_of_the_config_is_told_in_one_message(bulwark, ours):
    folder = ours("""
config:
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:tags: {owner: me, environment: dev, dataClassification: internal}
  bulwark:keys: {rotationDays: 9}
  bulwark:kyes: {}
""")

    result = bulwark("preview", "-C", folder)

    assert result.status == 2
    assert [line.split(": ")[0] for line in result.err.removeprefix("error: ").splitlines()] == [
        "bulwark:keys.rotationDays",
        "bulwark:kyes",
        "bulwark:tags.costCenter",
    ]


def test_a_wrong_kind_is_told_together_with_the_rest(bulwark, ours):
    folder = ours("""
config:
  bulwark:cloud: aws
  bulwark:profile: 3
  bulwark:tags: hello
  bulwark:keys: {rotationDays: 9}
""")

    result = bulwark("preview", "-C", folder)

    assert result.status == 2
    assert [line.split(": ")[0] for line in result.err.removeprefix("error: ").splitlines()] == [
        "bulwark:keys.rotationDays",
        "bulwark:profile",
        "bulwark:tags",
    ]


def test_an_account_in_the_config_is_the_one_the_preview_is_in(bulwark, ours):
    account, ours_is = "bulwark:account: {", 'bulwark:account: {id: "111111111111", '
    folder = ours((ROOT / "Pulumi.dev.yaml").read_text().replace(account, ours_is))

    result = bulwark("preview", "-C", folder, "--rendered")

    assert result.status == 0, result.err
    assert "arn:aws:kms:eu-central-1:111111111111:key/" in result.out


def test_a_program_that_raises_shows_its_own_frames(bulwark, project):
    result = bulwark("preview", "-C", project("def f():\n    raise ValueError('no')\nf()\n"))

    assert result.status == 3
    assert result.err == (
        "error: the program raised:\n"
        '  File "__main__.py", line 3, in <module>\n'
        "    f()\n"
        '  File "__main__.py", line 2, in f\n'
        "    raise ValueError('no')\n"
        "ValueError: no\n"
    )


def test_a_program_with_a_syntax_error_shows_the_line(bulwark, project):
    result = bulwark("preview", "-C", project("x = = 1\n"))

    assert result.status == 3
    assert "__main__.py" in result.err
    assert "SyntaxError" in result.err


def test_a_module_that_is_not_installed_says_where_to_install_it(bulwark, project):
    result = bulwark("preview", "-C", project("import not_there\n"))

    assert result.status == 3
    assert "No module named 'not_there'" in result.err
    assert sys.executable in result.err


def test_a_duplicate_name_says_where_both_are(bulwark, project):
    result = bulwark("preview", "-C", project(KEY + "aws.kms.Key('key')\n"))

    assert result.status == 3
    assert "are named key (at __main__.py:2 and __main__.py:3); give one" in result.err


def test_a_look_up_without_a_fixture_shows_how_to_answer_it(bulwark, project, tmp_path):
    main = (
        "import pulumi, pulumi_aws as aws\n"
        "pulumi.export('v', aws.ec2.get_vpc(id='vpc-1').cidr_block)\n"
    )
    folder = project(main)

    result = bulwark("preview", "-C", folder)
    assert result.status == 2
    assert "aws:ec2/getVpc:getVpc" in result.err
    assert "bulwark.lookups.yaml" in result.err

    (folder / "bulwark.lookups.yaml").write_text(
        "lookups:\n  aws:ec2/getVpc:getVpc:\n    returns: {cidrBlock: 10.0.0.0/16}\n"
    )
    answered = bulwark("preview", "-C", folder)
    assert answered.status == 0
    assert "10.0.0.0/16" in answered.out


def test_an_output_that_another_stack_does_not_have_is_an_error_without_noise(project):
    folder = project(
        "import pulumi\n"
        "other = pulumi.StackReference('org/network/prod')\n"
        "pulumi.export('v', other.require_output('missing'))\n"
    )
    (folder / "bulwark.lookups.yaml").write_text("stacks:\n  org/network/prod: {vpcId: vpc-1}\n")

    # In a process of its own: what is left behind is told when the interpreter ends.
    command = [Path(sys.executable).parent / "bulwark", "preview", "-C", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stderr.startswith("error: the program raised:\n  File ")
    assert done.stderr.endswith("KeyError: 'missing'\n")
    assert "Warning" not in done.stderr


def test_another_stacks_outputs_come_from_the_answers(bulwark, project, tmp_path):
    main = (
        "import pulumi\n"
        "other = pulumi.StackReference('org/network/prod')\n"
        "pulumi.export('v', other.require_output('vpcId'))\n"
    )
    answers = tmp_path / "answers.yaml"
    answers.write_text("stacks:\n  org/network/prod: {vpcId: vpc-123}\n")

    result = bulwark("preview", "-C", project(main), "--lookups", answers)

    assert result.status == 0, result.err
    assert "vpc-123" in result.out


def test_an_encrypted_setting_needs_no_passphrase_and_is_never_shown(bulwark, project):
    main = (
        "import pulumi, pulumi_aws as aws\n"
        "secret = pulumi.Config().require_secret('password')\n"
        "aws.ssm.Parameter('p', type='SecureString', value=secret)\n"
        "pulumi.export('secret', secret)\n"
    )
    folder = project(main, config="{password: {secure: v1:hunter2}}")

    tree = bulwark("preview", "-C", folder)
    graph = bulwark("preview", "-C", folder, "--format", "json")

    assert tree.status == graph.status == 0, tree.err
    assert "[secret]" in tree.out
    assert json.loads(graph.out)["outputs"] == {"secret": {"$secret": True}}
    assert "hunter2" not in tree.out + tree.err + graph.out + graph.err


def test_a_secret_in_a_plain_setting_is_refused_without_being_shown(bulwark, ours):
    folder = ours("""
config:
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:tags: {owner: {secure: v1:hunter2}, environment: dev}
""")

    result = bulwark("preview", "-C", folder)

    assert result.status == 2
    assert "bulwark:tags: is encrypted, and no setting of Bulwark is a secret" in result.err
    assert "hunter2" not in result.err


def test_a_typing_error_on_the_command_line_is_a_usage_error(bulwark):
    assert bulwark("preview", "--formt", "json").status == 2
    assert bulwark("previw").status == 2


def test_the_working_folder_is_the_same_afterwards(bulwark, project):
    before = Path.cwd()

    bulwark("preview", "-C", project("raise SystemExit(1)"))

    assert Path.cwd() == before


def test_a_page_and_a_picture_are_formats(bulwark):
    page = bulwark("preview", "-C", ROOT, "-s", "dev", "--format", "html")
    picture = bulwark("preview", "-C", ROOT, "-s", "dev", "--format", "svg")

    assert page.status == picture.status == 0, page.err + picture.err
    assert page.out.startswith("<!doctype html>")
    assert picture.out.startswith("<svg ")


@pytest.mark.parametrize(("mode", "runs"), [(["--rendered"], "x"), ([], "xx")])
def test_tree_drawing_and_verdicts_come_from_one_run_and_one_with_placeholders(
    bulwark, project, tmp_path, mode, runs
):
    folder = project("with open('runs', 'a') as runs:\n    runs.write('x')\n" + KEY)
    file = tmp_path / "out" / "dev.html"

    result = bulwark("preview", "-C", folder, "--drawing", file, *mode)

    assert result.status == 0, result.err
    assert "aws.kms.Key" in result.out
    said = r"^Rules: \d+ pass, \d+ fail.*; bulwark check shows them\.$"
    assert re.search(said, result.out, re.MULTILINE)
    assert result.err == f"drawing: {file}\n"
    assert file.read_text().startswith("<!doctype html>")
    assert (folder / "runs").read_text() == runs


def test_what_a_program_says_in_its_run_with_placeholders_is_not_heard(bulwark, project):
    result = bulwark("preview", "-C", project("print('once')\n" + KEY))

    assert result.err == "once\n"


def test_a_program_that_does_not_run_with_placeholders_is_shown_all_the_same(bulwark, project):
    main = KEY + "key = aws.kms.Key('other')\nkey.arn.apply(lambda arn: 1 / 0)\n"
    result = bulwark("preview", "-C", project(main))

    assert result.status == 0
    assert "Rules: not judged; bulwark check says why." in result.out


def test_a_drawing_is_a_page_or_a_picture_by_its_name(bulwark, project, tmp_path):
    folder = project(KEY)

    assert bulwark("preview", "-C", folder, "--drawing", tmp_path / "a.svg").status == 0
    refused = bulwark("preview", "-C", folder, "--drawing", tmp_path / "a.png")

    assert (tmp_path / "a.svg").read_text().startswith("<svg ")
    assert refused.status == 2
    assert "name a file that ends in .html or .svg" in refused.err


def test_a_drawing_without_its_extra_is_a_usage_error(bulwark, project, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphlay", None)

    result = bulwark("preview", "-C", project(KEY), "--format", "svg")

    assert result.status == 2
    assert "pip install 'pulumi-bulwark[drawing]'" in result.err
    assert len(result.err.splitlines()) == 1


def test_the_drawing_of_our_stack_shows_its_settings(bulwark):
    page = bulwark("preview", "-C", ROOT, "-s", "prod", "--format", "html").out

    keys = page.split('data-title="Keys"')[1].split("</details></li>")[0]
    assert "<dt>bulwark:keys.rotationDays</dt>" in keys
    assert "<dt>bulwark:tags.owner</dt>" not in keys
    assert "<dt>bulwark:tags.owner</dt>" in page


def written(bulwark, folder, name, *options):
    file = folder / name
    bulwark("preview", "-C", folder, "--format", "json", "-o", file, *options)
    return file


def test_the_difference_to_another_commit_is_shown_and_is_no_fault(bulwark, project):
    folder = project(KEY)
    base = written(bulwark, folder, "base.json", "--rendered")
    project(KEY.replace("'key'", "'key', description='x', enable_key_rotation=True"))

    terminal = bulwark("preview", "-C", folder, "--format", "diff", "--against", base)
    comment = bulwark("preview", "-C", folder, "--format", "diff-markdown", "--against", base)

    assert (terminal.status, comment.status) == (0, 0)
    assert '+  description: "x"' in terminal.out
    assert "passes now" in terminal.out
    assert comment.out.startswith("<!-- bulwark-diff app/dev -->\n")


def test_nothing_has_changed_since_the_same_commit(bulwark, tmp_path):
    base = tmp_path / "base.json"
    bulwark("preview", "-C", ROOT, "-s", "prod", "--rendered", "--format", "json", "-o", base)
    result = bulwark("preview", "-C", ROOT, "-s", "prod", "--format", "diff", "--against", base)

    assert (result.status, result.out) == (0, "Nothing changes in prod of bulwark.\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "diff"], "--against FILE and --format diff or diff-markdown go together"),
        (["--against", "plain.json"], "go together"),
        (["--format", "diff", "--against", "plain.json"], "plain.json: it is engine, and this is"),
        (["--format", "diff", "--against", "__main__.py"], "__main__.py: is not JSON"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(bulwark, project, monkeypatch, options, said):
    folder = project(KEY)
    written(bulwark, folder, "plain.json")
    monkeypatch.chdir(folder)

    result = bulwark("preview", *options)

    assert result.status == 2
    assert said in result.err

import importlib
import json
import zipfile

import pytest

from pulumi_bulwark.function import Package
from pulumi_bulwark.function.code import FOLDER, jobs
from pulumi_bulwark.function.packaged import made_of


@pytest.fixture
def payouts(project):
    """A project with a function of its own in a folder."""
    root = project("")
    (root / "payouts").mkdir()
    (root / "payouts" / "main.py").write_text("def handler(event, context): ...\n")
    return root


def test_a_folder_becomes_a_zip_and_its_bill_of_materials(bulwark, payouts):
    result = bulwark("package", "-C", payouts, "payouts")

    assert result.status == 0
    made = {path.name for path in (payouts / "build" / "functions").iterdir()}
    assert made == {"payouts-python3.13-arm64.zip", "payouts-python3.13-arm64.cdx.json"}
    assert result.out.startswith("build/functions/payouts-python3.13-arm64.zip\n")
    assert " of 50 MB" in result.out


@pytest.mark.parametrize("spelt", ["functions/pay", "./functions/pay", "functions/pay/"])
def test_the_zip_is_where_the_engine_looks_whatever_the_function_is_called(bulwark, payouts, spelt):
    (payouts / "functions").mkdir()
    (payouts / "payouts").rename(payouts / "functions" / "pay")
    package = Package("payouts", folder="functions/pay")

    assert bulwark("package", "-C", payouts, spelt).status == 0

    made = payouts / FOLDER / package.zip_name("python3.13", "arm64")
    assert made_of(made) == package.digest(payouts, "python3.13", "arm64")


@pytest.mark.parametrize("outside", ["..", "/"])
def test_a_folder_outside_the_project_is_refused(bulwark, payouts, outside):
    assert bulwark("package", "-C", payouts, outside).status == 2


def test_the_zip_is_below_the_project_wherever_the_command_is_started(bulwark, payouts):
    assert bulwark("package", "-C", payouts / "payouts", "payouts").status == 0
    assert (payouts / "build" / "functions").is_dir()


def test_its_json_has_what_a_pipeline_asks_for(bulwark, payouts):
    result = bulwark("package", "-C", payouts, "payouts", "--format", "json")

    (made,) = json.loads(result.out)
    assert made["path"] == "build/functions/payouts-python3.13-arm64.zip"
    assert made["fits"] is True
    assert len(made["sha256"]) == 64


def test_a_function_for_another_machine_has_its_own_zip(bulwark, payouts):
    bulwark("package", "-C", payouts, "payouts", "--architecture", "x86_64", "--python", "3.12")

    assert (payouts / "build" / "functions" / "payouts-python3.12-x86_64.zip").is_file()


def test_what_is_neither_a_job_nor_a_folder_is_refused(bulwark, payouts):
    result = bulwark("package", "-C", payouts, "payuots")

    assert result.status == 2
    assert f"Jobs: {', '.join(jobs())}." in result.err


def test_a_lock_that_is_none_is_refused(bulwark, payouts):
    (payouts / "payouts" / "requirements.txt").write_text("idna\n")

    result = bulwark("package", "-C", payouts, "payouts")

    assert result.status == 2
    assert "which idna to take" in result.err


def test_a_package_that_lambda_would_refuse_is_a_finding(bulwark, payouts, monkeypatch):
    for place in ("packaging.build", "cli.package"):
        module = importlib.import_module(f"bulwark_toolkit.{place}")
        monkeypatch.setitem(module.LARGEST, "aws", (1024 * 1024, 1024 * 1024))
    (payouts / "payouts" / "data").write_bytes(b"\0" * (1024 * 1024))

    result = bulwark("package", "-C", payouts, "payouts")

    assert result.status == 1
    assert "too large for Lambda" in result.out


def test_a_package_for_azure_has_its_host_file_and_its_wheels_where_azure_looks(bulwark, payouts):
    result = bulwark("package", "-C", payouts, "payouts", "--cloud", "azure")

    made = payouts / FOLDER / "payouts-python3.13-azure.zip"
    with zipfile.ZipFile(made) as file:
        assert {"function_app.py", "host.json", "main.py"} <= set(file.namelist())
        assert json.loads(file.read("host.json"))["extensions"]["http"]["routePrefix"] == ""
    assert result.status == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--architecture", "arm64"], "x86_64 alone"),
        (["--python", "3.14"], "does not have Python 3.14"),
    ],
)
def test_what_azure_does_not_run_is_refused(bulwark, payouts, asked, said):
    result = bulwark("package", "-C", payouts, "payouts", "--cloud", "azure", *asked)

    assert result.status == 2
    assert said in result.err


def test_a_pipe_gets_the_result_and_no_progress(bulwark, payouts):
    assert bulwark("package", "-C", payouts, "payouts").err == ""


@pytest.mark.parametrize("version", ["3", "2.7", "3.11", "latest", "3.13.1"])
def test_a_python_that_lambda_does_not_name_is_refused(bulwark, payouts, version):
    assert bulwark("package", "-C", payouts, "payouts", "--python", version).status == 2

import json
import os
import shutil
import stat
import subprocess
import zipfile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bulwark_toolkit.packaging import PackagingError, Target, build
from pulumi_bulwark.function import Package
from pulumi_bulwark.function.packaged import made_of

ARM = Target((3, 13), "arm64")
AZURE = Target((3, 13), "x86_64", "azure")
PAYOUTS = Package("payouts", folder="payouts")


@pytest.fixture
def downloaded(project):
    """Package the project's function with the lines of a lock."""

    def make(*lock, target=ARM):
        if lock:
            (project / "payouts" / "requirements.txt").write_text("\n".join(lock) + "\n")
        return build(PAYOUTS, target, project)

    return make


@pytest.fixture
def made(downloaded, project, tmp_path):
    """The same, with what the index has in the cache already: pip takes a second to start."""

    def make(*lock, target=ARM):
        machine = f"{target.runtime}-{target.architecture}"
        if target.cloud == "azure":
            machine += "-azure"
        cache = project / "build" / "wheels" / machine
        if (tmp_path / "index").is_dir():
            shutil.copytree(tmp_path / "index", cache, dirs_exist_ok=True)
        return downloaded(*lock, target=target)

    return make


def names(built):
    with zipfile.ZipFile(built.path) as file:
        return file.namelist()


def test_a_package_has_its_code_and_what_its_lock_names(made, index):
    built = made(index.add("blue"))

    assert set(names(built)) == {
        "blue.py",
        "blue-1.0.dist-info/METADATA",
        "blue-1.0.dist-info/WHEEL",
        "main.py",
    }
    assert built.packages == ("blue==1.0",)


def test_a_package_for_azure_lies_as_azure_looks_for_it(made, index, project):
    built = made(index.add("blue"), target=AZURE)

    assert set(names(built)) == {
        ".python_packages/lib/site-packages/blue-1.0.dist-info/METADATA",
        ".python_packages/lib/site-packages/blue-1.0.dist-info/WHEEL",
        ".python_packages/lib/site-packages/blue.py",
        "function_app.py",
        "host.json",
        "main.py",
    }
    assert built.path.name == "payouts-python3.13-azure.zip"
    assert made_of(built.path) == PAYOUTS.digest(project, "python3.13", "x86_64", "azure")


def test_two_builds_for_azure_have_the_same_bytes(made, index, project):
    first = made(index.add("blue"), target=AZURE)
    shutil.rmtree(project / "build")

    assert made(target=AZURE).sha256 == first.sha256


def test_a_host_file_of_ones_own_is_not_mixed_with_ours(made, project):
    (project / "payouts" / "host.json").write_text("{}")

    with pytest.raises(PackagingError, match=r"another host\.json"):
        made(target=AZURE)


def test_azures_older_machine_takes_no_wheel_for_a_newer(downloaded, index):
    lock = index.add("fast", tags="cp313-cp313-manylinux_2_34_x86_64")

    with pytest.raises(PackagingError, match="could not get the wheels"):
        downloaded(lock, target=AZURE)


def test_any_zip_reader_can_read_it(made, index):
    built = made(index.add("blue", files={"blue.py": "x = 1\n" * 999, "empty.py": ""}))

    with zipfile.ZipFile(built.path) as file:
        assert file.testzip() is None
        assert file.read("blue.py").decode() == "x = 1\n" * 999
        assert file.read("empty.py") == b""
    assert built.zip_bytes < built.unpacked_bytes


def test_info_zip_reads_it_too(made, index):
    if not shutil.which("unzip"):
        pytest.skip("no unzip here")
    built = made(index.add("blue"))

    assert subprocess.run(["unzip", "-tq", built.path], check=False).returncode == 0


def test_two_builds_have_the_same_bytes(made, index, project):
    first = made(index.add("blue"), index.add("red"))
    shutil.rmtree(project / "build")
    code = project / "payouts" / "main.py"
    os.utime(code, (0, 0))
    code.chmod(0o700)
    (project / "payouts" / "__pycache__").mkdir()
    (project / "payouts" / "__pycache__" / "main.cpython-313.pyc").write_bytes(b"x")

    assert made().sha256 == first.sha256


def test_the_bytes_are_those_that_every_machine_makes(made, index):
    """Changes with the compressor, its level, or the layout of the zip, and with nothing else."""
    built = made(index.add("blue", files={"blue.py": "x = 1\n" * 999}))

    assert built.sha256 == "39cf7838c404eb0f4b922e370ed6bc8fc47dbd2d6cc407a9954a3b91c738dda5"


def test_every_file_is_dated_alike_and_may_be_read_by_all(made, index):
    built = made(index.add("blue"))

    with zipfile.ZipFile(built.path) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        modes = {entry.external_attr >> 16 for entry in file.infolist()}
        assert modes == {stat.S_IFREG | 0o644}
        assert file.namelist() == sorted(file.namelist())


def test_a_comment_in_the_lock_changes_nothing(made, index):
    line = index.add("blue")
    before = made(line).sha256

    assert made("# why", f"{line}  # via payouts").sha256 == before


def test_code_pins_and_target_each_change_the_digest(made, index, project):
    seen = {made(index.add("blue")).sha256, made(index.add("blue", "2.0")).sha256}
    seen.add(made(target=Target((3, 14), "arm64")).sha256)
    seen.add(made(target=Target((3, 13), "x86_64")).sha256)
    (project / "payouts" / "main.py").write_text("def handler(event, context): ...\n")
    seen.add(made().sha256)

    assert len(seen) == 5


def test_it_says_what_it_was_made_of(made, project):
    assert made_of(made().path) == PAYOUTS.digest(project, "python3.13", "arm64")


def test_the_wheel_for_the_functions_machine_is_taken_and_not_for_this_one(downloaded, index):
    lines = [
        index.add("fast", tags="cp313-cp313-manylinux_2_28_aarch64", files={"fast.py": "arm"}),
        index.add("fast", tags="cp313-cp313-manylinux_2_28_x86_64", files={"fast.py": "intel"}),
    ]
    hashes = " ".join(line.partition(" ")[2] for line in lines)

    def content(architecture):
        built = downloaded(f"fast==1.0 {hashes}", target=Target((3, 13), architecture))
        with zipfile.ZipFile(built.path) as file:
            return file.read("fast.py").decode()

    assert content("arm64") == "arm"
    assert content("x86_64") == "intel"


def test_of_two_wheels_that_fit_the_one_for_the_newest_system_is_taken(made, index, project):
    old = index.add("fast", tags="cp313-cp313-manylinux_2_17_aarch64", files={"fast.py": "old"})
    new = index.add("fast", tags="cp313-cp313-manylinux_2_28_aarch64", files={"fast.py": "new"})

    built = made(f"{old} {new.partition(' ')[2]}")

    with zipfile.ZipFile(built.path) as file:
        assert file.read("fast.py") == b"new"


def test_markers_are_asked_about_the_functions_machine(made, index):
    built = made(
        index.add("arm", marker="platform_machine == 'aarch64'"),
        index.add("intel", marker="platform_machine == 'x86_64'"),
        index.add("old", marker="python_version < '3.12'"),
        index.add("windows", marker="sys_platform == 'win32'"),
    )

    assert built.packages == ("arm==1.0",)


def test_what_nothing_imports_is_left_out(made, index):
    built = made(
        index.add(
            "blue",
            files={
                "blue.py": "",
                "blue.pyc": "cache",
                "blue-1.0.data/scripts/blue": "#!python",
                "blue-1.0.data/purelib/more.py": "",
                "blue-1.0.dist-info/RECORD.jws": "",
            },
        )
    )

    assert [n for n in names(built) if "dist-info" not in n] == ["blue.py", "main.py", "more.py"]
    assert not [n for n in names(built) if "RECORD" in n]


def test_with_the_wheels_in_the_cache_no_index_is_asked(downloaded, index, monkeypatch):
    first = downloaded(index.add("blue"))
    shutil.rmtree(index.folder)

    assert downloaded().sha256 == first.sha256


def test_a_wheel_that_is_not_the_one_in_the_lock_is_not_taken(downloaded, index, project):
    line = index.add("blue")
    index.add("blue", files={"blue.py": "import evil\n"})

    with pytest.raises(PackagingError, match="could not get the wheels"):
        downloaded(line)


def test_a_tampered_wheel_in_the_cache_is_fetched_again(downloaded, index, project):
    first = downloaded(index.add("blue"))
    (wheel,) = (project / "build" / "wheels" / "python3.13-arm64").iterdir()
    wheel.write_bytes(b"something else")

    assert downloaded().sha256 == first.sha256


def test_what_has_no_wheel_for_the_machine_is_refused(downloaded, index):
    line = index.add("fast", tags="cp313-cp313-macosx_11_0_arm64")

    with pytest.raises(PackagingError, match=r"Python 3\.13 on arm64"):
        downloaded(line)


@pytest.mark.parametrize(
    "line",
    [
        "blue",
        "blue==1.0",
        "blue>=1.0 --hash=sha256:" + "0" * 64,
        "blue @ https://example.com/blue.whl --hash=sha256:" + "0" * 64,
    ],
)
def test_a_line_that_does_not_say_which_file_is_refused(made, line):
    with pytest.raises(PackagingError, match="which blue to take"):
        made(line)


def test_an_option_in_the_lock_is_refused_and_not_shown(made):
    with pytest.raises(PackagingError) as error:
        made("--index-url https://me:hunter2@example.com/simple")

    assert "hunter2" not in str(error.value)


def test_two_files_in_one_place_are_refused(made, index):
    with pytest.raises(PackagingError, match=r"another main\.py"):
        made(index.add("blue", files={"main.py": "import evil\n"}))


@pytest.mark.parametrize("path", ["../evil.py", "/evil.py"])
def test_a_wheel_that_reaches_outside_is_refused(made, index, path):
    with pytest.raises(PackagingError, match="outside"):
        made(index.add("blue", files={path: ""}))


class TestBillOfMaterials:
    @pytest.fixture
    def bill(self, made, index):
        def make():
            blue = index.add("blue", needs=["red>=1", 'win; sys_platform == "win32"'])
            built = made(blue, index.add("red"))
            return json.loads(built.sbom.read_text()), built

        return make

    def test_it_is_one(self, bill):
        _, built = bill()

        validator = JsonStrictValidator(SchemaVersion.V1_6)
        assert validator.validate_str(built.sbom.read_text()) is None

    def test_it_names_the_zip_by_its_digest_and_each_wheel_by_its_own(self, bill, index):
        found, built = bill()

        (zipped,) = found["metadata"]["component"]["hashes"]
        assert zipped["content"] == built.sha256
        parts = {c["purl"]: c for c in found["components"]}
        assert set(parts) == {"pkg:pypi/blue@1.0", "pkg:pypi/red@1.0"}
        assert parts["pkg:pypi/blue@1.0"]["licenses"] == [{"license": {"id": "MIT"}}]

    def test_it_says_what_needs_what(self, bill):
        found, _ = bill()

        needs = {d["ref"]: d.get("dependsOn", []) for d in found["dependencies"]}
        assert needs == {
            "payouts": ["pkg:pypi/blue@1.0"],
            "pkg:pypi/blue@1.0": ["pkg:pypi/red@1.0"],
            "pkg:pypi/red@1.0": [],
        }

    def test_two_runs_write_the_same(self, bill, project):
        first = bill()[1].sbom.read_bytes()
        shutil.rmtree(project / "build")

        assert bill()[1].sbom.read_bytes() == first

    def test_its_time_is_that_of_the_source(self, bill, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767323045")

        assert bill()[0]["metadata"]["timestamp"] == "2026-01-02T03:04:05+00:00"

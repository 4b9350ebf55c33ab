"""The vault on a laptop, as the README shows it."""

import json
import os
import subprocess
import sys

import pytest

from bulwark_runtime.credentials.__main__ import VERBS

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven 7 green boats at noon"


@pytest.fixture
def vault(tmp_path):
    def run(verb, *arguments, typed=()):
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "bulwark_runtime.credentials", verb, *arguments],
            input="".join(f"{line}\n" for line in typed),
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            check=False,
        )
        answer = json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout
        return done.returncode, answer, done.stderr

    return run


def test_sign_up_sign_in_and_lockout(vault):
    assert vault("register", "ada", typed=[PASSWORD])[1]["outcome"] == "done"
    for _ in range(3):
        assert vault("verify", "ada", "--source", "198.51.100.9", typed=["guess"])[0] == 1
    status, locked, _ = vault("verify", "ada", "--source", "198.51.100.9", typed=[PASSWORD])
    assert (status, locked["outcome"]) == (1, "delayed")
    status, elsewhere, _ = vault("verify", "ada", "--source", "203.0.113.7", typed=[PASSWORD])
    assert (status, elsewhere["outcome"]) == (0, "done")


def test_a_forgotten_password_is_reset(vault):
    vault("register", "ada", typed=[PASSWORD])
    token = vault("begin-reset", "ada")[1]["token"]

    assert vault("finish-reset", "ada", typed=[token, OTHER])[1]["outcome"] == "done"
    assert vault("verify", "ada", typed=[OTHER])[1]["outcome"] == "done"


def test_what_is_wrong_with_a_password_is_said(vault):
    status, answer, _ = vault("register", "ada", typed=["password1234"])

    assert status == 1
    assert answer == {"outcome": "weak", "weaknesses": ["guessable"]}


def test_a_wrong_request_is_a_message_and_status_2(vault):
    status, answer, message = vault("import-hash", "ada", typed=["secret"])

    assert (status, answer) == (2, "")
    assert message == "hash: not one of bcrypt: $2a$, $2b$ or $2y$, a cost, 53 characters\n"


def test_the_pepper_is_beside_the_users_and_readable_by_their_owner_alone(vault, tmp_path):
    vault("register", "ada", typed=[PASSWORD])

    assert (tmp_path / "vault.sqlite.pepper").stat().st_mode & 0o077 == 0
    pepper = json.loads((tmp_path / "vault.sqlite.pepper").read_text())["peppers"]["v1"]
    assert pepper.encode() not in (tmp_path / "vault.sqlite").read_bytes()


def test_help_names_every_verb_and_shows_an_example(vault):
    status, text, _ = vault("--help")

    assert status == 0
    assert all(verb in text for verb in VERBS)
    assert "Example:" in text


def test_the_library_loads_no_cloud_sdk_and_no_word_list():
    program = (
        "import sys, bulwark_runtime.credentials\n"
        "heavy = {'boto3', 'botocore', 'aws_lambda_powertools', 'fastjsonschema', 'zxcvbn'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")

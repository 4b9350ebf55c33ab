"""The vault in Lambda's own runtime, from the zip that is deployed, as its component sets it up."""

import pytest

pytestmark = pytest.mark.e2e

PASSWORD = "quiet otters row 42 boats"
WRONG = "some other words 99"
ATTEMPT = {"user": "u", "source": "198.51.100.9"}


def test_sign_up_sign_in_wrong_password_and_lockout(in_lambda):
    register, verify = in_lambda("register"), in_lambda("verify")

    assert register({"user": "u", "password": PASSWORD})["outcome"] == "done"
    assert verify(ATTEMPT | {"password": PASSWORD})["outcome"] == "done"
    wrong = [verify(ATTEMPT | {"password": WRONG})["outcome"] for _ in range(4)]
    assert wrong == ["refused", "refused", "refused", "delayed"]  # PSD2: three from a place
    assert verify(ATTEMPT | {"password": PASSWORD})["outcome"] == "delayed"
    assert "Lockouts" in verify.logged()
    assert PASSWORD not in register.logged() + verify.logged()


def test_who_is_disabled_does_not_sign_in(in_lambda):
    in_lambda("register")({"user": "v", "password": PASSWORD})
    in_lambda("disable")({"user": "v"})

    assert in_lambda("verify")({"user": "v", "password": PASSWORD})["outcome"] == "refused"

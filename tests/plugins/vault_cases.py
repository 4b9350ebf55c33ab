"""What is asked of the credential vault on either cloud, and of the rules about it."""

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"


def test_a_user_lives_through_every_function(deployed):
    """Asked of the vault that the importing file deploys."""
    call = deployed.call
    assert call("register", user="ada", password=PASSWORD)["outcome"] == "done"
    signed_in = call("verify", user="ada", password=PASSWORD, source=HOME)
    assert signed_in["outcome"] == "done"
    device = signed_in["device"]
    changed = call(
        "change", user="ada", password=PASSWORD, new_password=OTHER + " 9", device=device
    )
    assert changed["outcome"] == "done"
    token = call("begin_reset", user="ada")["token"]
    new = "paper moon 7 over tin roofs"
    assert call("finish_reset", user="ada", token=token, new_password=new)["outcome"] == "done"
    assert call("disable", user="ada")["outcome"] == "done"
    assert call("verify", user="ada", password=new) == {"outcome": "refused"}
    assert call("enable", user="ada")["outcome"] == "done"
    assert call("verify", user="ada", password=new)["outcome"] == "done"
    assert call("delete", user="ada") == {"outcome": "done"}
    assert call("verify", user="ada", password=new) == {"outcome": "refused"}


def of_the_policy(rules, vault, elsewhere, *, begin_reset):
    """Cases of the rules about passwords: `rules` is what their ids begin with.

    `vault` makes a program with a function for an operation, which holds to a policy.
    """
    return {
        rules + "hashes-are-slow-to-guess": (vault("verify"), vault("verify", cost=10), elsewhere),
        rules + "guessing-has-to-wait": (
            vault("verify"),
            vault("verify", delay_seconds=30),
            vault("delete", delay_seconds=30),
        ),
        rules + "passwords-are-long": (
            vault("register"),
            vault("register", minimum_length=8),
            vault("verify", minimum_length=8),
        ),
        rules + "passwords-do-not-come-again": (
            vault("change"),
            vault("change", history=0),
            elsewhere,
        ),
        rules + "leaked-passwords-are-refused": (
            vault("register"),
            vault("register", breached_on_failure="open"),
            elsewhere,
        ),
        rules + "reset-ends-soon": (
            vault(begin_reset),
            vault(begin_reset, reset_seconds=86_400),
            vault("verify", reset_seconds=86_400),
        ),
    }

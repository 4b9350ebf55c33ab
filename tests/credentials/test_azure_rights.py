"""Each app may do what its operations ask the services for, and no role is there for nothing."""

import pytest

from bulwark_runtime.credentials import AttemptCounters, LoadedPeppers, Policy, Users, Vault
from bulwark_runtime.credentials.azure_table import TableDocuments
from bulwark_runtime.credentials.upkeep import count_peppers, move_hashes
from pulumi_bulwark.credentials.azure_apps import APPS, DATA_ACTIONS

PASSWORD = "blue lamp 47 under rain"
OTHER = "seven green boats at noon"
HOME = "203.0.113.7"
OLD = "$2b$04$b0MHMsT3ErLoTRjpjzsCie8qlo36eJ/jTk5MrOz/7.dsq4bFy/bPm"

_ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities"
_SECRETS = "Microsoft.KeyVault/vaults/secrets"
ACTIONS = {
    "get_entity": f"{_ENTITIES}/read",
    "query_entities": f"{_ENTITIES}/read",
    "create_entity": f"{_ENTITIES}/add/action",
    "update_entity": f"{_ENTITIES}/update/action",
    "delete_entity": f"{_ENTITIES}/delete",
    "get_secret": f"{_SECRETS}/getSecret/action",
    "set_secret": f"{_SECRETS}/setSecret/action",
    "begin_delete_secret": f"{_SECRETS}/delete",
}
"""What a call of the SDK takes, by Microsoft's tables of data actions."""


class Watched:
    """A vault over a world's stores, and what each app has asked of each."""

    def __init__(self, world):
        self.world, self.asked, self.app = world, {}, None
        line = type(world.line)
        self.lines = {"users": line(), "attempts": line(), "hashes": line()}

    def by(self, app):
        self.end()
        self.app = app
        return self

    def end(self):
        for store, line in self.lines.items():
            self.asked.setdefault((self.app, store), set()).update(line.calls)
            line.calls.clear()

    def documents(self, name):
        table = self.world.tables.get_table_client(self.world.table(name))
        return TableDocuments(self.lines[name].to(table))

    def users(self, *, inline=False):
        place = type(self.world.place())(self.lines["hashes"].to(self.world.manager))
        return Users(self.documents("users"), place, writes_inline=inline)

    def vault(self, **settings):
        settings = {"presets": ["pci"], "cost": 4, "letters_and_digits": False, **settings}
        return Vault(
            self.users(),
            AttemptCounters(self.documents("attempts")),
            LoadedPeppers(self.world.shelf.load, self.world.clock),
            Policy.from_settings(settings),
            self.world.clock,
        )


@pytest.fixture
def watched(azure_secrets_world):
    """Every operation was done, through its branches, by the app that does it."""
    watched = Watched(azure_secrets_world)

    signs_in = watched.by("sign-in").vault()
    signs_in.register("ada", PASSWORD)
    signs_in.register("ada", OTHER)  # there is one already
    signs_in.verify("ada", PASSWORD, source=HOME)
    signs_in.verify("nobody", PASSWORD, source=HOME)
    watched.vault(cost=5).verify("ada", PASSWORD, source=HOME)  # is hashed anew
    signs_in.change("ada", PASSWORD, OTHER, source=HOME)
    token = signs_in.begin_reset("ada").token
    signs_in.begin_reset("nobody")
    assert signs_in.finish_reset("ada", token, "paper moon over tin roofs").outcome == "done"
    _interrupted(watched, "late")
    signs_in.register("late", PASSWORD)  # ends the deletion first

    administers = watched.by("administration").vault()
    administers.import_hash("bob", OLD)
    for user in ("ada", "nobody"):
        administers.disable(user)
        administers.enable(user)
    count_peppers(watched.users())
    move_hashes(watched.users(inline=True))
    move_hashes(watched.users())
    administers.delete("ada")
    administers.delete("nobody")
    watched.documents("attempts").drop_expired(2**40)
    watched.end()
    return watched


def _interrupted(watched, user):
    """Whose deletion ended in the middle, unseen by the lines."""
    world = watched.world
    world.vault().register(user, OTHER)
    world.line.cut(1, before=True)
    with pytest.raises(world.line.Cut):
        world.users().remove(user, found=world.users().load(user))
    world.line.mend()


@pytest.mark.parametrize("app", APPS)
def test_an_app_may_do_what_it_asks_for_and_needs_all_that_it_may(watched, app):
    roles = {**APPS[app].tables, "hashes": "keeps-hashes"}

    asked = {store: {ACTIONS[call] for call in watched.asked[app, store]} for store in roles}

    assert asked == {store: set(DATA_ACTIONS[role]) for store, role in roles.items()}

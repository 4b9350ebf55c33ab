"""A vault on each of its stores, with a clock that a test turns and a line that it can cut."""

import itertools
import threading

import bcrypt
import pytest
from moto import mock_aws

from bulwark_runtime.credentials import (
    AttemptCounters,
    LoadedPeppers,
    Peppers,
    Policy,
    Users,
    Vault,
    aws,
    azure_secrets,
    azure_table,
    policy,
)
from bulwark_runtime.credentials.aws_secrets import SecretHashes
from bulwark_runtime.credentials.aws_table import TableDocuments
from bulwark_runtime.credentials.documents import Document
from bulwark_runtime.credentials.local import LocalDocuments

PEPPERS = {"v1": b"1" * 32, "v2": b"2" * 32}
NUMBERS = itertools.count()


class CutError(Exception):
    """What a crash looks like from inside a test."""


class Line:
    """Between the vault and its stores: a call is atomic, as it is in the services themselves."""

    WRITES = (
        "put_item", "delete_item", "save", "remove",
        "create_secret", "put_secret_value", "update_secret_version_stage", "delete_secret",
        "create_entity", "update_entity", "delete_entity", "set_secret", "begin_delete_secret",
    )  # fmt: skip

    Cut = CutError

    def __init__(self):
        self.lock, self.writes, self.calls = threading.RLock(), 0, []
        self.at, self.before = None, True

    def cut(self, at, *, before):
        """Crash at a write, the first being 0: before it is done, or after, its answer lost."""
        self.writes, self.at, self.before = 0, at, before

    def mend(self):
        self.at = None

    def to(self, target):
        return _End(target, self)


class _End:
    def __init__(self, target, line):
        self._target, self._line = target, line

    def __getattr__(self, name):
        found = getattr(self._target, name)
        if not callable(found) or name == "exceptions":
            return found
        return lambda *args, **more: self._call(name, found, args, more)

    def _call(self, name, found, args, more):
        line = self._line
        with line.lock:
            line.calls.append(name)
            if name not in line.WRITES:
                return found(*args, **more)
            number, line.writes = line.writes, line.writes + 1
            cut = line.at is not None and number >= line.at
            if cut and (line.before or number > line.at):
                raise CutError(name)
            answer = found(*args, **more)
            if cut:
                raise CutError(name)
            return answer


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now

    def pass_(self, seconds):
        self.now += seconds


class Shelf:
    """Peppers as the secret store has them, which a test can rotate."""

    def __init__(self):
        self.versions, self.current, self.readings = ["v1"], "v1", 0

    def rotate(self, version="v2"):
        self.versions.append(version)
        self.current = version

    def load(self):
        self.readings += 1
        return Peppers(self.current, {v: PEPPERS[v] for v in self.versions})


class World:
    """One place with its users. Every vault made here is another instance on the same stores."""

    def __init__(self, kind, clock, *, secrets=False):
        self.kind, self.clock, self.line, self.shelf = kind, clock, Line(), Shelf()
        self.in_secrets = secrets
        self.events = []
        self.name = f"world-{next(NUMBERS)}"

    def users(self, *, inline=None):
        place = self.place() if self.in_secrets else None
        inline = not self.in_secrets if inline is None else inline
        return Users(self.documents("users"), place, writes_inline=inline)

    def attempts(self):
        return AttemptCounters(self.documents("attempts"))

    def vault(self, *, users=None, breaches=None, **settings):
        settings = {"presets": ["pci"], "cost": 4, "letters_and_digits": False} | settings
        return Vault(
            users or self.users(),
            self.attempts(),
            LoadedPeppers(self.shelf.load, self.clock),
            Policy.from_settings(settings),
            self.clock,
            breaches=breaches,
            audit=self.events.append,
        )

    def leftovers(self):
        """What is kept of users: keys of records, and names of their secrets."""
        found = list(self.documents("users").keys().keys)
        return found + self.secrets() if self.in_secrets else found


class LocalWorld(World):
    def __init__(self, clock):
        super().__init__("local", clock)
        self._documents = {name: LocalDocuments(table=name) for name in ("users", "attempts")}

    def documents(self, name):
        return self.line.to(self._documents[name])

    def close(self):
        for documents in self._documents.values():
            documents.close()


class AwsWorld(World):
    def __init__(self, kind, clock, account):
        super().__init__(kind, clock, secrets=kind == "secrets")
        # The account is there for all tests, since a client takes long to make.
        self.dynamodb, self.manager = account
        for name in ("users", "attempts"):
            self.dynamodb.create_table(
                TableName=self.table(name),
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        pepper = self.manager.create_secret(Name=f"{self.name}/pepper", SecretString="{}")
        self.pepper = pepper["ARN"]

    def table(self, name):
        return f"{self.name}-{name}"

    def documents(self, name):
        return TableDocuments(self.line.to(self.dynamodb), self.table(name))

    def place(self):
        return SecretHashes(
            client=self.line.to(self.manager),
            prefix=f"{self.name}/users/",
            decoy=self.pepper,
        )

    def secrets(self):
        ours = {"Key": "name", "Values": [f"{self.name}/users/"]}
        return [s["Name"] for s in self.manager.list_secrets(Filters=[ours])["SecretList"]]


class AzureWorld(World):
    def __init__(self, kind, clock, tables, vault=None, manager=None):
        super().__init__(kind, clock, secrets=kind == "azure-secrets")
        self.tables, self.vault_of_hashes, self.manager = tables, vault, manager
        for name in ("users", "attempts"):
            tables.create_table(self.table(name))
            # The first writer makes the key of the addresses: a test of its own cuts there.
            documents = self.documents(name)
            documents.save("nobody", Document("{}", "v1"), expected=None)
            documents.remove("nobody", expected="v1")

    def table(self, name):
        return f"{self.name}{name}".replace("-", "")

    def documents(self, name):
        client = self.tables.get_table_client(self.table(name))
        return azure_table.TableDocuments(self.line.to(client))

    def place(self):
        return azure_secrets.SecretHashes(self.line.to(self.manager))

    def secrets(self):
        return [name for name in self.vault_of_hashes.secrets if name != "nobody"]


@pytest.fixture(autouse=True)
def cheap_bcrypt(monkeypatch):
    """Cost 4 where a test does not count: sixty-fourth of the lowest that a policy allows."""
    monkeypatch.setitem(policy._BOUNDS, "cost", (4, 16))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def account():
    # No longer than that: while one emulator is on, no other test gets an empty one.
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        yield aws._client("dynamodb"), aws._client("secretsmanager")
        aws._client.cache_clear()


@pytest.fixture(scope="module")
def tables(azurite):
    from azure.data.tables import TableServiceClient

    with TableServiceClient(azurite.tables, **azurite.options) as client:
        yield client


@pytest.fixture
def local(clock):
    world = LocalWorld(clock)
    yield world
    world.close()


@pytest.fixture(params=["local", "table", "secrets"])
def world(request, clock):
    """Each kind of place but those on Azure, which take longer: test_stores.py has them too."""
    if request.param == "local":
        return request.getfixturevalue("local")
    return AwsWorld(request.param, clock, request.getfixturevalue("account"))


@pytest.fixture
def azure_world(clock, tables):
    return AzureWorld("azure-table", clock, tables)


@pytest.fixture
def azure_secrets_world(clock, tables, vault, vault_client):
    return AzureWorld("azure-secrets", clock, tables, vault, vault_client)


@pytest.fixture
def world_of(account, clock):
    return lambda kind: AwsWorld(kind, clock, account)


@pytest.fixture
def secrets_world(account, clock):
    return AwsWorld("secrets", clock, account)


@pytest.fixture
def table_world(account, clock):
    return AwsWorld("table", clock, account)


@pytest.fixture
def work(monkeypatch):
    """The costs of all bcrypts, in the order of their doing."""
    done, hashpw, checkpw = [], bcrypt.hashpw, bcrypt.checkpw

    def counted_hash(password, salt):
        done.append(int(salt[4:6]))
        return hashpw(password, salt)

    def counted_check(password, text):
        done.append(int(text[4:6]))
        return checkpw(password, text)

    monkeypatch.setattr(bcrypt, "hashpw", counted_hash)
    monkeypatch.setattr(bcrypt, "checkpw", counted_check)
    return done

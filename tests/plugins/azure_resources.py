"""A small fake of Azure Resource Manager: resources that are got, put, changed, deleted and told.

It knows what matters to whoever writes: a PUT replaces all, nobody's If-Match is looked at, and a
policy of Front Door takes a while, during which it takes no other change. What Azure itself refuses
is in its documentation; a test that wants a refusal says which.
"""

import copy
import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000a"
GROUP = f"{SUBSCRIPTION}/resourceGroups/environment"
POLICIES = "Microsoft.Network/frontDoorWebApplicationFirewallPolicies"
MOST_IN_CONDITION = 600


class Resources:
    def __init__(self, server):
        self.server = server
        self.held = {}
        """By their ids in small letters."""
        self.calls = []
        """Method and path of each call, and the version of the API."""
        self.queries = []
        """The path of each call, and what follows its question mark."""
        self.written = []
        """Every body that was put."""
        self.busy_looks = 0
        """How many looks a policy's change takes."""
        self.refuses = []
        """What the next calls are refused with: method, status and code, each once."""
        self.before_put = []
        """What somebody else does just before a PUT, one each."""
        self.after_put = []
        """Likewise as soon as it is done."""
        self.answers = {}
        """What an action answers, by the end of its path: a function of path and body."""
        self._left, self._lock, self._etag = {}, threading.RLock(), 0

    @property
    def url(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

    def asked_for(self, end):
        """The filters with which a path that ends so was asked for."""
        return [query["$filter"] for path, query in self.queries if path.endswith(end)]

    def __getitem__(self, resource_id):
        return self.held[resource_id.lower()]

    def __contains__(self, resource_id):
        return resource_id.lower() in self.held

    def put(self, resource_id, body):
        """As anybody does who has the right to: all of it is replaced."""
        with self._lock:
            self._etag += 1
            made = {"id": resource_id, "name": resource_id.rsplit("/", 1)[1], **copy.deepcopy(body)}
            made.setdefault("properties", {})["provisioningState"] = "Succeeded"
            self.held[resource_id.lower()] = made | {"etag": f"etag-{self._etag}"}

    def answer(self, method, path, body):
        with self._lock:
            for number, (of, status, code) in enumerate(self.refuses):
                if of == method:
                    del self.refuses[number]
                    return status, {"error": {"code": code, "message": "no"}}
            return getattr(self, f"_{method.lower()}")(path, body)

    def _get(self, path, _):
        found = self.held.get(path.lower())
        if found is None:
            return self._action(path, None)
        shown = copy.deepcopy(found)
        if self._left.get(path.lower(), 0):
            self._left[path.lower()] -= 1
            shown["properties"]["provisioningState"] = "Updating"
        return 200, shown

    def _put(self, path, body):
        if self.before_put:
            self.before_put.pop(0)()
        if self._left.get(path.lower(), 0):
            return 409, {"error": {"code": "AnotherOperationInProgress", "message": "later"}}
        if wrong := _wrong_policy(path, body):
            return 400, {"error": {"code": "InvalidPolicy", "message": wrong}}
        self.written.append(body)
        self.put(path, body)
        self._left[path.lower()] = self.busy_looks
        if self.after_put:
            self.after_put.pop(0)()
        return 202 if self.busy_looks else 200, self[path]

    def _patch(self, path, body):
        if path not in self:
            return self._none(path)
        merged = _merged(self[path], body)
        self.put(path, merged)
        return 200, merged

    def _delete(self, path, _):
        return (200 if self.held.pop(path.lower(), None) else 204), {}

    def _post(self, path, body):
        return self._action(path, body)

    def _action(self, path, body):
        for end, answer in self.answers.items():
            if path.lower().endswith(end.lower()):
                return answer(path, body)
        return self._none(path)

    @staticmethod
    def _none(path):
        return 404, {"error": {"code": "ResourceNotFound", "message": path}}


def _merged(old, new):
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}


def _wrong_policy(path, body):
    """What Front Door refuses of a policy's body."""
    if POLICIES.lower() not in path.lower():
        return None
    if "sku" not in body:
        return "a policy has a SKU"
    for rule in body["properties"]["customRules"]["rules"]:
        for condition in rule["matchConditions"]:
            if not 1 <= len(condition["matchValue"]) <= MOST_IN_CONDITION:
                return f"{rule['name']} has {len(condition['matchValue'])} values"
    return None


@pytest.fixture
def resources(serve):
    server = serve("management.example.com")
    fake = Resources(server)

    class Handler(server.RequestHandlerClass):
        def respond(self):
            length = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(length)
            asked = urlsplit(self.path)
            version = parse_qs(asked.query).get("api-version", [""])[0]
            fake.calls.append((self.command, asked.path, version))
            fake.queries.append((asked.path, parse_qs(asked.query)))
            if "Authorization" not in self.headers:
                status, found = 401, {"error": {"code": "AuthenticationFailed", "message": "who?"}}
            else:
                body = json.loads(text) if text else None
                status, found = fake.answer(self.command, asked.path, body)
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = respond  # noqa: N815 http.server's names

    server.RequestHandlerClass = Handler
    return fake


@pytest.fixture
def credential():
    """A managed identity."""
    from azurite import Credential

    return Credential()

"""The vault: passwords of an application's own users.

Every operation is either one write that counts or several of which the last one counts: whatever
happens between them, the old password or the new one is right, never neither.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .breached import Breaches, BreachUnknownError
from .devices import Devices
from .documents import NEVER
from .doorman import Admission, Doorman, Origin
from .hashing import Hasher, cost_of
from .passwords import encoded, normalised, weaknesses
from .peppers import PepperError, PepperSource
from .policy import Policy
from .records import Hash, Reset, User, fresh_nest, fresh_version
from .results import Event, Operation, Outcome, RequestError, Result, Weakness
from .stores import AttemptStore, UserStore

LONGEST_USER_BYTES = 256
_ROUNDS = 20
"""Of reading a user and writing the change, if others change the same user meanwhile."""


def _to_nobody(_: Event) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Answer:
    result: Result
    reason: str = ""
    known: bool = True


def _answer(outcome: Outcome, reason: str = "", *, known: bool = True) -> _Answer:
    return _Answer(Result(outcome=outcome), reason, known)


class Vault:
    """Registers, verifies and changes passwords.

    `user` is the application's own id of a user, up to 256 bytes, compared as it is. `source` is
    where the request comes from, usually an IP address; `device` is what `verify` gave that device
    the last time. `names` are words of the user that a password must not contain, such as the name
    and the e-mail address. `request` is a key of the caller's for one request: repeated with the
    same one, an operation that was done answers done again.
    """

    def __init__(
        self,
        users: UserStore,
        attempts: AttemptStore,
        peppers: PepperSource,
        policy: Policy,
        clock: Callable[[], float] = time.time,
        *,
        breaches: Breaches | None = None,
        audit: Callable[[Event], None] = _to_nobody,
    ) -> None:
        if policy.breached == "service" and breaches is None:
            raise ValueError("the policy asks for a range service, and none is given")
        self._users, self._peppers, self._policy, self._clock = users, peppers, policy, clock
        self._breaches = breaches if policy.breached == "service" else None
        self._audit = audit
        self._hasher = Hasher(peppers, policy.cost)
        self._devices = Devices(peppers, policy.known_seconds)
        self._doorman = Doorman(attempts, policy, clock)

    def register(
        self, user: str, password: str, *, names: Iterable[str] = (), request: str | None = None
    ) -> Result:
        return self._told("register", user, self._register(user, password, names, request))

    def verify(
        self, user: str, password: str, *, source: str | None = None, device: str | None = None
    ) -> Result:
        return self._told("verify", user, self._verify(user, password, source, device))

    def change(
        self,
        user: str,
        password: str,
        new_password: str,
        *,
        names: Iterable[str] = (),
        source: str | None = None,
        device: str | None = None,
        request: str | None = None,
    ) -> Result:
        return self._told(
            "change",
            user,
            self._change(
                user,
                password,
                new_password,
                names=names,
                origin=(source, device),
                request=request,
            ),
        )

    def begin_reset(self, user: str) -> Result:
        """Give a token, also for a user who is unknown or disabled: it opens nothing then."""
        return self._told("begin_reset", user, self._begin_reset(user))

    def finish_reset(
        self,
        user: str,
        token: str,
        new_password: str,
        *,
        names: Iterable[str] = (),
        request: str | None = None,
    ) -> Result:
        """Set a password with a token, and forget every delay: its holder proved who they are."""
        return self._told(
            "finish_reset", user, self._finish_reset(user, token, new_password, names, request)
        )

    def disable(self, user: str) -> Result:
        return self._told("disable", user, self._switch(user, enabled=False))

    def enable(self, user: str) -> Result:
        return self._told("enable", user, self._switch(user, enabled=True))

    def delete(self, user: str) -> Result:
        return self._told("delete", user, self._delete(user))

    def import_hash(self, user: str, text: str) -> Result:
        """Take over a bcrypt hash. The first sign-in replaces it by one of ours.

        Raises RequestError for what is none, or one of a higher cost than the policy's, which would
        take longer than others and so tell that the user exists.
        """
        return self._told("import_hash", user, self._import(user, text))

    def _register(
        self, user: str, password: str, names: Iterable[str], request: str | None
    ) -> _Answer:
        _check_user(user)
        password = normalised(password)
        if weak := self._weaknesses(password, (user, *names), ()):
            return _weak(weak, known=False)
        new = User(
            id=user,
            hashes=(self._hasher.hash(password),),
            changed_at=self._now(),
            last_request=_request_digest("register", user, request),
        )
        return self._created(new, lambda there: self._repetition(there, new.last_request, password))

    def _import(self, user: str, text: str) -> _Answer:
        _check_user(user)
        cost = cost_of(text)
        if cost > self._policy.cost:
            raise RequestError(
                f"hash: its cost, {cost}, is above the policy's, {self._policy.cost}; "
                "raise that first"
            )
        new = User(
            id=user,
            hashes=(Hash(text, None),),
            changed_at=self._now(),
            last_request=_request_digest("import_hash", user, text),
        )
        return self._created(
            new, lambda there: _done(there) if there.last_request == new.last_request else None
        )

    def _created(self, new: User, repeated: Callable[[User], _Answer | None]) -> _Answer:
        for _ in range(_ROUNDS):
            # A nest that was cleared may not be used again: the service deletes a name slowly.
            if self._users.save(replace(new, nests=(fresh_nest(),)), replacing=None):
                return _done(new)
            if there := self._users.load(new.id):
                return repeated(there) or _answer("exists")
        return _answer("conflict")

    def _verify(self, user: str, password: str, source: str | None, device: str | None) -> _Answer:
        _check_user(user)
        found = self._users.load(user)
        origin = self._origin(found, user, source, device)
        admission = self._doorman.admit(user, origin)
        if refusal := self._refusal(found, password, admission):
            return refusal
        assert found is not None
        self._doorman.succeeded(user, origin, admission)
        token = self._devices.token(user, self._now(), origin.device)
        done = Result(outcome="done", device=token, changed_at=found.changed_at)
        return _Answer(done, self._rehashed(found, password))

    def _change(
        self,
        user: str,
        password: str,
        new_password: str,
        *,
        names: Iterable[str],
        origin: tuple[str | None, str | None],
        request: str | None,
    ) -> _Answer:
        _check_user(user)
        new_password = normalised(new_password)
        digest = _request_digest("change", user, request)
        found = self._users.load(user)
        if found and (answer := self._repetition(found, digest, new_password)):
            return answer
        place = self._origin(found, user, *origin)
        admission = self._doorman.admit(user, place)
        if refusal := self._refusal(found, password, admission):
            return refusal
        assert found is not None
        self._doorman.succeeded(user, place, admission)

        def still(now: User) -> bool:
            same = now.hash == found.hash or self._hasher.matches(password, now.hash)
            return now.enabled and same

        return self._set(found, new_password, names, digest, still)

    def _begin_reset(self, user: str) -> _Answer:
        _check_user(user)
        found = self._users.load(user)
        if wait := self._doorman.admit_reset(user).wait_seconds:
            return _delayed(wait, known=found is not None)
        token = secrets.token_urlsafe(32)
        expires_at = self._now() + self._policy.reset_seconds
        out = Reset(_digest(token), expires_at)
        result = Result(outcome="done", token=token, expires_at=expires_at)
        if found is None or not found.enabled:
            # The same work, in vain: nobody's record is not there, a disabled one stays as it is.
            there = found or _nobody(user)
            self._users.save(replace(there, version=fresh_version()), replacing=there)
            return _Answer(result, "disabled" if found else "unknown user", found is not None)
        now = self._update(found, lambda now: self._with_reset(now, out))
        return _Answer(result) if now else _answer("conflict")

    def _finish_reset(
        self, user: str, token: str, new_password: str, names: Iterable[str], request: str | None
    ) -> _Answer:
        _check_user(user)
        new_password = normalised(new_password)
        digest = _request_digest("finish_reset", user, request)
        found = self._users.load(user)
        if found and (answer := self._repetition(found, digest, new_password)):
            self._doorman.forget(user)
            return answer
        if found is None or not self._opens(token, found):
            return _answer("refused", "token", known=found is not None)
        answer = self._set(found, new_password, names, digest, lambda now: self._opens(token, now))
        if answer.result.outcome == "done":
            self._doorman.forget(user)
        return answer

    def _switch(self, user: str, *, enabled: bool) -> _Answer:
        _check_user(user)
        found = self._users.load(user)
        if found is None:
            return _answer("refused", "unknown user", known=False)
        now = self._update(found, lambda now: replace(now, enabled=enabled, resets=()))
        return _done(now) if now else _answer("conflict")

    def _delete(self, user: str) -> _Answer:
        _check_user(user)
        known = False
        for _ in range(_ROUNDS):
            found = self._users.load(user)
            known = known or found is not None
            if self._users.remove(user, found=found):
                self._doorman.forget(user)
                return _answer("done", known=known)
        return _answer("conflict")

    def _refusal(self, found: User | None, password: str, admission: Admission) -> _Answer | None:
        """Why an attempt ends here, after the same work whatever the reason is."""
        if admission.wait_seconds:
            return _delayed(admission.wait_seconds, known=found is not None)
        right = self._hasher.matches(password, found.hash if found else None)
        if found is None:
            return _answer("refused", "unknown user", known=False)
        if not right:
            return _answer("refused", "wrong password")
        return None if found.enabled else _answer("refused", "disabled")

    def _set(
        self,
        found: User,
        password: str,
        names: Iterable[str],
        digest: str | None,
        still: Callable[[User], bool],
    ) -> _Answer:
        """Write a new password, as long as what allowed it holds."""
        if weak := self._weaknesses(password, (found.id, *names), found.hashes):
            return _weak(weak)
        hashed = self._hasher.hash(password)

        def renewed(now: User) -> User | None:
            if now is not found and not still(now):
                return None
            return replace(
                now,
                hashes=(hashed, *now.hashes)[: 1 + self._policy.history],
                changed_at=self._now(),
                resets=(),
                last_request=digest,
            )

        now = self._update(found, renewed)
        return _done(now) if now else _answer("refused", "changed meanwhile")

    def _update(self, found: User, change: Callable[[User], User | None]) -> User | None:
        """Apply a change to the user as it is, again if others were faster, and give what is."""
        now: User | None = found
        for _ in range(_ROUNDS):
            changed = change(now) if now else None
            if now is None or changed is None:
                return None
            if changed == now:
                return now
            changed = replace(changed, version=fresh_version())
            if self._users.save(changed, replacing=now):
                return changed
            now = self._users.load(found.id)
        return None

    def _rehashed(self, found: User, password: str) -> str:
        """Bring the hash up to date, if need be. Whoever changes the password meanwhile wins."""
        if not self._hasher.is_outdated(found.hash):
            return ""
        new = replace(
            found,
            hashes=(self._hasher.hash(password), *found.hashes[1:]),
            version=fresh_version(),
        )
        return "rehashed" if self._users.save(new, replacing=found) else ""

    def _with_reset(self, user: User, out: Reset) -> User | None:
        if not user.enabled:
            return None
        alive = [reset for reset in user.resets if self._now() < reset.expires_at]
        return replace(user, resets=tuple([out, *alive][: self._policy.resets]))

    def _opens(self, token: str, user: User) -> bool:
        given, now = _digest(token), self._now()
        alive = [reset for reset in user.resets if now < reset.expires_at]
        matching = [reset for reset in alive if hmac.compare_digest(given, reset.digest)]
        return user.enabled and bool(matching)

    def _repetition(self, there: User, digest: str | None, password: str) -> _Answer | None:
        """The answer to a request that was done already, or None if this is not one."""
        if digest is None or there.last_request != digest:
            return None
        if self._hasher.is_one_of(password, (there.hash,)):
            return _done(there)
        return _answer("conflict", "the request's key was used for another password")

    def _weaknesses(
        self, password: str, names: Iterable[str], before: tuple[Hash, ...]
    ) -> tuple[Weakness, ...]:
        found = list(weaknesses(password, self._policy, names))
        if self._hasher.is_one_of(password, before[: 1 + self._policy.history]):
            found.append("used_before")
        if not found and self._breaches:
            found += self._breached(password, self._breaches)
        return tuple(found)

    def _breached(self, password: str, breaches: Breaches) -> list[Weakness]:
        try:
            return ["breached"] if breaches.has(password) else []
        except BreachUnknownError:
            return ["breach_unknown"] if self._policy.breached_on_failure == "closed" else []

    def _origin(
        self, found: User | None, user: str, source: str | None, device: str | None
    ) -> Origin:
        since = found.changed_at if found else 0
        known = self._devices.known(user, device, since=since, now=self._now())
        return Origin(source, known)

    def _told(self, operation: Operation, user: str, answer: _Answer) -> Result:
        event = Event(
            operation=operation,
            outcome=answer.result.outcome,
            user=user if answer.known else self._pseudonym(user),
            reason=answer.reason,
        )
        self._audit(event)
        return answer.result

    def _pseudonym(self, user: str) -> str:
        try:
            key = self._peppers.value(self._peppers.current())
        except PepperError:  # an operation that needs none may have none
            return "unknown"
        return f"unknown:{hmac.digest(key, encoded(user), 'sha256').hex()[:16]}"

    def _now(self) -> int:
        return int(self._clock())


def _done(user: User) -> _Answer:
    return _Answer(Result(outcome="done", changed_at=user.changed_at))


def _delayed(seconds: int, *, known: bool) -> _Answer:
    return _Answer(Result(outcome="delayed", retry_after_seconds=seconds), "", known)


def _weak(found: tuple[Weakness, ...], *, known: bool = True) -> _Answer:
    return _Answer(Result(outcome="weak", weaknesses=found), ", ".join(found), known)


def _nobody(user: str) -> User:
    """Whose record is not there: a save that replaces it does nothing."""
    return User(id=user, hashes=(), changed_at=0, enabled=False, kept="nowhere", version=NEVER)


def _check_user(user: str) -> None:
    if not 0 < len(encoded(user)) <= LONGEST_USER_BYTES:
        raise RequestError(f"user: 1 to {LONGEST_USER_BYTES} bytes")


def _request_digest(operation: Operation, user: str, request: str | None) -> str | None:
    return None if request is None else _digest(f"{operation}\0{user}\0{request}")


def _digest(text: str) -> str:
    return hashlib.sha256(encoded(text)).hexdigest()

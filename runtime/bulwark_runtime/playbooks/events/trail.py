"""A call of an API, as CloudTrail tells of it (CloudTrail User Guide, "Record contents")."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..incident import Incident, Subject
from .fields import caller, listed, mapping, once, time, unique_id


def read(event: Mapping[str, Any]) -> Iterator[Incident]:
    record = event["detail"]
    answer = mapping(record.get("responseElements"))
    if record.get("errorCode") or answer.get("ConsoleLogin") == "Failure":
        return  # it was refused, so nothing has changed
    service = record["eventSource"].removesuffix(".amazonaws.com")
    name = f"{service}:{record['eventName']}"
    identity = mapping(record.get("userIdentity"))
    yield Incident(
        id=record["eventID"],
        source="trail",
        types=(name,),
        severity="high",  # a trail knows none; who writes the playbook has chosen the call
        title=f"{name} was called by {identity.get('arn', identity.get('type', 'somebody'))}",
        account=record.get("recipientAccountId", event["account"]),
        region=record["awsRegion"],
        at=time(record["eventTime"]),
        subjects=once([*_called(service, record), *_caller(record, identity)]),
        actor=unique_id(identity.get("principalId")),
    )


def _caller(record: Mapping[str, Any], identity: Mapping[str, Any]) -> Iterator[Subject]:
    issuer = mapping(mapping(identity.get("sessionContext")).get("sessionIssuer"))
    yield from caller(
        identity.get("type", ""),
        identity.get("accessKeyId"),
        identity.get("userName"),
        issuer.get("userName"),
    )
    address = record.get("sourceIPAddress", "")
    if _is_address(address):  # a service that calls has its name there
        yield Subject("address", address)


def _called(service: str, record: Mapping[str, Any]) -> Iterator[Subject]:
    """What the call was about, where a playbook could act on it."""
    asked = mapping(record.get("requestParameters"))
    if reader := _ABOUT.get(service):
        yield from reader(asked, record)


def _trail(asked: Mapping[str, Any], _: Mapping[str, Any]) -> Iterator[Subject]:
    if name := asked.get("name") or asked.get("trailName"):
        yield Subject("trail", name)


def _bucket(asked: Mapping[str, Any], _: Mapping[str, Any]) -> Iterator[Subject]:
    if name := asked.get("bucketName"):
        yield Subject("bucket", name)


def _group(asked: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[Subject]:
    if name := asked.get("groupId"):
        answered = mapping(record.get("responseElements"))
        made = listed(mapping(answered.get("securityGroupRuleSet")).get("items"))
        rules = [rule["securityGroupRuleId"] for rule in made if "securityGroupRuleId" in rule]
        yield Subject("security-group", name, {"rules": rules} if rules else {})


def _secret(asked: Mapping[str, Any], _: Mapping[str, Any]) -> Iterator[Subject]:
    if name := asked.get("secretId"):
        yield Subject("secret", name)


def _pool_user(asked: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[Subject]:
    # Cognito hides names from CloudTrail, and says the user's `sub`, which it takes for a name.
    known = (
        mapping(record.get("additionalEventData")).get("sub"),
        asked.get("username"),
    )
    pool = asked.get("userPoolId")
    user = next((each for each in known if each and not each.startswith("HIDDEN_")), None)
    if pool and user:
        yield Subject("pool-user", user, {"pool": pool})


_ABOUT: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[Subject]]] = {
    "cloudtrail": _trail,
    "cognito-idp": _pool_user,
    "ec2": _group,
    "s3": _bucket,
    "secretsmanager": _secret,
}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

"""The sets of AWS WAF, with their lock tokens."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError, HTTPClientError

from .ports import BusyError, Held, IpSet

_BUSY: Final = frozenset(
    {
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "WAFInternalErrorException",
        "WAFOptimisticLockException",
        "WAFServiceLinkedRoleErrorException",
        "WAFThrottlingException",
        "WAFUnavailableEntityException",
    }
)
"""What passes by itself. AWS WAF takes about one change a second in a region."""

_ITS_OWN_FAULT: Final = 500
"""From this status on an error is the service's."""

ClientOf = Callable[[str], Any]
"""The client of AWS WAF in a region."""


class WafSets:
    def __init__(self, client_of: ClientOf) -> None:
        self._client_of = client_of

    def read(self, ip_set: IpSet) -> Held:
        answer = self._call("get_ip_set", ip_set)
        return Held(frozenset(answer["IPSet"]["Addresses"]), answer["LockToken"])

    def write(self, ip_set: IpSet, addresses: Sequence[str], token: str) -> None:
        # The description would be emptied if it were left out.
        self._call(
            "update_ip_set",
            ip_set,
            Addresses=list(addresses),
            LockToken=token,
            Description="Edited as the environment runs",
        )

    def _call(self, operation: str, ip_set: IpSet, **more: Any) -> Any:
        which = {"Name": ip_set.name, "Scope": ip_set.scope, "Id": ip_set.id}
        try:
            return getattr(self._client_of(ip_set.region), operation)(**which, **more)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in _BUSY or status >= _ITS_OWN_FAULT:
                raise BusyError(code) from error
            raise
        except HTTPClientError as error:  # whether it was done is seen when it is tried again
            raise BusyError(type(error).__name__) from error

"""Whether a setting of a function looks like a secret: by its name, or by its value."""

import re
from typing import Any, Final

_NAME: Final = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|PEPPER"
    r"|(?:API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY|CONNECTION_?STRING)S?$",
    re.IGNORECASE,
)
"""A name that ends with what it holds; one such as DB_SECRET_ARN says only where it is."""

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|-")
"""Where a new word begins in dbPassword or db-password."""

_ADDRESS: Final = re.compile(r"arn:|https?://[^@]*$|@Microsoft\.KeyVault\(|managedidentity$")
"""What says where a secret is, or that an identity is in its place."""

_SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{36}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bsk_(?:live|test)_[0-9A-Za-z]{16,}"
    r"|\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\."
    r"|\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"
    r"|\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)="
    r"|[?&]sig=[0-9A-Za-z%+/]{20,}"
)
"""What gives itself away under any name: a private key, keys of AWS, GitHub, Slack and Stripe, a
JSON web token, an address with a password in it, a connection string or signed address of Azure."""


def holds_a_secret(name: str, value: Any) -> bool:
    """By its value, or by its name unless what is there is plainly the secret's address."""
    if isinstance(value, str) and _SECRET.search(value):
        return True
    if not _NAME.search(_WORD.sub("_", name)):
        return False
    return not (isinstance(value, str) and (not value or _ADDRESS.match(value)))

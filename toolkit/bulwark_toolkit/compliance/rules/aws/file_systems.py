"""EFS."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"


@rule(
    "aws.file_systems.file-system-is-encrypted",
    FILE_SYSTEM,
    severity="high",
    requires="Every file system is encrypted with a key of the customer",
    remediation="Set encrypted to true and kmsKeyId: both can only be set when it is made.",
    reference="CIS AWS 2.3.1",
)
def file_system_is_encrypted(system: Subject) -> Iterator[Verdict]:
    encrypted = system.get("encrypted", False)
    yield Verdict(encrypted is True, "encrypted", encrypted)
    if encrypted:
        key = system.get("kmsKeyId")
        yield Verdict(is_customer_key(key), "kmsKeyId", key or "alias/aws/elasticfilesystem")

"""What an account has once in each region: also the defaults of EBS, which is part of EC2."""

from typing import Final

from bulwark_toolkit.emulated.language import Call, If, Read, Row, Unless, pascal

_LACKING: Final = "raises NotImplementedError"
_METADATA: Final = pascal(
    "httpEndpoint", "httpPutResponseHopLimit", "httpTokens", "instanceMetadataTags"
)

ROWS: Final = {
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Row(
        calls=(
            Call("ec2.EnableEbsEncryptionByDefault", when=Unless("enabled", False)),
            Call("ec2.DisableEbsEncryptionByDefault", when=If("enabled", False)),
        ),
        reads=(Read("ec2.GetEbsEncryptionByDefault", same={"EbsEncryptionByDefault": "enabled"}),),
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": Row(
        calls=(
            Call(
                "ec2.EnableSnapshotBlockPublicAccess",
                {"State": "state"},
                when=Unless("state", "unblocked"),
                lacking=_LACKING,
            ),
            Call(
                "ec2.DisableSnapshotBlockPublicAccess",
                when=If("state", "unblocked"),
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "ec2.GetSnapshotBlockPublicAccessState", same={"State": "state"}, lacking=_LACKING
            ),
        ),
    ),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": Row(
        calls=(
            Call(
                "ec2.EnableImageBlockPublicAccess",
                {"ImageBlockPublicAccessState": "state"},
                when=Unless("state", "unblocked"),
                lacking=_LACKING,
            ),
            Call(
                "ec2.DisableImageBlockPublicAccess",
                when=If("state", "unblocked"),
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "ec2.GetImageBlockPublicAccessState",
                same={"ImageBlockPublicAccessState": "state"},
                lacking=_LACKING,
            ),
        ),
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": Row(
        calls=(Call("ec2.ModifyInstanceMetadataDefaults", _METADATA, lacking=_LACKING),),
        reads=(
            Read(
                "ec2.GetInstanceMetadataDefaults",
                same={f"AccountLevel.{name}": given for name, given in _METADATA.items()},
                lacking=_LACKING,
            ),
        ),
    ),
    "aws:ec2/serialConsoleAccess:SerialConsoleAccess": Row(
        calls=(
            Call("ec2.EnableSerialConsoleAccess", when=Unless("enabled", False), lacking=_LACKING),
            Call("ec2.DisableSerialConsoleAccess", when=If("enabled", False), lacking=_LACKING),
        ),
        reads=(
            Read(
                "ec2.GetSerialConsoleAccessStatus",
                same={"SerialConsoleAccessEnabled": "enabled"},
                lacking=_LACKING,
            ),
        ),
    ),
}

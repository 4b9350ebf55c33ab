from typing import Final

from bulwark_toolkit.emulated.language import (
    Among,
    Call,
    Default,
    Fixed,
    IdIn,
    If,
    Read,
    Row,
    Template,
    Unless,
)

_ZONE: Final = {"HostedZoneId": IdIn("zoneId")}
_SET: Final = {
    "Name": "name",
    "Type": "type",
    "TTL": "ttl",
    "ResourceRecords": "records",
    "AliasTarget": "aliases",
}


def _change(action: str, when: If) -> Call:
    batch: Template = {"Changes": [{"Action": Fixed(action), "ResourceRecordSet": _SET}]}
    return Call("route53.ChangeResourceRecordSets", {**_ZONE, "ChangeBatch": batch}, when=when)


ROWS: Final = {
    "aws:route53/zone:Zone": Row(
        calls=(
            Call(
                "route53.CreateHostedZone",
                {
                    "CallerReference": "name",  # the provider makes one
                    "HostedZoneConfig": {"Comment": Default("comment", "")},
                    "Name": "name",
                },
                gives={"zoneId": "HostedZone.Id"},
            ),
        ),
        reads=(
            Read(
                "route53.GetHostedZone",
                {"Id": IdIn("zoneId")},
                {"HostedZone.Config.Comment": "comment"},
            ),
        ),
        provider_only=("forceDestroy",),
        unread={"name": "it comes back with a dot at its end"},
    ),
    "aws:route53/record:Record": Row(
        calls=(
            _change("UPSERT", If("allowOverwrite", True)),
            _change("CREATE", Unless("allowOverwrite", True)),
        ),
        reads=(
            Read(
                "route53.ListResourceRecordSets",
                _ZONE,
                {
                    "ResourceRecordSets[].Type": Among("type"),
                    "ResourceRecordSets[].TTL": Among("ttl"),
                    "ResourceRecordSets[].ResourceRecords": Among("records"),
                    "ResourceRecordSets[].AliasTarget": Among("aliases"),
                },
            ),
        ),
        names={"name": "DNSName", "zoneId": "HostedZoneId"},
        provider_only=("allowOverwrite",),
        unread={"name": "it comes back with a dot at its end"},
    ),
}

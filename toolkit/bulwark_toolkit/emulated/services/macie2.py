from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row

_SAID: Final = {
    "findingPublishingFrequency": "findingPublishingFrequency",
    "status": "status",
}

ROWS: Final = {
    "aws:macie2/account:Account": Row(
        calls=(Call("macie2.EnableMacie", _SAID),),
        reads=(Read("macie2.GetMacieSession", same=_SAID),),
        auto_name="",
    ),
}

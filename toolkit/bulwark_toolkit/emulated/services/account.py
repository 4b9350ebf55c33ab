"""Account Management: who is told of an account."""

from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row

_CONTACT: Final = {
    "AlternateContactType": "alternateContactType",
    "EmailAddress": "emailAddress",
    "Name": "name",
    "PhoneNumber": "phoneNumber",
    "Title": "title",
}

ROWS: Final = {
    "aws:account/alternativeContact:AlternativeContact": Row(
        calls=(Call("account.PutAlternateContact", _CONTACT),),
        reads=(
            Read(
                "account.GetAlternateContact",
                {"AlternateContactType": "alternateContactType"},
                {f"AlternateContact.{name}": given for name, given in _CONTACT.items()},
            ),
        ),
    ),
}

from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_CERTIFICATE: Final = {"CertificateArn": "arn"}

ROWS: Final = {
    "aws:acm/certificate:Certificate": Row(
        calls=(
            Call(
                "acm.RequestCertificate",
                {
                    **pascal("domainName", "keyAlgorithm", "options", "subjectAlternativeNames"),
                    **pascal("tags", "validationMethod"),
                },
                gives={"arn": "CertificateArn"},
            ),
        ),
        reads=(
            Read(
                "acm.DescribeCertificate",
                _CERTIFICATE,
                {
                    "Certificate.DomainName": "domainName",
                    "Certificate.KeyAlgorithm": "keyAlgorithm",
                    "Certificate.Options": "options",
                    "Certificate.DomainValidationOptions[0].ValidationMethod": "validationMethod",
                },
            ),
            Read("acm.ListTagsForCertificate", _CERTIFICATE, {"Tags": "tags"}),
        ),
        auto_name="",
        unread={"subjectAlternativeNames": "the name itself is among them"},
    ),
    # It makes nothing: it waits until the certificate is issued.
    "aws:acm/certificateValidation:CertificateValidation": Row(
        calls=(), provider_only=("certificateArn", "validationRecordFqdns"), auto_name=""
    ),
}

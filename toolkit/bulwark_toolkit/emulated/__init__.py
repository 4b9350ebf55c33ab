"""Deploys a recorded graph into an emulated AWS account, in process.

A table says what each Pulumi type becomes in the words of its service (`services/`). Every call is
checked against the service model that botocore ships, made against moto, and read back as far as
moto answers truthfully. It shows wrong names, kinds and bounds. It does not show whether a policy
admits what it should: moto asks no policy.
"""

from .account import Account
from .deploy import deploy
from .errors import DeployError
from .language import Among, Call, Default, Fixed, IdIn, If, Read, Row, Text, Unless
from .services import ROWS

__all__ = [
    "ROWS",
    "Account",
    "Among",
    "Call",
    "Default",
    "DeployError",
    "Fixed",
    "IdIn",
    "If",
    "Read",
    "Row",
    "Text",
    "Unless",
    "deploy",
]

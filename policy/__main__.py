"""The pack: `pulumi preview --policy-pack policy`."""

import adapter
from pulumi_policy import PolicyPack

from bulwark_toolkit.compliance.rules import RULES

adapter.keep_secrets()
PolicyPack(name="bulwark", policies=adapter.Adapter(RULES).policies())

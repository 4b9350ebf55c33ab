"""The playbooks that come with Bulwark on Azure: a stack file changes one by its name."""

from collections.abc import Mapping

from .spec_playbooks import PlaybookSpec, TriggerSpec

# Types of alerts: Defender for Cloud, "Security alerts reference" [m].
ACTING: Mapping[str, PlaybookSpec] = {
    "attacked-from-outside": PlaybookSpec(
        trigger=TriggerSpec(
            defender=("VM_SshBruteForce", "VM_RdpBruteForce", "VM_LoginBruteForce")
        ),
        severity="ticket",
        mode="auto",
        action="block-source",
        limit_per_hour=50,
    ),
    "storage-opened": PlaybookSpec(
        trigger=TriggerSpec(defender=("Storage.Blob_OpenACL",)),
        mode="auto",
        action="close-storage",
    ),
    "machine-taken-over": PlaybookSpec(
        trigger=TriggerSpec(
            defender=("VM_DigitalCurrencyMining", "VM_CryptoCoinMiner", "VM_AmBroadFilesExclusion"),
            least_severity="high",
        ),
        mode="approve",
        action="isolate-machine",
        approval_minutes=240,
    ),
}
"""For prod. None is for roles that are given: each deployment gives some."""

ASKING: Mapping[str, PlaybookSpec] = {
    name: playbook.model_copy(update={"mode": "approve"}) for name, playbook in ACTING.items()
}

TELLING: Mapping[str, PlaybookSpec] = {
    name: playbook.model_copy(update={"mode": "notify", "severity": "ticket"})
    for name, playbook in ACTING.items()
}
"""Where people try things out, a machine that undoes them is no help."""

"""Machines that Systems Manager patches, for as long as a test lasts: commands take a few looks to
end, and a machine has the patch once its wave has run with a baseline that approves it."""

import itertools
from datetime import UTC, datetime, timedelta

from aws_answers import finding

_OURS = ("approved", "reached", "looks", "status", "unlisted")

BEGIN = datetime(2026, 11, 25, 3, tzinfo=UTC)
SYSTEM = {
    "AMAZON_LINUX_2023": {
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
    },
    "UBUNTU": {"PlatformType": "Linux", "PlatformName": "Ubuntu", "PlatformVersion": "24.04"},
    "WINDOWS": {
        "PlatformType": "Windows",
        "PlatformName": "Microsoft Windows Server 2022 Datacenter",
        "PlatformVersion": "10.0.20348",
    },
}


class Machines:
    """Answers for Systems Manager and Inspector. `looks` is how often a command is looked at until
    it has ended."""

    def __init__(self, cloud, weakness="CVE-2026-12345", looks=1):
        self.weakness, self.looks = weakness, looks
        self.machines, self.commands, self.baselines, self.failing = {}, [], {}, set()
        self.findings = []
        self.cloud = cloud.answering(
            GetCallerIdentity={
                "Account": "123456789012",
                "Arn": "arn:aws:iam::123456789012:user/me",
            },
            ListFindings=lambda asked: {"findings": self.findings},
            DescribeInstanceInformation=self.managed,
            DescribeInstancePatchStatesForPatchGroup=self.states,
            DescribeInstancePatches=self.patches,
            GetPatchBaselineForPatchGroup=self.baseline_of,
            GetPatchBaseline=lambda asked: self.baselines[asked["BaselineId"]],
            UpdatePatchBaseline=self.update,
            SendCommand=self.send,
            ListCommands=self.list_commands,
            ListCommandInvocations=self.invocations,
        )

    def add(self, group, *, system="AMAZON_LINUX_2023", missing=(), finding=True, online=True):
        number = len(self.machines)
        machine = f"i-{number:017x}"
        self.machines[machine] = {
            "group": group,
            "system": system,
            "missing": list(missing),
            "online": online,
        }
        if finding:
            self.weak(machine, group)
        self.baseline(group, system)
        return machine

    def weak(self, machine, group=None):
        tags = {"PatchGroup": group} if group else {}
        resource = {"type": "AWS_EC2_INSTANCE", "id": machine, "tags": tags}
        self.findings.append(finding(self.weakness, resource))

    def baseline(self, group, system, *, days=7, rejected=()):
        name = f"pb-{system}-{group}".lower().replace("_", "-").ljust(20, "0")
        self.baselines.setdefault(
            name,
            {
                "BaselineId": name,
                "OperatingSystem": system,
                "ApprovedPatches": [],
                "RejectedPatches": [],
                "ApprovalRules": {
                    "PatchRules": [
                        {"PatchFilterGroup": {"PatchFilters": []}, "ApproveAfterDays": days}
                    ]
                },
            },
        )["RejectedPatches"] += rejected
        return self.baselines[name]

    def managed(self, asked):
        (group,) = asked["Filters"][0]["Values"]
        return {
            "InstanceInformationList": [
                {
                    "InstanceId": machine,
                    "PingStatus": "Online" if about["online"] else "ConnectionLost",
                    **SYSTEM[about["system"]],
                }
                for machine, about in self.machines.items()
                if about["group"] == group
            ]
        }

    def states(self, asked):
        states = [
            {
                "InstanceId": machine,
                "PatchGroup": about["group"],
                "BaselineId": "pb-" + "0" * 17,
                "OperationStartTime": BEGIN,
                "OperationEndTime": BEGIN,
                "Operation": "Scan",
                "MissingCount": len(about["missing"]),
            }
            for machine, about in self.machines.items()
            if about["group"] == asked["PatchGroup"]
        ]
        return {"InstancePatchStates": states} if states else {}

    def patches(self, asked):
        return {
            "Patches": [
                {
                    "Title": kb,
                    "KBId": kb,
                    "Classification": "SecurityUpdates",
                    "Severity": "Critical",
                    "State": "Missing",
                    "InstalledTime": BEGIN,
                    "CVEIds": cves,
                }
                for kb, cves in self.machines[asked["InstanceId"]]["missing"]
            ]
        }

    def baseline_of(self, asked):
        of = self.baseline(asked["PatchGroup"], asked["OperatingSystem"])
        return {"BaselineId": of["BaselineId"]}

    def update(self, asked):
        self.baselines[asked["BaselineId"]]["ApprovedPatches"] = asked["ApprovedPatches"]
        return {"BaselineId": asked["BaselineId"]}

    def send(self, asked):
        (group,) = asked["Targets"][0]["Values"]
        reached = [m for m, about in self.machines.items() if about["group"] == group]
        number = len(self.commands)
        command = {
            "CommandId": f"{number:08d}-0000-0000-0000-000000000000",
            "RequestedDateTime": BEGIN + timedelta(hours=number),
            "DocumentName": asked["DocumentName"],
            "Comment": asked["Comment"],
            "Targets": asked["Targets"],
            "Parameters": asked["Parameters"],
            "MaxErrors": asked["MaxErrors"],
            "MaxConcurrency": asked["MaxConcurrency"],
            "TargetCount": len(reached),
            "approved": {name: list(of["ApprovedPatches"]) for name, of in self.baselines.items()},
            "reached": reached,
            "looks": itertools.count(),
            "unlisted": True,
        }
        self.commands.append(command)
        return {"Command": self.shown(command, "Pending")}

    def list_commands(self, asked):
        if "CommandId" not in asked:
            return {"Commands": [self.shown(c, self.status(c)) for c in self.commands]}
        (command,) = [c for c in self.commands if c["CommandId"] == asked["CommandId"]]
        if command.pop("unlisted", False):
            return {"Commands": []}
        over = next(command["looks"]) >= self.looks
        return {"Commands": [self.shown(command, self.status(command) if over else "InProgress")]}

    def status(self, command):
        return command.get("status") or ("Failed" if self.errors(command) else "Success")

    def errors(self, command):
        return len(self.failing & set(command["reached"]))

    def shown(self, command, status):
        ours = {k: v for k, v in command.items() if k not in _OURS}
        return ours | {
            "Status": status,
            "StatusDetails": status,
            "CompletedCount": command["TargetCount"],
            "ErrorCount": self.errors(command),
        }

    def invocations(self, asked):
        (command,) = [c for c in self.commands if c["CommandId"] == asked["CommandId"]]
        return {
            "CommandInvocations": [
                {
                    "CommandId": command["CommandId"],
                    "InstanceId": machine,
                    "Status": "Failed" if machine in self.failing else "Success",
                    "StatusDetails": "Failed" if machine in self.failing else "Success",
                }
                for machine in command["reached"]
            ]
        }

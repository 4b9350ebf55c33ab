"""Containers: ECS, EKS and their images in ECR."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bulwark_toolkit.compliance.addresses import is_everywhere
from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.end_of_support import last_day
from bulwark_toolkit.compliance.policies import admitted, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotReadableError, Subject
from bulwark_toolkit.preview.values import Secret

TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE: Final = "aws:ecs/service:Service"
CLUSTER: Final = "aws:ecs/cluster:Cluster"
IMAGES: Final = "aws:ecr/repository:Repository"
IMAGES_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
KUBERNETES: Final = "aws:eks/cluster:Cluster"

_CONTAINERS: Final = "containerDefinitions"

_SECRET_NAME: Final = re.compile(
    r"(password|passwd|passphrase|secret|token|credentials?|auth_data|access_key_id"
    r"|(api|access|private|secret|signing|encryption)_?key)$",
    re.IGNORECASE,
)
"""Of an environment variable that holds a secret, unless its value is the ARN of one."""

_SECRET_VALUE: Final = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
"""A password within an address."""

_KUBERNETES_LOGS: Final = {"api", "audit", "authenticator"}


def _containers(task: Subject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and definition of each container."""
    text = task.get(_CONTAINERS, "[]")
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise NotReadableError(task.urn, _CONTAINERS, "list of containers") from None
    for number, container in enumerate(found):
        yield f"{_CONTAINERS}[{number}]", container


def _containers_of_linux(task: Subject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Windows has neither users by number nor a root file system that is only read."""
    system = task.get("runtimePlatform.operatingSystemFamily", "LINUX")
    return _containers(task) if system == "LINUX" else iter(())


@rule(
    "aws.containers.container-is-not-privileged",
    TASK,
    severity="high",
    requires="No container has the rights of the machine it runs on",
    remediation="Take privileged out of the container's definition.",
    reference="ECS.4",
)
def container_is_not_privileged(task: Subject) -> Iterator[Verdict]:
    for place, container in _containers(task):
        privileged = container.get("privileged", False)
        yield Verdict(privileged is False, f"{place}.privileged", privileged)


@rule(
    "aws.containers.container-cannot-change-itself",
    TASK,
    severity="medium",
    requires="Containers have a root file system that is only read",
    remediation="Set readonlyRootFilesystem to true, and mount a volume for what is written.",
    reference="ECS.5",
)
def container_cannot_change_itself(task: Subject) -> Iterator[Verdict]:
    for place, container in _containers_of_linux(task):
        readonly = container.get("readonlyRootFilesystem", False)
        yield Verdict(readonly is True, f"{place}.readonlyRootFilesystem", readonly)


@rule(
    "aws.containers.container-is-not-root",
    TASK,
    severity="medium",
    requires="Containers name a user, and it is not root",
    remediation="Set user to one other than root, by number if the image has no name for it.",
    reference="ECS.20",
)
def container_is_not_root(task: Subject) -> Iterator[Verdict]:
    for place, container in _containers_of_linux(task):
        user = str(container.get("user", ""))
        named = user.partition(":")[0] not in ("", "root", "0")
        yield Verdict(named, f"{place}.user", user, "" if user else "the image's may be root")


@rule(
    "aws.containers.environment-holds-no-secret",
    TASK,
    severity="high",
    requires="No environment variable of a container holds a secret",
    remediation="Name the secret's ARN under secrets: ECS fetches the value as the task starts.",
    reference="ECS.8",
)
def environment_holds_no_secret(task: Subject) -> Iterator[Verdict]:
    if isinstance(task.resource.inputs.get(_CONTAINERS), Secret):
        text = "a secret of the program is in it, and everyone who may describe the task reads it"
        yield Verdict(False, _CONTAINERS, text=text)
        return
    for place, container in _containers(task):
        names = [v["name"] for v in container.get("environment", ()) if _holds_secret(v)]
        for name in names:
            yield Verdict(False, f"{place}.environment", name, f"{name} looks like one")
        if not names:
            yield Verdict(True, f"{place}.environment")


def _holds_secret(variable: Mapping[str, str]) -> bool:
    value = str(variable.get("value", ""))
    named = bool(_SECRET_NAME.search(variable["name"])) and not value.startswith("arn:")
    return bool(value) and (named or bool(_SECRET_VALUE.search(value)))


@rule(
    "aws.containers.container-logs-somewhere",
    TASK,
    severity="medium",
    requires="Every container says where its log goes",
    remediation="Give it a logConfiguration with a logDriver such as awslogs.",
    reference="ECS.9",
)
def container_logs_somewhere(task: Subject) -> Iterator[Verdict]:
    for place, container in _containers(task):
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        yield Verdict(bool(driver), f"{place}.logConfiguration.logDriver", driver)


@rule(
    "aws.containers.task-has-its-own-network",
    TASK,
    severity="medium",
    requires="Each task has a network interface, and so security groups, of its own",
    remediation="Set networkMode to awsvpc.",
    reference="ECS.17",
)
def task_has_its_own_network(task: Subject) -> Iterator[Verdict]:
    mode = task.get("networkMode", "bridge")
    yield Verdict(mode == "awsvpc", "networkMode", mode)


@rule(
    "aws.containers.task-does-not-see-the-host",
    TASK,
    severity="high",
    requires="No task shares the processes or the memory of the machine it runs on",
    remediation="Set pidMode and ipcMode to task, or leave them out.",
    reference="ECS.3",
)
def task_does_not_see_the_host(task: Subject) -> Iterator[Verdict]:
    for path in ("pidMode", "ipcMode"):
        mode = task.get(path, "none")
        yield Verdict(mode != "host", path, mode)


@rule(
    "aws.containers.service-has-no-public-address",
    SERVICE,
    severity="high",
    requires="No service gives its tasks public addresses",
    remediation="Set networkConfiguration.assignPublicIp to false; images come through a NAT "
    "gateway or endpoints.",
    reference="ECS.2",
)
def service_has_no_public_address(service: Subject) -> Iterator[Verdict]:
    if service.has("networkConfiguration"):
        path = "networkConfiguration.assignPublicIp"
        public = service.get(path, False)
        yield Verdict(public is False, path, public)


@rule(
    "aws.containers.cluster-has-container-insights",
    CLUSTER,
    severity="low",
    requires="ECS clusters measure their tasks",
    remediation="Add the setting containerInsights with the value enhanced or enabled.",
    reference="ECS.12",
)
def cluster_has_container_insights(cluster: Subject) -> Iterator[Verdict]:
    values = {
        cluster.get(f"{setting}.name"): cluster.get(f"{setting}.value")
        for setting in cluster.each("settings")
    }
    insights = values.get("containerInsights", "disabled")
    yield Verdict(insights in ("enabled", "enhanced"), "settings", insights)


@rule(
    "aws.containers.images-are-scanned",
    IMAGES,
    severity="high",
    requires="Images are scanned for vulnerabilities as they are pushed",
    remediation="Set imageScanningConfiguration.scanOnPush to true, or have the registry scan "
    "all repositories.",
    reference="ECR.1",
    alone=False,
)
def images_are_scanned(images: Subject) -> Iterator[Verdict]:
    scans = images.get("imageScanningConfiguration.scanOnPush", False)
    found = images.graph.of_type(SCANNING)
    by_registry = any(_scans_all(Subject(registry, images.graph)) for registry in found)
    value = "by the registry" if by_registry else scans
    yield Verdict(scans is True or by_registry, "imageScanningConfiguration.scanOnPush", value)


def _scans_all(registry: Subject) -> bool:
    return any(
        registry.get(f"{at}.scanFrequency") != "MANUAL"
        and registry.get(f"{filtered}.filter") == "*"
        for at in registry.each("rules")
        for filtered in registry.each(f"{at}.repositoryFilters")
    )


@rule(
    "aws.containers.image-tags-stay",
    IMAGES,
    severity="medium",
    requires="No tag of an image can be moved to another image",
    remediation="Set imageTagMutability to IMMUTABLE.",
    reference="ECR.2",
)
def image_tags_stay(images: Subject) -> Iterator[Verdict]:
    mutability = images.get("imageTagMutability", "MUTABLE")
    yield Verdict(mutability == "IMMUTABLE", "imageTagMutability", mutability)


@rule(
    "aws.containers.images-are-not-everybodys",
    IMAGES_POLICY,
    severity="critical",
    requires="No policy of a repository of images admits everybody",
    remediation="Name the accounts that pull or push, or hold the statement to an organisation.",
    reference="PCI 7.2.5",
)
def images_are_not_everybodys(policy: Subject) -> Iterator[Verdict]:
    return admitted(statements(policy, "policy"))


@rule(
    "aws.containers.images-have-a-customer-key",
    IMAGES,
    severity="low",
    requires="Images are encrypted with a key of the customer's",
    remediation="Set encryptionConfigurations to KMS with a key of your own; what exists is "
    "replaced.",
    reference="ECR.5",
)
def images_have_a_customer_key(images: Subject) -> Iterator[Verdict]:
    kind = images.get("encryptionConfigurations[0].encryptionType", "AES256")
    key = images.get("encryptionConfigurations[0].kmsKey")
    # A KMS_DSSE key is as much a key of KMS as a KMS one.
    passes = kind.startswith("KMS") and is_customer_key(key)
    yield Verdict(passes, "encryptionConfigurations[0].kmsKey", key or kind)


@rule(
    "aws.containers.kubernetes-is-not-open-to-everybody",
    KUBERNETES,
    severity="high",
    requires="The API of no Kubernetes cluster is open to the whole internet",
    remediation="Set vpcConfig.endpointPublicAccess to false, or name publicAccessCidrs.",
    reference="EKS.1",
)
def kubernetes_is_not_open_to_everybody(cluster: Subject) -> Iterator[Verdict]:
    if not cluster.get("vpcConfig.endpointPublicAccess", True):
        yield Verdict(True, "vpcConfig.endpointPublicAccess", False)
        return
    ranges = cluster.items("vpcConfig.publicAccessCidrs") or ["0.0.0.0/0"]
    everywhere = any(map(is_everywhere, ranges))
    yield Verdict(not everywhere, "vpcConfig.publicAccessCidrs", ", ".join(ranges))


@rule(
    "aws.containers.kubernetes-secrets-have-a-customer-key",
    KUBERNETES,
    severity="medium",
    requires="The secrets of Kubernetes clusters are encrypted with a key of the customer's",
    remediation="Set encryptionConfig with the resource secrets and a KMS key of your own.",
    reference="EKS.3",
)
def kubernetes_secrets_have_a_customer_key(cluster: Subject) -> Iterator[Verdict]:
    key = cluster.get("encryptionConfig.provider.keyArn")
    secrets = "secrets" in cluster.items("encryptionConfig.resources")
    yield Verdict(secrets and is_customer_key(key), "encryptionConfig.provider.keyArn", key)


@rule(
    "aws.containers.kubernetes-logs-who-does-what",
    KUBERNETES,
    severity="medium",
    requires="Kubernetes clusters log calls, who made them, and how they were let in",
    remediation="Put api, audit and authenticator in enabledClusterLogTypes.",
    reference="EKS.8",
)
def kubernetes_logs_who_does_what(cluster: Subject) -> Iterator[Verdict]:
    logs = cluster.items("enabledClusterLogTypes")
    missing = sorted(_KUBERNETES_LOGS - set(logs))
    text = f"it does not log: {', '.join(missing)}"
    yield Verdict(not missing, "enabledClusterLogTypes", ", ".join(logs), text)


@rule(
    "aws.containers.kubernetes-version-is-supported",
    KUBERNETES,
    severity="high",
    requires="Kubernetes clusters run a version that is in standard support",
    remediation="Set version to one that is, one minor version at a time.",
    reference="EKS.2",
)
def kubernetes_version_is_supported(cluster: Subject) -> Iterator[Verdict]:
    # One that names none was made with the newest; what it runs now only the cloud knows.
    if version := cluster.get("version"):
        minor = ".".join(str(version).split(".")[:2])
        last = last_day("kubernetes", minor)
        yield Verdict(
            True, "version", version, f"in standard support until {last} only", until=last
        )

from pulumi_azure_native import compute, maintenance, resources
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES

A = "azure.patching."
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
URGENT = {"classifications_to_include": ["Critical", "Security"]}
BY_TAG = {"tag_settings": {"tags": {"PatchGroup": ["prod-rest"]}, "filter_operator": "All"}}


def nothing():
    resources.ResourceGroup("it")


def window(
    *, scope="InGuestPatch", linux=URGENT, windows=None, reboot="IfRequired", used=True, **settings
):
    def program():
        made = maintenance.MaintenanceConfiguration(
            "it",
            resource_group_name="group",
            maintenance_scope=scope,
            install_patches={
                "reboot_setting": reboot,
                "linux_parameters": linux,
                "windows_parameters": windows,
            },
            **{
                "recur_every": "1Week Sunday",
                "duration": "03:00",
                "extension_properties": {"InGuestPatchMode": "User"},
                **settings,
            },
        )
        if used:
            maintenance.ConfigurationAssignmentsForSubscription(
                "machines", maintenance_configuration_id=made.id, filter=BY_TAG
            )

    return program


def scoped(filter_, cls=maintenance.ConfigurationAssignmentsForSubscription, **more):
    return lambda: cls(
        "it", maintenance_configuration_id=f"{SUBSCRIPTION}/window", filter=filter_, **more
    )


def machine(system="linux_configuration", *, bypass=True, mode="AutomaticByPlatform", asked=None):
    profile = {
        system: {
            "patch_settings": {
                "patch_mode": mode,
                "assessment_mode": asked or mode,
                "automatic_by_platform_settings": {
                    "bypass_platform_safety_checks_on_user_schedule": bypass
                },
            }
        }
    }
    return lambda: compute.VirtualMachine("it", resource_group_name="group", os_profile=profile)


def of_a_disk():
    compute.VirtualMachine("it", resource_group_name="group")


HOSTS = window(scope="Host")

CASES = {
    f"{A}window-installs-what-is-urgent": (
        window(),
        window(linux={"classifications_to_include": ["Security"]}),
        HOSTS,
    ),
    f"{A}window-opens-within-the-month": (window(), window(recur_every="1Month Second Sun"), HOSTS),
    f"{A}window-is-one-that-azure-takes": (window(), window(duration="04:00"), HOSTS),
    f"{A}window-restarts-where-it-must": (window(), window(reboot="Never"), HOSTS),
    f"{A}window-has-machines": (window(), window(used=False), HOSTS),
    f"{A}scope-is-chosen": (scoped(BY_TAG), scoped({"os_types": ["Linux"]}), nothing),
    f"{A}machine-lets-a-schedule-patch-it": (machine(), machine(bypass=False), of_a_disk),
    f"{A}machine-is-asked-what-it-lacks": (machine(), machine(asked="ImageDefault"), of_a_disk),
}

ALSO = {
    "a window that installs nothing": (
        f"{A}window-installs-what-is-urgent",
        window(linux=None),
    ),
    "a window of Windows that leaves out what is urgent": (
        f"{A}window-installs-what-is-urgent",
        window(windows={"classifications_to_include": ["Tools"]}),
    ),
    "a window that opens once": (f"{A}window-opens-within-the-month", window(recur_every=None)),
    "a window that opens each fifth week": (
        f"{A}window-opens-within-the-month",
        window(recur_every="5Weeks Sunday"),
    ),
    "patches that are not the schedule's": (
        f"{A}window-is-one-that-azure-takes",
        window(extension_properties={}),
    ),
    "a machine that Windows patches": (
        f"{A}machine-lets-a-schedule-patch-it",
        machine("windows_configuration", mode="AutomaticByOS"),
    ),
}

FINE = {
    "a window each day": (f"{A}window-opens-within-the-month", window(recur_every="Day")),
    "a window each fourth week": (
        f"{A}window-opens-within-the-month",
        window(recur_every="4Weeks Sunday,Monday"),
    ),
    "a scope of named groups": (
        f"{A}scope-is-chosen",
        scoped(
            {"resource_groups": ["payments"]},
            maintenance.ConfigurationAssignmentsForResourceGroup,
            resource_group_name="group",
        ),
    ),
    "a machine of Windows": (
        f"{A}machine-is-asked-what-it-lacks",
        machine("windows_configuration"),
    ),
}


def test_every_rule_has_its_cases():
    assert set(CASES) == {rule.id for rule in RULES if rule.id.startswith(A)}

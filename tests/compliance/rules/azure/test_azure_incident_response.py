from pulumi_azure_native import resources, servicebus, web
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.azure import incident_response as rules

A = "azure.incident_response."
WRITER = "bulwark_runtime.block_list.azure_app:app"


def nothing():
    """A program without a queue or a function."""
    resources.ResourceGroup("it")


def bus(**settings):
    return lambda: servicebus.Namespace("it", resource_group_name="group", **settings)


def app(runs=WRITER, **settings):
    settings = {"BULWARK_APP": runs, **settings}
    return web.WebApp(
        "app",
        resource_group_name="group",
        site_config={"app_settings": [{"name": n, "value": v} for n, v in settings.items()]},
    )


def writer(runs=WRITER, **settings):
    return lambda: app(runs, **settings)


def read_by(runs=WRITER, **queue):
    def program():
        made = servicebus.Queue(
            "queue",
            queue_name="requests",
            namespace_name="bus",
            resource_group_name="group",
            **queue,
        )
        app(runs, BULWARK_QUEUE=made.name)

    return program


CASES = {
    f"{A}bus-takes-no-keys": (bus(disable_local_auth=True), bus(), nothing),
    f"{A}bus-speaks-tls-1-2": (bus(minimum_tls_version="1.2"), bus(), nothing),
    f"{A}block-list-has-one-writer": (
        read_by(requires_session=True),
        read_by(),
        read_by("another:app"),
    ),
    f"{A}block-list-refuses-what-is-too-wide": (
        writer(BULWARK_WIDEST="24 48"),
        writer(BULWARK_WIDEST="8 48"),
        writer(),
    ),
    f"{A}block-list-keeps-its-history": (
        writer(BULWARK_HISTORY_DAYS="400"),
        writer(BULWARK_HISTORY_DAYS="90"),
        writer("another:app", BULWARK_HISTORY_DAYS="90"),
    ),
}

ALSO = {
    "an IPv6 network that is too wide": (
        f"{A}block-list-refuses-what-is-too-wide",
        writer(BULWARK_WIDEST="24 20"),
    ),
    "TLS that is said to be old": (f"{A}bus-speaks-tls-1-2", bus(minimum_tls_version="1.1")),
}

FINE = {
    "TLS that is newer": (f"{A}bus-speaks-tls-1-2", bus(minimum_tls_version="1.3")),
}


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()

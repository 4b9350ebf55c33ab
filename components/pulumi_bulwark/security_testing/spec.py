"""The `securityTesting` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..clouds import Differs, Limited
from ..days import Day
from ..forms import NAME, AccountId, Form
from ..spec import Guards, Spec

_Switch = Guards("detection", weaker="lower")

Weakness = Annotated[
    str,
    Form(
        r"[A-Z][A-Z0-9]*(-[A-Za-z0-9.]+)+",
        "the id of one weakness as Inspector shows it, such as CVE-2026-12345",
    ),
]
ExceptionName = Annotated[str, Field(max_length=60), NAME]


class ExceptionSpec(Spec):
    weaknesses: Annotated[tuple[Weakness, ...], Field(min_length=1, max_length=10)]
    """Ids of the weaknesses, such as CVE-2026-12345: 1 to 10, Inspector's limit for a filter."""

    resources: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=1024)], ...], Field(max_length=10)
    ] = ()
    """The machines, images or functions it is for, by the ids that Inspector shows: up to 10 of up
    to 1024 characters. None means all of them."""

    reason: Annotated[str, Field(min_length=10, max_length=300)]
    """Why the weakness does no harm here, and what makes up for it: 10 to 300 characters."""

    owner: Annotated[str, Field(min_length=3, max_length=100)]
    """Who answers for it: 3 to 100 characters."""

    until: Day
    """The last day on which it holds, such as 2027-01-31. What is seen after that day is a finding
    again, by Inspector's own clock; every preview then warns, and `pulumi up` still runs."""


class InventorySpec(Spec):
    enabled: Annotated[
        bool,
        Limited(
            "azure",
            to=(False,),
            because="Defender lists what is installed by itself, and Resource Graph shows it.",
        ),
    ] = True
    """Whether Inspector lists what is installed on every machine, and is in every image and
    function, as CycloneDX files in the bucket of the access logs. PCI DSS 6.3.2 wants such a list.
    They are kept for as long as logs are."""

    every: Annotated[
        Literal["day", "week", "month"],
        Limited("azure", "Defender's list is always that of today. Remove it."),
    ] = "week"
    """How often: day, week (on Mondays) or month (on the first), at five in the morning, UTC."""


class SecurityTestingSpec(Spec):
    administrator: Annotated[
        AccountId | None,
        Limited(
            "azure",
            "Where a management group's policy sets Defender's plans, set bulwark:account.manage "
            "to none with its name as baseline. Remove it.",
        ),
    ] = None
    """The account of the organisation's delegated administrator for Inspector: 12 digits, in
    quotes. It then decides what is scanned in this account too, and has the exceptions."""

    machines: Annotated[
        bool,
        _Switch,
        Differs(
            "azure",
            "Defender for Servers scans: by its agent, and with serverPlan p2 by the disks too.",
        ),
    ] = True
    """Whether EC2 machines are scanned for known weaknesses in what is installed. Billed by
    machine. They need the agent of Systems Manager, or else their disks are read."""

    images: Annotated[
        bool, _Switch, Differs("azure", "Defender for Containers scans what is in a registry.")
    ] = True
    """Whether container images in ECR are scanned, when pushed and whenever a weakness becomes
    known. It sets the registry to enhanced scanning. Billed by image."""

    functions: Annotated[
        bool,
        _Switch,
        Limited(
            "azure",
            to=(False,),
            because="Defender does not look into the packages of functions: their locks are "
            "scanned in the pipeline.",
        ),
    ] = True
    """Whether the packages that Lambda functions bring are scanned. Billed by function."""

    function_code: Annotated[
        bool,
        _Switch,
        Limited(
            "azure",
            to=(False,),
            because="Defender reads code in repositories that somebody connects by hand, in its "
            "DevOps security; the pipeline's own scan needs nobody.",
        ),
    ] = True
    """Whether the code of Lambda functions is scanned too, for injection, weak cryptography and
    secrets. It needs `functions`, and there are regions without it. Billed by function."""

    inventory: InventorySpec = InventorySpec()
    """The list of everything that is installed (SBOM)."""

    exceptions: Annotated[
        dict[ExceptionName, ExceptionSpec],
        Differs(
            "azure",
            "Defender exempts whole recommendations and no single weakness, so it goes on showing "
            "them: `bulwark findings` leaves them out until their day is over.",
        ),
    ] = Field(default={}, max_length=100)
    """Weaknesses that are left out of the findings for a time, by a name of up to 60 letters: at
    most 100."""

    @model_validator(mode="after")
    def _inspector_takes_it(self) -> Self:
        if self.function_code and not self.functions:
            raise ValueError(
                "functionCode needs functions, which Inspector scans first; set both to false, or "
                "neither"
            )
        if self.administrator and self.exceptions:
            raise ValueError(
                "exceptions are the administrator's to make, and AWS refuses them to others; make "
                "them there, or remove administrator"
            )
        return self

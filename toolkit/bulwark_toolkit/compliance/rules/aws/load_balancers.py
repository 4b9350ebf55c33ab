"""Load balancers of version 2. Pulumi has each class twice, as lb and as alb."""

import re
from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"

_TLS_POLICY: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-(?!Ext)")
"""TLS 1.2 or 1.3 with forward secrecy; the `Ext` ones add ciphers without it."""


def _is_application(balancer: Subject) -> bool:
    return balancer.get("loadBalancerType", "application") == "application"


@rule(
    "aws.load_balancers.http-only-redirects",
    *LISTENERS,
    severity="high",
    requires="Listeners for HTTP do nothing but redirect to HTTPS",
    remediation="Make the default action a redirect with protocol HTTPS, or remove the listener.",
    reference="ELB.1",
)
def http_only_redirects(listener: Subject) -> Iterator[Verdict]:
    # One with a port and no protocol speaks HTTP; a gateway's has neither.
    if listener.get("protocol", "HTTP" if listener.has("port") else "") != "HTTP":
        return
    for action in listener.each("defaultActions"):
        # A redirect that names no protocol stays where it came from.
        secure = listener.get(f"{action}.redirect.protocol") == "HTTPS"
        kind = listener.get(f"{action}.type")
        yield Verdict(kind == "redirect" and secure, action, kind)


@rule(
    "aws.load_balancers.tls-is-1-2-with-forward-secrecy",
    *LISTENERS,
    severity="high",
    requires="Listeners take TLS 1.2 and 1.3 only, with forward secrecy",
    remediation="Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or another policy "
    "ELBSecurityPolicy-TLS13-1-2 or -1-3 without Ext.",
    reference="ELB.17",
)
def tls_is_1_2_with_forward_secrecy(listener: Subject) -> Iterator[Verdict]:
    if listener.get("protocol") in ("HTTPS", "TLS"):
        policy = listener.get("sslPolicy", "ELBSecurityPolicy-2016-08")
        yield Verdict(bool(_TLS_POLICY.match(policy)), "sslPolicy", policy)


@rule(
    "aws.load_balancers.invalid-headers-are-dropped",
    *BALANCERS,
    severity="medium",
    requires="Application load balancers drop header fields whose names are not valid",
    remediation="Set dropInvalidHeaderFields to true.",
    reference="ELB.4",
)
def invalid_headers_are_dropped(balancer: Subject) -> Iterator[Verdict]:
    if _is_application(balancer):
        drops = balancer.get("dropInvalidHeaderFields", False)
        yield Verdict(drops is True, "dropInvalidHeaderFields", drops)


@rule(
    "aws.load_balancers.ambiguous-requests-are-refused",
    *BALANCERS,
    severity="medium",
    requires="Application load balancers defend against requests that can be read in two ways",
    remediation="Set desyncMitigationMode to defensive or strictest, or leave it out.",
    reference="ELB.12",
)
def ambiguous_requests_are_refused(balancer: Subject) -> Iterator[Verdict]:
    if _is_application(balancer):
        mode = balancer.get("desyncMitigationMode", "defensive")
        yield Verdict(mode in ("defensive", "strictest"), "desyncMitigationMode", mode)


@rule(
    "aws.load_balancers.requests-are-logged",
    *BALANCERS,
    severity="medium",
    requires="Application load balancers log every request to a bucket",
    remediation="Set accessLogs to a bucket, and accessLogs.enabled to true: a bucket alone "
    "turns nothing on.",
    reference="ELB.5",
)
def requests_are_logged(balancer: Subject) -> Iterator[Verdict]:
    if _is_application(balancer):
        enabled = balancer.get("accessLogs.enabled", False)
        yield Verdict(enabled is True, "accessLogs.enabled", enabled)


@rule(
    "aws.load_balancers.deletion-is-refused",
    *BALANCERS,
    severity="medium",
    requires="Load balancers refuse to be deleted",
    remediation="Set enableDeletionProtection to true.",
    reference="ELB.6",
)
def deletion_is_refused(balancer: Subject) -> Iterator[Verdict]:
    refuses = balancer.get("enableDeletionProtection", False)
    yield Verdict(refuses is True, "enableDeletionProtection", refuses)


@rule(
    "aws.load_balancers.public-balancer-has-a-web-acl",
    *BALANCERS,
    severity="high",
    requires="Application load balancers that face the internet have a web ACL",
    remediation="Add an aws.wafv2.WebAclAssociation from a regional web ACL to its ARN.",
    reference="PCI 6.4.2",
    alone=False,
)
def public_balancer_has_a_web_acl(balancer: Subject) -> Iterator[Verdict]:
    if _is_application(balancer) and not balancer.get("internal", False):
        associations = balancer.attached(ASSOCIATION, "resourceArn")
        names = ", ".join(association.resource.name for association in associations)
        yield Verdict(bool(associations), "internal", names or "no web ACL")

"""Questions to the logs of API, firewall and sign-in that an investigation begins with.

The trail's are the audit log's own.
"""

from collections.abc import Mapping

OF_API: Mapping[str, str] = {
    "errors of the API by route": (
        "filter status like /^5/\n"
        "| stats count(*) as errors by method, route, error, backendStatus\n"
        "| sort errors desc\n| limit 50"
    ),
    "slowest routes": (
        "stats pct(latencyMs, 99) as p99, pct(backendLatencyMs, 99) as backend, "
        "count(*) as requests by method, route\n| sort p99 desc\n| limit 50"
    ),
    "who is refused": (
        'filter status = "401" or (status = "403" and error != "WAF_FILTERED")\n'
        "| stats count(*) as refused by sourceIp, client, route, error\n"
        "| sort refused desc\n| limit 50"
    ),
    "who is throttled": (
        'filter status = "429"\n'
        "| stats count(*) as throttled by apiKeyId, client, sourceIp, route\n"
        "| sort throttled desc\n| limit 50"
    ),
    "all requests of one client": (
        "fields @timestamp, method, route, status, error, sourceIp, principal, client\n"
        "| filter client = 'CLIENT' or sourceIp = 'ADDRESS'\n"
        "| sort @timestamp desc\n| limit 200"
    ),
}
"""Of the access log, whose fields are the API's."""

OF_FIREWALL: Mapping[str, str] = {
    "who is blocked most": (
        'filter action = "BLOCK"\n'
        "| stats count(*) as blocked by httpRequest.clientIp, httpRequest.country, "
        "terminatingRuleId\n| sort blocked desc\n| limit 50"
    ),
    "what is blocked by which rule": (
        'filter action = "BLOCK"\n'
        "| stats count(*) as blocked by terminatingRuleId, httpRequest.httpMethod, "
        "httpRequest.uri\n| sort blocked desc\n| limit 50"
    ),
}
"""Of a web ACL's log."""

"""What Update Manager knows of the machines of a subscription, by Resource Graph."""

from typing import Final

UNPATCHED: Final = """
patchassessmentresources
| where type endswith "/patchassessmentresults"
| extend counts = properties.availablePatchCountByClassification
| extend urgent = coalesce(toint(counts.critical), 0) + coalesce(toint(counts.security), 0)
| extend other = coalesce(toint(counts.other), 0) + coalesce(toint(counts.updates), 0)
| project resource = tostring(split(tolower(id), "/patchassessmentresults/")[0]), urgent, other
| where urgent > 0 or other > 0
""".strip()
"""Machines of which Update Manager knows that they lack patches. It does not say since when, and
forgets a look after seven days."""

FAILED: Final = """
patchinstallationresources
| where type endswith "/patchinstallationresults"
| extend machine = tostring(split(tolower(id), "/patchinstallationresults/")[0])
| extend status = tostring(properties.status), ended = todatetime(properties.lastModifiedDateTime)
| where status in~ ("Succeeded", "Failed", "CompletedWithWarnings")
| summarize arg_max(ended, status) by machine
| where status !~ "Succeeded"
| project resource = machine, ended, status
""".strip()
"""Machines on which the last installation of patches failed, in a window or not, in whole or in
part. One that does well takes its machine off again; Azure forgets each after thirty days."""

"""Cross-site scripting as others collected it: BRS-KB's payloads for HTML, from its package.

About a tenth of them runs nothing by itself (templates of servers, links without a script, parts of
an attack); they are counted all the same.
"""

from functools import cache


@cache
def attacks() -> tuple[str, ...]:
    try:
        from brs_kb import payloads
    except ImportError:
        return ()
    found = {
        entry.payload
        for group in vars(payloads).values()
        if isinstance(group, dict)
        for entry in group.values()
        if "html_content" in getattr(entry, "contexts", ())
    }
    return tuple(sorted(found))

"""The peer: ModSecurity 3 with the OWASP Core Rule Set 4, on the same requests."""

import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from bulwark_runtime.input_guard import Request

from . import crs

_SETUP = """
SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 1048576
SecRule REQUEST_HEADERS:Content-Type "^application/json" \
  "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecDefaultAction "phase:1,pass,nolog"
SecDefaultAction "phase:2,pass,nolog"
SecAction "id:900000,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=%(level)d"
SecAction "id:900001,phase:1,pass,nolog,setvar:tx.detection_paranoia_level=%(level)d"
SecAction "id:900110,phase:1,pass,nolog,setvar:tx.inbound_anomaly_score_threshold=5"
SecAction "id:900990,phase:1,pass,nolog,setvar:tx.crs_setup_version=4250"
"""

_LEFT_OUT = ("REQUEST-920-", "REQUEST-911-", "REQUEST-913-", "RESPONSE-")
"""The protocol's rules would judge our requests' headers, not their texts."""


_BARE = re.compile(r'^(\s*SecRule \S+ "[^"]*")$', re.MULTILINE)
"""A rule without actions, which Coraza reads and ModSecurity does not."""


class Peer:
    def __init__(self, level: int) -> None:
        import libmodsecurity as ms

        folder = crs.root()
        if folder is None:
            raise ImportError("the Core Rule Set's Go module is not to be had")
        self._engine = ms.ModSecurity()
        self._engine.set_log_callback(lambda _: None)
        self._rules = ms.RulesSet()
        self._load(self._rules.load(_SETUP % {"level": level}))
        with tempfile.TemporaryDirectory() as scratch:
            rules = Path(scratch) / "rules"
            shutil.copytree(folder / "rules" / "@owasp_crs", rules, copy_function=shutil.copyfile)
            rules.chmod(0o755)
            for file in sorted(rules.glob("REQUEST-*.conf")):
                if not file.name.startswith(_LEFT_OUT):
                    file.write_text(_BARE.sub(r'\1 "t:none"', file.read_text()))
                    self._load(self._rules.load_from_uri(str(file)))

    def _load(self, count: int) -> None:
        if count < 0:
            raise ImportError(self._rules.get_parser_error())

    def denies(self, request: Request) -> bool:
        with self._engine.transaction(self._rules) as passing:
            passing.process_connection("127.0.0.1", 40000, "127.0.0.1", 443)
            query = f"?{request.query}" if request.query else ""
            passing.process_uri(f"{request.path}{query}", request.method, "1.1")
            for name, text in request.headers:
                passing.add_request_header(name, text)
            passing.process_request_headers()
            if request.body:
                passing.append_request_body(request.body)
            passing.process_request_body()
            found: Any = passing.intervention()
        return found is not None and bool(found.disruptive)


@cache
def peer(level: int = 1) -> Peer | None:
    """The peer, or None where its package or its rules are not to be had."""
    try:
        return Peer(level)
    except ImportError:
        return None

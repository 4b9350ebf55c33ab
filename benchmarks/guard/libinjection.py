"""libinjection's own samples, from its Go port's module."""

from collections.abc import Iterator

from .modules import module

MODULE = "github.com/corazawaf/libinjection-go"


def samples() -> Iterator[tuple[str, str, bool]]:
    """Kind, text, and whether it is an attack by libinjection's own word."""
    folder = module(MODULE)
    for file in sorted((folder / "tests").glob("test-*.txt")) if folder else ():
        kind = file.name.split("-")[1]
        if kind in ("sqli", "xss"):
            _, _, rest = file.read_text(encoding="latin-1").partition("--INPUT--\n")
            text, _, expected = rest.partition("--EXPECTED--")
            is_attack = expected.strip() not in ("", "0")
            yield ("sql" if kind == "sqli" else "xss"), text.rstrip("\n"), is_attack

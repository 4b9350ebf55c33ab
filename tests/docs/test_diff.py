"""The example of docs/diff.md says what the command prints."""

import re
from pathlib import Path

from bulwark_toolkit.compliance import diff

PAGE = (Path(__file__).parents[2] / "docs" / "diff.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_the_page_shows(preview):
    old, new = (
        preview(
            lambda text=text: exec(compile(text, "__main__.py", "exec"), {}),  # noqa: S102 our own
            rendered=True,
            project="shop",
            stack="prod",
            config={"aws:region": "eu-central-1"},
        )
        for text in blocks("python")
    )
    (printed,) = blocks("text")

    assert re.sub(r"  \S+\.py:\d+", "", diff.text(diff.difference(old, new))) == printed

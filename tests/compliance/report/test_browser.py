"""The page in a real browser, where one is installed."""

import pytest

from bulwark_toolkit.compliance.controls import frameworks
from bulwark_toolkit.compliance.judge import judge
from bulwark_toolkit.compliance.report import Facts, as_html, assess
from bulwark_toolkit.compliance.rules import RULES

SHOWN = "[...document.querySelectorAll('.control')].filter(c => c.checkVisibility()).length"
STATUS = "document.getElementById('shown').textContent"
FACTS = Facts(
    project="shop",
    stack="prod",
    mode="rendered",
    digest="sha256:0",
    commit="",
    time="2026-01-02T03:04:05Z",
    tools=(),
    resources=1,
    services=(("s3", 1),),
    rules=1,
)


@pytest.fixture
def page(tmp_path, preview):
    import pulumi_aws as aws

    graph = preview(lambda: aws.kms.Key("ledger"), rendered=True)
    file = tmp_path / "evidence.html"
    found = assess(frameworks(), judge(graph), RULES)
    file.write_text(as_html(found, FACTS), encoding="utf-8")
    return file


def test_a_search_shows_what_has_all_its_words(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    total = browser.run(SHOWN)

    browser.press("/", "/")
    assert browser.run("document.activeElement.id") == "find"
    browser.call("Input.insertText", text="ledger enableKeyRotation")
    shown = browser.run(SHOWN)
    assert 0 < shown < total
    assert browser.run(STATUS).startswith(f"{shown} of {total} controls are shown")
    browser.press("Escape")
    assert browser.run(SHOWN) == total
    assert list(browser.complaints()) == []


def test_a_number_of_the_summary_shows_those_controls(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    link = "document.querySelector('a[data-pick=pci-dss][data-outcome=fail]')"
    number = int(browser.run(f"{link}.textContent"))

    browser.run(f"{link}.click()")
    assert browser.run(SHOWN) == number > 0
    browser.run("document.getElementById('reset').click()")
    assert browser.run(STATUS).startswith("All ")


def test_an_address_opens_its_control_whatever_is_filtered(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    browser.run("document.querySelector('a[data-pick=gdpr-32][data-outcome=manual]').click()")
    browser.run("location.hash = 'aws-fsbp-kms.4'")
    browser.run("new Promise(done => setTimeout(done))")

    assert browser.run("document.getElementById('aws-fsbp-kms.4').open") is True
    assert browser.run("document.getElementById('aws-fsbp-kms.4').checkVisibility()") is True


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_window(browser, page, width, dark):
    browser.size(width, 900, dark=dark)
    browser.open(page)
    browser.run("document.getElementById('open').click()")

    assert browser.run("document.documentElement.scrollWidth") <= width

"""The page in a real browser, where one is installed."""

import pytest

from bulwark_toolkit.preview import draw_html, draw_svg

SHEET = "document.getElementById('sheet').open"
FOCUSED = "document.activeElement.getAttribute('href')"


@pytest.fixture
def page(tmp_path, preview, front_door):
    file = tmp_path / "shop.html"
    file.write_text(draw_html(preview(front_door, project="shop", stack="prod")), encoding="utf-8")
    return file


def test_enter_opens_the_details_and_escape_closes_them_where_one_was(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    for _ in range(3):
        browser.press("Tab")

    where = browser.run(FOCUSED)
    assert where == "#g-0"
    assert browser.run(SHEET) is False
    browser.press("Enter", "\r")
    assert browser.run(SHEET) is True
    assert browser.run("document.getElementById('sheet-title').textContent") == "Edge"
    assert browser.run("document.querySelectorAll('#sheet-body .resource').length") == 6
    browser.press("Escape")
    assert browser.run(SHEET) is False
    assert browser.run(FOCUSED) == where
    assert list(browser.complaints()) == []


def test_a_resource_of_a_card_opens_where_it_is_described(browser, page):
    browser.size(1440, 900)
    browser.open(page)

    browser.run("document.querySelector('a.row').dispatchEvent(new MouseEvent('click', "
                "{bubbles: true, cancelable: true}))")  # fmt: skip

    shown = browser.run("document.querySelector('#sheet-body .resource[open]').dataset.name")
    assert shown == "shop-edge-distribution aws:cloudfront/distribution:Distribution"


def test_pointing_at_a_card_shows_what_it_depends_on(browser, page):
    browser.size(1440, 900)
    browser.open(page)
    visible = (
        "[...document.querySelectorAll('.tie')].filter(t => getComputedStyle(t).display !== "
        "'none').length"
    )
    assert browser.run(visible) == 0

    box = browser.run("(() => {const b = document.querySelector('a.card.api')"
                      ".getBoundingClientRect(); return [b.x + 9, b.y + 20]})()")  # fmt: skip
    browser.point(*box)

    assert browser.run(visible) == 3


@pytest.mark.parametrize("wide", [320, 390, 768, 1024, 1440])
def test_the_page_never_scrolls_sideways(browser, page, wide):
    browser.size(wide, 844)
    browser.open(page)
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert browser.run("document.documentElement.scrollWidth") <= wide
    assert list(browser.complaints()) == []


def test_text_stays_inside_its_card(browser, page):
    browser.size(1440, 900)
    browser.open(page)

    outside = browser.run("""[...document.querySelectorAll('.whole')].flatMap(whole => {
        const box = whole.querySelector('.box').getBoundingClientRect();
        return [...whole.querySelectorAll('text')].filter(
            text => text.getBoundingClientRect().right > box.right - 4
        ).map(text => text.textContent)})""")
    assert outside == []


CONTRAST = """(() => {
    const lum = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055)
        ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const rgb = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
    const low = [];
    for (const text of document.querySelectorAll('svg.picture text')) {
        const chip = text.closest('.chip');
        const under = chip ? chip.querySelector('rect') : text.closest('.card, .row')
            ? document.querySelector('a.card .box') : null;
        const ground = under ? getComputedStyle(under).fill
            : getComputedStyle(document.documentElement).backgroundColor;
        const [a, b] = [lum(rgb(getComputedStyle(text).fill)), lum(rgb(ground))];
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) low.push([text.textContent, ratio]);
    }
    return low;
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_contrast_enough(browser, page, dark):
    browser.size(1440, 900, dark=dark)
    browser.open(page)

    assert browser.run(CONTRAST) == []


def test_finding_narrows_the_list(browser, page):
    browser.size(1440, 900)
    browser.open(page)

    browser.run(
        "const field = document.getElementById('find'); field.value = 'webacl'; "
        "field.dispatchEvent(new Event('input'))"
    )

    assert browser.run("document.getElementById('found').textContent") == "8 found"
    assert browser.run("document.querySelectorAll('.group:not([hidden])').length") == 1


def test_on_paper_everything_is_written_out(browser, page):
    browser.size(1440, 900)
    browser.open(page)

    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("document.querySelectorAll('details:not([open])').length") == 0
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run("document.querySelectorAll('details[open]').length") == 0


def test_the_picture_alone_loads_without_complaint(browser, tmp_path, preview, front_door):
    file = tmp_path / "shop.svg"
    file.write_text(draw_svg(preview(front_door)), encoding="utf-8")
    browser.open(file)

    assert list(browser.complaints()) == []
    assert browser.run("document.documentElement.localName") == "svg"

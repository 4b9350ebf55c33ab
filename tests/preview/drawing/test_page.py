"""The page: what is in it, what cannot get in, and that it needs nothing."""

import base64
import hashlib
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulwark_toolkit.preview import Failure, Setting, UsageError, draw_html, draw_svg
from bulwark_toolkit.preview.drawing.text import safe, shorten, width


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 we wrote it ourselves a moment ago


VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Every element with its attributes and text; an element left open or closed twice is a
    failure."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), names
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture
def shop(preview, front_door):
    return preview(front_door, project="shop", stack="prod")


def test_the_page_is_well_formed_and_every_link_leads_somewhere(shop):
    page = Page(draw_html(shop))

    assert [count for count in Counter(page.ids()).values() if count > 1] == []
    links = [a["href"] for a in page.of("a")]
    assert len(links) > 50
    assert {link[1:] for link in links} <= set(page.ids())


def test_nothing_comes_from_elsewhere(shop):
    text = draw_html(shop)
    page = Page(text)

    addresses = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
    ]
    assert all(address.startswith(("#", "data:")) for address in addresses)
    style = "".join(page.text["style"])
    assert "@import" not in style
    assert "url(" not in style.replace("url(#", "")
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"iframe", "object", "embed", "img", "image", "use", "form", "base", "foreignobject"}
    )


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(shop):
    page = Page(draw_html(shop))
    [policy] = [
        m["content"] for m in page.of("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def digest(tag):
        [text] = page.text[tag]
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "style-src": digest("style"),
        "script-src": digest("script"),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not [a for _, a in page.elements if "style" in a]
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]


def test_every_resource_is_there_with_its_inputs(shop):
    page = Page(draw_html(shop))
    there = {a["data-name"] for a in page.of("details") if "data-name" in a}

    assert there == {f"{r.name} {r.type}" for r in shop.resources}
    said = page.text["dt"]
    assert "defaultCacheBehavior.viewerProtocolPolicy" in said
    assert "origins[0].customHeaders[0].value" in said


def test_secrets_and_unknowns_are_marked_and_no_secret_is_shown(shop):
    text = draw_html(shop) + draw_svg(shop)

    assert "s3cr3t" not in text
    assert "hunter2" not in text
    assert text.count('<span class="mark secret">secret</span>') == 2
    assert '<span class="mark unknown">known after up</span> from <a href="#r-' in text


def protection(graph, name, token):
    """The lines under "What protects it", as plain text."""
    urn = next(r.urn for r in graph.resources if (r.name, r.type) == (name, token))
    part = draw_html(graph).split(f'<p class="urn">{urn}</p>')[1].split("</details>")[0]
    found = re.search(r"What protects it</h4><ul>(.*?)</ul>", part)
    return [re.sub(r"<[^>]+>", "", line) for line in found[1].split("</li>")[:-1]] if found else []


def test_what_protects_a_resource_is_told(shop):
    assert protection(shop, "shop-audit-log-trail", "aws:s3/bucket:Bucket") == [
        "protected: Pulumi refuses to delete it",
        "kept in the cloud when it leaves the program",
        "not deleted while it holds anything",
        "public access blocked: shop-audit-log-public",
        "versioned: shop-audit-log-versioning",
        "resource policy: shop-audit-log-policy",
    ]
    assert protection(shop, "shop-api-stage", "aws:apigateway/stage:Stage") == [
        "traced",
        "logs to shop-audit-log-access",
        "quota for each partner: shop-api-partners",
        "behind a web ACL: shop-waf-api-association",
    ]
    assert protection(
        shop, "shop-edge-distribution", "aws:cloudfront/distribution:Distribution"
    ) == ["behind shop-waf-edge", "logged: shop-edge-log-source"]
    assert "encrypted with shop-keys-data" in protection(
        shop, "shop-payments-payments", "aws:dynamodb/table:Table"
    )


def test_what_is_a_setting_of_another_resource_does_not_protect_itself(shop):
    association = "aws:wafv2/webAclAssociation:WebAclAssociation"

    assert protection(shop, "shop-waf-api-association", association) == []


def test_notes_are_with_their_capability(shop):
    sheets = draw_html(shop).split('<div class="sheet">')

    [keys] = [sheet for sheet in sheets if "3 keys: about 3 USD a month" in sheet]
    assert 'data-name="shop-keys-logs aws:kms/key:Key"' in keys


def test_settings_are_shown_where_the_caller_knows_them(shop):
    rows = {"test:index:AwsKeys": [Setting("bulwark:keys.rotationDays", 365, "profile <b>")]}

    text = draw_html(shop, rows)

    assert "<dt>bulwark:keys.rotationDays</dt><dd><code>365</code>" in text
    assert "profile &lt;b&gt;" in text


def test_it_can_be_used_with_the_keyboard(shop):
    page = Page(draw_html(shop))
    cards = [a for a in page.of("a") if a.get("class", "").startswith("card ")]

    # Each is one stop, in reading order, and says what it is; its lines are reached inside.
    assert [a["aria-label"].split(":")[0] for a in cards] == [
        "Edge", "WAF", "API", "Payments",
        "Customer identity", "Keys", "Secrets", "Audit log", "Account",
    ]  # fmt: skip
    assert not [a for a in cards if "tabindex" in a]
    assert all(a["tabindex"] == "-1" for a in page.of("a") if a.get("class") in ("row", "arrow"))
    assert page.of("dialog") == [{"id": "sheet", "aria-labelledby": "sheet-title"}]
    assert page.of("html") == [{"lang": "en"}]
    assert [a["aria-label"] for a in page.of("button")] == ["Close the details"]


def test_two_drawings_are_the_same_bytes(preview, front_door):
    first, second = (preview(front_door) for _ in range(2))

    assert draw_html(first) == draw_html(second)
    assert draw_svg(first) == draw_svg(second)


HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "</title></svg><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "]]><!--",
    "\x00\x1b[31m\u202egnp.exe\ud800",
]


class Hostile(pulumi.ComponentResource):
    def __init__(self, name, text):
        super().__init__(f"evil:index:{text}", name)
        opts = pulumi.ResourceOptions(parent=self)
        aws.kms.Key(f"{name}-key", description=text, tags={text: text}, opts=opts)
        aws.iam.Role(f"{name}-role", assume_role_policy=text, opts=opts)
        pulumi.log.info(f"limit: {text}", self)
        self.register_outputs({text: text})


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_a_hostile_name_or_input_is_only_text(preview, text):
    def build():
        Hostile(text, text)
        pulumi.export(text, text)

    graph = preview(build, project="<b>", stack="<i>")
    page = Page(draw_html(graph, {f"evil:index:{text}": [Setting(text, text, text)]}))

    assert len(page.of("script")) == 1
    assert len(page.of("style")) == 1
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"img", "b", "i"})
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]
    assert all(a["href"].startswith("#") for a in page.of("a"))
    svg = parsed(draw_svg(graph))
    assert not [e for e in svg.iter() if e.tag.rpartition("}")[2] in ("script", "img", "a")]


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_leaves_the_page_well_formed(text):
    element = parsed(f"<a b='{safe(text)}'>{safe(text)}</a>")

    assert len(element) == 0
    assert list(element.attrib) == ["b"]
    assert width(shorten(text, 100, 12), 12) <= 100


def test_controls_and_direction_marks_become_visible():
    assert safe(HOSTILE[-1]) == "\ufffd\ufffd[31m\ufffdgnp.exe\ufffd"


def test_a_policy_is_written_out_and_a_huge_document_is_cut(preview):
    policy = json.dumps({"Statement": [{"Effect": "Deny"}]})
    huge = "x" * 50_000

    def build():
        aws.kms.Key("key", policy=policy)
        aws.cloudwatch.Dashboard("d", dashboard_body=huge, dashboard_name="d")

    text = draw_html(preview(build))

    assert "&quot;Effect&quot;: &quot;Deny&quot;\n" in text
    assert "30,000 characters more" in text
    assert text.count("x" * 20_000) == 1


def test_an_input_problem_is_told_where_it_is(preview):
    def build():
        aws.s3.BucketVersioning("v", bucket="b", versioning_configuration={"statsu": "Enabled"})

    text = draw_html(preview(build))

    assert '<p class="problem">versioningConfiguration.statsu: ' in text
    assert "2 input problems" in text


def test_a_rendered_graph_says_that_its_values_are_placeholders(preview, front_door):
    text = draw_html(preview(front_door, rendered=True))

    assert "are well-formed placeholders" in text
    assert "known after up" not in text.split("<footer>")[1]


def test_an_empty_program_has_a_page(preview):
    graph = preview(lambda: None)

    assert "0 resources" in draw_html(graph)
    parsed(draw_svg(graph))


def test_without_the_layout_engine_the_error_says_what_to_install(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphlay", None)

    with pytest.raises(UsageError, match=r"pip install 'pulumi-bulwark\[drawing\]'"):
        draw_svg(shop)


def test_the_picture_alone_is_svg_for_light_and_dark_with_nothing_to_run(shop):
    text = draw_svg(shop)
    root = parsed(text)

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.find("{http://www.w3.org/2000/svg}title").text == "Architecture of shop · prod"
    assert "prefers-color-scheme:dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert {e.tag.rpartition("}")[2] for e in root.iter()}.isdisjoint({"script", "a", "image"})


def test_what_fails_is_told_where_it_is_with_what_to_do(preview):
    graph = preview(lambda: aws.kms.Key("it"))
    failures = {graph["it"].urn: [Failure("<It> is so", "Do it.", grave=True)]}

    drawn = draw_html(graph, failures=failures)

    Page(drawn)
    assert '<p class="problem grave">&lt;It&gt; is so. Do it.</p>' in drawn
    assert '<span class="chip bad">1 rule not kept</span>' in drawn
    assert 'class="card keys fails"' in draw_svg(graph, failures)

"""The language of API Management's policies: what is written, and what would be refused."""

from xml.etree.ElementTree import fromstring

import pytest

from pulumi_bulwark.api import azure_xml
from pulumi_bulwark.api.azure_xml import PolicyError, element, expression, faults, holding, written

GOOD = """<policies>
  <inbound>
    <base/>
    {inbound}
  </inbound>
  <backend>
    <forward-request timeout-ms="1000"/>
  </backend>
  <outbound>
    <base/>
  </outbound>
  <on-error>
    <base/>
  </on-error>
</policies>
"""


def with_inbound(text):
    return list(faults(GOOD.format(inbound=text)))


def test_an_attribute_with_double_quotes_stands_in_single_ones_and_needs_no_escape():
    text = written(element("when", {"condition": expression('context.Request.Method == "GET"')}))

    assert text == """<when condition='@(context.Request.Method == "GET")'/>\n"""


def test_what_is_written_is_what_a_parser_reads():
    made = element("a", {"b": 'x "y"'}, holding("c", "1 < 2 & 3"), element("d"))

    read = fromstring(written(made))  # noqa: S314 our own text
    assert read.attrib == {"b": 'x "y"'}
    assert read.find("c").text == "1 < 2 & 3"
    assert [child.tag for child in read] == ["c", "d"]


def test_the_text_has_unix_lines_and_no_space_at_their_ends():
    text = written(element("a", None, element("b", None, holding("c", "text"))))

    assert "\r" not in text
    assert text == "\n".join(line.rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("code", ["a < b", "a && b", "'x'", "f<string>()", "a\nb"])
def test_an_expression_that_xml_would_escape_is_not_written(code):
    with pytest.raises(PolicyError):
        expression(code)


@pytest.mark.parametrize("text", ["@(context.User.Id)", "@{return 1;}", "a {{secret}} b"])
def test_text_of_a_document_cannot_become_an_expression_or_a_named_value(text):
    with pytest.raises(PolicyError):
        azure_xml.plain(text)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a<b", "ä", "a\n"])
def test_text_that_would_end_the_string_it_stands_in_is_not_written(text):
    with pytest.raises(PolicyError):
        azure_xml.quoted(text)


def test_what_we_write_ourselves_has_no_fault():
    check = element("choose", None, element("when", {"condition": expression("true")}))

    assert with_inbound(written(check)) == []


@pytest.mark.parametrize(
    ("inbound", "said"),
    [
        ("<check-headers/>", "inbound: check-headers cannot be in inbound"),
        ("<forward-request timeout-ms='1'/>", "inbound: forward-request cannot be in inbound"),
        ("<rate-limit-by-key calls='1'/>", "rate-limit-by-key: lacks counter-key, renewal-period"),
        ("<choose><otherwise/></choose>", "choose: must have a when"),
        ("<choose><when condition='@(f(1)'/></choose>", "when: an expression does not end"),
        ("<choose><when condition='@(f(1)))'/></choose>", "when: an expression ends before"),
        ("<choose><when condition='@(f[1))'/></choose>", "when: an expression has a bracket"),
        ("<choose><when condition='@(a &lt; b)'/></choose>", "holds a character that XML escapes"),
        ("<validate-jwt><audience/></validate-jwt>", "audience cannot be in validate-jwt"),
        ("<unclosed>", "is no XML"),
    ],
)
def test_what_api_management_would_refuse_is_found(inbound, said):
    assert any(said in fault for fault in with_inbound(inbound))


def test_a_bracket_in_a_string_of_an_expression_is_no_bracket():
    assert with_inbound("""<choose><when condition='@(f(")") == "(")'/></choose>""") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<outbound>\n    <base/>", "<outbound>", "outbound: must begin with base"),
        ('<forward-request timeout-ms="1000"/>', "", "backend: must hold one policy"),
        ("on-error", "onerror", "must have the sections"),
    ],
)
def test_a_section_is_whole(old, new, said):
    text = GOOD.format(inbound="").replace(old, new)

    assert any(said in fault for fault in faults(text))


def test_a_policy_that_is_too_long_is_found():
    long = f"<set-variable name='a' value='{'x' * azure_xml.LARGEST}'/>"

    assert any("262,144" in fault for fault in with_inbound(long))

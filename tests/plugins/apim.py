"""What API Management would do with a policy, as far as the operation decides it.

It runs our own policies only: conditions on the operation are followed, and where something of the
request decides, both ways are taken.
"""

import re
from xml.etree.ElementTree import fromstring

import pytest

_OPERATION = re.compile(r'@\(context\.Operation\.Id == "([^"]+)"\)')
_OPERATIONS = re.compile(r"@\(new \[\] \{(.+)\}\.Contains\(context\.Operation\.Id\)\)")


class Policy:
    def __init__(self, text):
        self.text = text
        self.root = fromstring(text)  # noqa: S314 our own text

    def section(self, name):
        return self.root.find(name)

    def of(self, operation, section="inbound"):
        """The policies that an operation meets in a section, in their order."""
        return list(_met(self.section(section), operation))

    def tags(self, operation, section="inbound"):
        return [node.tag for node in self.of(operation, section)]

    def one(self, operation, tag, section="inbound"):
        (found,) = (node for node in self.of(operation, section) if node.tag == tag)
        return found

    def each(self, operation, tag, section="inbound"):
        return [node for node in self.of(operation, section) if node.tag == tag]

    def scopes(self, operation):
        """The scopes of which a token for the operation has to have one; None: it needs none."""
        checks = self.each(operation, "validate-jwt")
        if not checks:
            return None
        return {value.text for check in checks for value in check.iter("value")}


def _met(section, operation):
    for node in section:
        if node.tag != "choose":
            yield node
            continue
        for branch in node:
            holds = _holds(branch, operation)
            if holds is not False:
                yield from _met(branch, operation)
            if holds:
                break


def _holds(branch, operation):
    """True, False, or None where the request decides."""
    if branch.tag == "otherwise":
        return True
    condition = branch.get("condition")
    if one := _OPERATION.fullmatch(condition):
        return one[1] == operation
    if several := _OPERATIONS.fullmatch(condition):
        return operation in re.findall('"([^"]+)"', several[1])
    return None


@pytest.fixture
def policy():
    return Policy

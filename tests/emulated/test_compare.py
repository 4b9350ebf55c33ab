import pytest

from bulwark_toolkit.emulated import Among
from bulwark_toolkit.emulated.compare import compare


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ([{"Key": "a"}, {"Key": "b"}], [{"Key": "b"}, {"Key": "a"}]),
        ('{"Version": "2012-10-17"}', {"Version": "2012-10-17"}),
        ({"text": '{"a":1}'}, {"text": '{ "a": 1 }'}),
        (Among({"a": 1}), [{"b": 1}, {"a": 1}]),
    ],
)
def test_what_means_the_same_is_the_same(sent, got):
    assert compare(sent, got, "it") == {}


@pytest.mark.parametrize(
    ("sent", "got", "where"),
    [
        (1, 2, "it"),
        (True, None, "it"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "it.a.b"),
        ({"a": 1}, {}, "it.a"),
        ([1], [1, 2], "it"),
        ([{"a": 1}], [{"a": 2}], "it[].a"),
        ([1, 1], [1, 2], "it[]"),
        (Among(1), [2], "it"),
        (Among(1), None, "it"),
        ("{", "{}", "it"),
    ],
)
def test_a_difference_has_a_place(sent, got, where):
    assert list(compare(sent, got, "it")) == [where]

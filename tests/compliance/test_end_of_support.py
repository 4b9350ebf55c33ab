from datetime import date

import pytest

from bulwark_toolkit.compliance.end_of_support import days, last_day


def test_every_end_is_a_day():
    found = [day for versions in days().values() for day in versions.values()]

    assert len(found) > 50
    assert {type(day) for day in found} == {date}


@pytest.mark.parametrize("of", ["lambda", "kubernetes", "azure-functions"])
def test_some_ends_are_still_to_come(of):
    # A list of nothing but the past would let a version of today age unnoticed.
    assert max(days()[of].values()) > date(2026, 11, 25)


def test_what_is_not_known_to_end_has_no_last_day():
    assert last_day("lambda", "python9.9") is None

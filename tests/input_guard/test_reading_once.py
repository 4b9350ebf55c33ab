"""Text that is made to be dear: what is looked at grows as the text does."""

import pytest

from bulwark_runtime.input_guard.markup import program, script
from bulwark_runtime.input_guard.sql import detect, tokens

NESTED = [
    lambda n: "len(" * n + "1" + ")" * n,
    lambda n: "a" + ".b()" * n,
    lambda n: "a" + ".b" * n + "()",
    lambda n: ");" * n + "f(1)",
]


@pytest.mark.parametrize("make", NESTED)
def test_each_part_of_a_script_is_looked_at_once(make, monkeypatch):
    seen = []
    look = program._part
    monkeypatch.setattr(
        program, "_part", lambda node, parts: seen.append(node) or look(node, parts)
    )

    def looks(size):
        seen.clear()
        script.is_program(make(size))
        return len(seen)

    assert looks(400) <= 2 * looks(200) + 10


@pytest.mark.parametrize(
    "word", ["on ", "from ", "select * from a, ", "or 1=1 ", "like (", "join "]
)
def test_words_of_sql_over_and_over_are_not_read_over_and_over(word):
    read = tokens.tokens(word * 500)
    detect._is_attack(read, in_string=False)
    assert read.steps <= detect._MOST_STEPS + (detect._STEPS_A_TOKEN + 1) * len(read)

"""What is asked of every rule, with the cases of the file that imports it.

`CASES` has three programs for each rule: one that passes, one that fails, and one that it does not
apply to. `ALSO` and `FINE` have further programs that fail or pass, by what they are.
"""


def test_a_rule_passes_fails_and_does_not_apply(outcomes, request, rule_id):
    passes, fails, neither = request.module.CASES[rule_id]

    assert outcomes(rule_id, passes) == {"pass"}
    assert "fail" in outcomes(rule_id, fails)
    assert outcomes(rule_id, neither) == {"not applicable"}


def test_a_rule_fails_for(outcomes, request, also):
    assert "fail" in outcomes(*request.module.ALSO[also])


def test_a_rule_passes_for(outcomes, request, fine):
    assert outcomes(*request.module.FINE[fine]) == {"pass"}


def pytest_generate_tests(metafunc):
    for name, cases in (("rule_id", "CASES"), ("also", "ALSO"), ("fine", "FINE")):
        # A file's own test that has the same argument says for itself what it is.
        if name in metafunc.fixturenames and metafunc.function.__module__ == __name__:
            metafunc.parametrize(name, getattr(metafunc.module, cases))

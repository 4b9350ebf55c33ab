import pytest

from bulwark_runtime.input_guard import Guard, Request
from bulwark_runtime.input_guard.decorator import DeniedError, guarded

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "post": {
                "operationId": "write",
                "requestBody": {
                    "required": True,
                    "content": {
                        "text/plain": {
                            "schema": {"type": "string", "x-bulwark-guard": {"richText": True}}
                        }
                    },
                },
                "responses": {"204": {"description": "Written"}},
            }
        }
    },
}


@guarded(Guard.from_openapi(DOCUMENT))
def write(request, *, twice=False):
    """Writes it down."""
    return request.body * (2 if twice else 1)


def note(body):
    return Request("POST", "/notes", headers=[("Content-Type", "text/plain")], body=body)


def test_a_function_gets_the_sanitised_request_and_its_other_arguments():
    assert write(note(b"<b>hi</b><script>alert(1)</script>"), twice=True) == b"<b>hi</b><b>hi</b>"


def test_a_function_is_not_called_with_what_is_denied():
    with pytest.raises(DeniedError, match=r"^the request was refused$") as error:
        write(note(b""))

    assert [reason.rule for reason in error.value.verdict.reasons] == ["schema.body"]


def test_a_function_keeps_its_name_and_its_words():
    assert (write.__name__, write.__doc__) == ("write", "Writes it down.")

"""A backend that is not there yet: the document's own examples answer for it."""

from .answer import Answer, first
from .passing import Passed
from .routes import Route


class Mock:
    """Answers with the default, or with what `Prefer: code=404` asks for if there is that."""

    def send(self, route: Route, passed: Passed, seconds: float) -> Answer:  # noqa: ARG002
        answers = route.backend.answers
        wanted = first(passed.arrival.request.headers, "prefer")
        return next((one for one in answers if wanted == f"code={one.status}"), answers[0])

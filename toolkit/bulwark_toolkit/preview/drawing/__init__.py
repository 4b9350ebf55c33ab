"""The architecture that a graph describes, drawn: a page, or the picture alone as SVG."""

from ..graph import Graph
from . import page, svg
from .failures import Failure, Failures
from .page import Setting, Settings
from .scene import Scene

__all__ = ["Failure", "Failures", "Setting", "Settings", "draw_html", "draw_svg"]


def draw_html(
    graph: Graph, settings: Settings | None = None, failures: Failures | None = None
) -> str:
    """One page that loads nothing. `settings` are shown beside the components they are for.

    `failures` colour what they are of.

    Raises a UsageError where the layout engine is not installed.
    """
    return page.page(Scene.of(graph, failures), settings)


def draw_svg(graph: Graph, failures: Failures | None = None) -> str:
    """The same picture without anything to click, for a README or a pull request."""
    return svg.alone(Scene.of(graph, failures))

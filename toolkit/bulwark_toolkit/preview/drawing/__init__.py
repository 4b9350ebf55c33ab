"""The architecture that a graph describes, drawn: a page, or the picture alone as SVG."""

from ..graph import Graph
from . import page, svg
from .page import Setting, Settings
from .scene import Scene

__all__ = ["Setting", "Settings", "draw_html", "draw_svg"]


def draw_html(graph: Graph, settings: Settings | None = None) -> str:
    """One page that loads nothing. `settings` are shown beside the components they are for.

    Raises a UsageError where the layout engine is not installed.
    """
    return page.page(Scene.of(graph), settings)


def draw_svg(graph: Graph) -> str:
    """The same picture without anything to click, for a README or a pull request."""
    return svg.alone(Scene.of(graph))

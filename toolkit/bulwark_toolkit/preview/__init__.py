"""Preview without a cloud: run a Pulumi program in process and record what it would deploy."""

from .drawing import Failure, Setting, draw_html, draw_svg
from .errors import PreviewError, ProgramError, UsageError
from .graph import Graph, Note, Options, Problem, Resource
from .graph_file import read_graph
from .lookups import Lookups
from .placeholders import Place
from .program import Program
from .project import Project
from .record import place_of, record
from .tree import tree
from .values import Archive, Asset, Reference, Secret, Unknown, Value

__all__ = [
    "Archive",
    "Asset",
    "Failure",
    "Graph",
    "Lookups",
    "Note",
    "Options",
    "Place",
    "PreviewError",
    "Problem",
    "Program",
    "ProgramError",
    "Project",
    "Reference",
    "Resource",
    "Secret",
    "Setting",
    "Unknown",
    "UsageError",
    "Value",
    "draw_html",
    "draw_svg",
    "place_of",
    "read_graph",
    "record",
    "tree",
]

"""Between the engine and the rules: what the engine tells becomes a graph, a finding a violation.

Rules judge inputs. The engine shows each resource's inputs as it comes, and in the end all
resources with their outputs and dependencies: the two together are the graph.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from bulwark_toolkit.compliance import Finding, Rule, judge, waivers
from bulwark_toolkit.compliance.words import said
from bulwark_toolkit.preview.graph import Graph, Options, Resource
from bulwark_toolkit.preview.values import Secret, Unknown, Value

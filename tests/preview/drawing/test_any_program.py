"""Whatever a program is made of, its drawing is one."""

import itertools
import xml.etree.ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from bulwark_toolkit.preview import Graph, Note, Resource, Secret, Unknown, draw_html, draw_svg
from bulwark_toolkit.preview.drawing.layers import ATTACHMENTS, KINDS
from bulwark_toolkit.preview.drawing.scene import Scene
from bulwark_toolkit.preview.graph import STACK_TYPE

TYPES = sorted({f"{prefix}x:X" for prefix in KINDS} | {*ATTACHMENTS, "acme:index:Thing"})
NAMES = st.text(st.characters(), min_size=1, max_size=30)
STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"


@st.composite
def graphs(draw):
    """Components in components, anything that depends on anything made before or after it."""
    size = draw(st.integers(0, 40))
    urns = [f"urn:pulumi:s::p::t::{n}" for n in range(size)]
    resources = [
        Resource(
            urn=STACK, type=STACK_TYPE, name="p-s", parent="", kind="component",
            inputs={}, outputs={},
        )
    ]  # fmt: skip
    components = [STACK]
    for urn in urns:
        component = draw(st.booleans()) and len(components) < 20
        needs = draw(st.lists(st.sampled_from(urns), max_size=3, unique=True))
        resources.append(
            Resource(
                urn=urn,
                type=draw(st.sampled_from(["acme:index:Part", "acme:index:Other"]))
                if component
                else draw(st.sampled_from(TYPES)),
                name=draw(NAMES),
                parent=draw(st.sampled_from(components)),
                kind="component" if component else "custom",
                inputs={
                    draw(NAMES): draw(st.sampled_from([Secret("s3cr3t"), Unknown(), "x", [{}]]))
                },
                outputs={},
                dependencies=tuple(needs),
                property_dependencies={"resourceArn": tuple(needs)},
            )
        )
        if component:
            components.append(urn)
    notes = tuple(Note("cost", urn, draw(NAMES)) for urn in urns[:3])
    return Graph(
        project="p", stack="s", mode="engine", resources=tuple(resources), outputs={},
        notes=notes, problems=(),
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_cards_stand_apart_and_every_resource_is_in_one_group_or_the_frame(graph):
    scene = Scene.of(graph)

    for a, b in itertools.combinations(scene.picture.boxes.values(), 2):
        assert a.x >= b.right or b.x >= a.right or a.y >= b.bottom or b.y >= a.bottom
    placed = [r.urn for group in scene.groups for r in group.members]
    assert sorted(placed + [r.urn for r in scene.frame]) == sorted(r.urn for r in graph.resources)


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_page_and_picture_are_made_without_a_secret(graph):
    page, picture = draw_html(graph), draw_svg(graph)

    ET.fromstring(picture)  # noqa: S314 we wrote it ourselves a moment ago
    assert "s3cr3t" not in page + picture
    assert all(f'<p class="urn">{r.urn}</p>' in page for r in graph.resources)

"""Projection expressions: what they render to, and that no two of their paths overlap."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodel import Attr, Entity, RequestError, Table, attribute, primary_key
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.expressions.projection import render_projection

from .models import Box, Doc

PATHS = [
    Box.n,
    Box.doc,
    Box.doc[Doc.rank],
    Box.doc[Doc.inner],
    Box.doc[Doc.inner][Doc.rank],
    Box.doc[Doc.names],
    Box.doc[Doc.names][0],
    Box.doc[Doc.names][1],
    Box.xs,
    Box.xs[0],
    Box.xs[10],
    Box.mp,
    Box.mp["a"],
    Box.mp["a.b"],
]


def rendered(*paths) -> str:
    placeholders = Placeholders()
    text = render_projection([path.node for path in paths], placeholders)
    for alias, name in reversed(placeholders.parameters()["ExpressionAttributeNames"].items()):
        text = text.replace(alias, name)
    return text


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        ([Box.n], "n"),
        ([Box.t], "size"),
        ([Box.n, Box.n], "n"),
        ([Box.n, Box.s], "n, s"),
        ([Box.s, Box.n], "s, n"),
        ([Box.doc[Doc.rank], Box.doc], "doc"),
        ([Box.doc, Box.doc[Doc.rank]], "doc"),
        (
            [Box.doc[Doc.inner][Doc.rank], Box.n, Box.doc[Doc.inner], Box.doc[Doc.rank]],
            "n, doc.inner, doc.rank",
        ),
        ([Box.xs[1], Box.xs[10], Box.xs[1]], "xs[1], xs[10]"),
        ([Box.mp["a"], Box.mp["a.b"]], "mp.a, mp.a.b"),
    ],
)
def test_rendering(paths, text):
    assert rendered(*paths) == text


def test_a_name_has_one_alias():
    placeholders = Placeholders()
    text = render_projection([Box.doc[Doc.inner][Doc.inner].node, Box.mp["inner"].node], placeholders)
    assert text == "#n0.#n1.#n1, #n2.#n1"


def covers(steps, other) -> bool:
    return other[: len(steps)] == steps


@given(paths=st.lists(st.sampled_from(PATHS), min_size=1, max_size=6))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.dynamodb_local
def test_the_engine_takes_every_projection(db, paths):
    doc = Doc(rank=1, names=["a", "b"], inner=Doc(rank=2))
    whole = Box(name="projected", n=1, doc=doc, xs=[1, 2], mp={"a": 1, "a.b": 2, "c": 3})
    db.run(whole.put())
    part = db.run(Box.by_name.get("projected").project(*paths))
    asked = [path.node.steps for path in paths]
    for name in ("n", "doc", "xs", "mp"):
        is_whole = (name,) in asked
        if is_whole and name != "doc":
            assert getattr(part, name) == getattr(whole, name)
        elif not any(steps[0] == name for steps in asked):
            assert name not in vars(part)
    if "mp" in vars(part) and ("mp",) not in asked:
        assert part.mp == {key: value for key, value in whole.mp.items() if ("mp", key) in asked}
    if ("doc",) in asked:
        assert (part.doc.rank, part.doc.names, part.doc.inner.rank) == (1, ["a", "b"], 2)
    elif "doc" in vars(part):
        assert hasattr(part.doc, "rank") == (("doc", "rank") in asked)
    if "xs" in vars(part) and ("xs",) not in asked:
        assert part.xs == [1]


@attrs.define(slots=False)
class Crew:
    director: str
    writer: str


class Play(Entity, table=Table("Plays")):
    name: Attr[str] = attribute()
    crew: Attr[Crew | None] = attribute(default=None)
    by_name = primary_key(name)


def test_a_document_in_part_can_be_shown(embedded_db):
    embedded_db.create_table(Play)
    embedded_db.run(Play(name="a", crew=Crew("d", "w")).put())
    part = embedded_db.run(Play.by_name.get("a").project(Play.crew[Crew.director]))
    assert part.crew.director == "d"
    assert repr(part) == "Play(name='a', crew=<Crew, in part>)"


@pytest.mark.dynamodb_local
def test_what_is_read_whole_is_whole(db):
    doc = Doc(rank=1)
    db.run(Box(name="whole", doc=doc).put())
    part = db.run(Box.by_name.get("whole").project(Box.doc))
    assert part.doc.inner is None
    assert part.doc == doc


@pytest.mark.parametrize("wrong", ["n", None, 3, Box, Box.n == 3, Box.n.add(1), Box.s.size()])
def test_only_paths_are_projected(wrong):
    with pytest.raises(RequestError, match="project"):
        Box.by_name.get("a").project(wrong)

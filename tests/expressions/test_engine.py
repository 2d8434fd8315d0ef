"""Conditions on DynamoDB Local against an evaluator of their documented meaning; limits; hostile names."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path as File
from typing import Any, TypeAlias

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodel import (
    Attr,
    ConditionFailedError,
    Entity,
    MarshalError,
    RequestError,
    Table,
    attribute,
    primary_key,
)
from dynamodel.expressions.placeholders import MAX_EXPRESSION_BYTES, Placeholders

from .models import Box, Doc

pytestmark = pytest.mark.dynamodb_local
TABLE = "expressions.boxes"

# --- an evaluator of conditions ---

Plain: TypeAlias = Any
"""A value as (descriptor, value); None if it is absent."""
Holds: TypeAlias = Callable[[dict[str, Any]], bool]


def plain(value: dict[str, Any] | None) -> Plain:
    if value is None:
        return None
    [(kind, content)] = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind in {"SS", "BS"}:
        return kind, frozenset(content)
    if kind == "NS":
        return kind, frozenset(map(Decimal, content))
    if kind == "L":
        return kind, [plain(element) for element in content]
    if kind == "M":
        return kind, {name: plain(element) for name, element in content.items()}
    return kind, content


def at(item: dict[str, Any], *steps: str | int) -> Plain:
    found = plain(item.get(str(steps[0])))
    for step in steps[1:]:
        if found is None or found[0] != ("L" if isinstance(step, int) else "M"):
            return None
        if isinstance(step, int):
            found = found[1][step] if step < len(found[1]) else None
        else:
            found = found[1].get(step)
    return found


COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def compare(sign: str, one: Plain, other: Plain) -> bool:
    if sign == "=":
        return one is not None and one == other
    if sign == "<>":
        return not compare("=", one, other)
    if one is None or other is None or one[0] != other[0] or one[0] not in {"S", "N", "B"}:
        return False
    values = [value.encode() if isinstance(value, str) else value for _, value in (one, other)]
    return COMPARE[sign](*values)


def contains(value: Plain, part: Plain) -> bool:
    if value is None:
        return False
    kind, content = value
    if kind in {"S", "B"}:
        return kind == part[0] and part[1] in content
    if kind in {"SS", "NS", "BS"}:
        return kind == part[0] + "S" and part[1] in content
    return kind == "L" and part in content


def size(value: Plain) -> Plain:
    if value is None or value[0] not in {"S", "B", "SS", "NS", "BS", "L", "M"}:
        return None
    content = value[1]
    # DynamoDB Local 1.25.1 counts a text in UTF-16 units, as Java does.
    return "N", Decimal(len(content.encode("utf-16-le")) // 2 if isinstance(content, str) else len(content))


# --- random items and conditions ---

TEXTS = st.sampled_from(["", "a", "ab", "b", "é", "a\x00", "\U0001f600", "\uff46"])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 10])
BINARIES = st.sampled_from([b"", b"a", b"ab", b"\xff", b"\x00"])
S = TEXTS.map(lambda value: {"S": value})
N = NUMBERS.map(lambda value: {"N": str(value)})
B = BINARIES.map(lambda value: {"B": value})
SCALARS = S | N | B | st.booleans().map(lambda value: {"BOOL": value}) | st.just({"NULL": True})
SS = st.sets(TEXTS, min_size=1, max_size=3).map(lambda value: {"SS": sorted(value)})
NS = st.sets(NUMBERS, min_size=1, max_size=3).map(lambda value: {"NS": [str(n) for n in sorted(value)]})
LIST = st.lists(N | S, max_size=3).map(lambda value: {"L": value})
MAP = st.dictionaries(st.sampled_from(["a", "b"]), N | S, max_size=2).map(lambda value: {"M": value})
ANY = SCALARS | SS | NS | LIST | MAP


def mostly(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What belongs there, or nothing, or something else."""
    return st.one_of(values, values, values, st.none(), ANY)


ITEMS = st.fixed_dictionaries(
    {
        "n": mostly(N),
        "m": mostly(N),
        "s": mostly(S),
        "size": mostly(S),  # the attribute `t`
        "b": mostly(B),
        "flag": mostly(st.booleans().map(lambda value: {"BOOL": value})),
        "words": mostly(SS),
        "nums": mostly(NS),
        "xs": mostly(LIST),
        "mp": mostly(MAP),
    }
).map(lambda item: {name: value for name, value in item.items() if value is not None})

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    **COMPARE,
}
ORDERED = [
    (Box.n, ("n",), NUMBERS, "N"),
    (Box.m, ("m",), NUMBERS, "N"),
    (Box.s, ("s",), TEXTS, "S"),
    (Box.t, ("size",), TEXTS, "S"),
    (Box.b, ("b",), BINARIES, "B"),
    (Box.xs[0], ("xs", 0), NUMBERS, "N"),
    (Box.xs[1], ("xs", 1), NUMBERS, "N"),
    (Box.mp["a"], ("mp", "a"), NUMBERS, "N"),
]
PATHS = [
    *((path, steps) for path, steps, _, _ in ORDERED),
    (Box.flag, ("flag",)),
    (Box.words, ("words",)),
    (Box.nums, ("nums",)),
    (Box.xs, ("xs",)),
    (Box.mp, ("mp",)),
    (Box.mp["b"], ("mp", "b")),
]
SIZED = [
    (Box.s, ("s",)),
    (Box.t, ("size",)),
    (Box.b, ("b",)),
    (Box.words, ("words",)),
    (Box.nums, ("nums",)),
    (Box.xs, ("xs",)),
    (Box.mp, ("mp",)),
]


def value_of(kind: str, value: Any) -> Plain:
    return kind, Decimal(value) if kind == "N" else value


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[Any, Holds]:
    path, steps, values, kind = draw(st.sampled_from(ORDERED))
    sign = draw(st.sampled_from(sorted(SIGNS)))
    if draw(st.booleans()):
        value = draw(values)
        return SIGNS[sign](path, value), lambda item: compare(sign, at(item, *steps), value_of(kind, value))
    other, other_steps, _, _ = draw(st.sampled_from([choice for choice in ORDERED if choice[1] != steps]))
    return SIGNS[sign](path, other), lambda item: compare(sign, at(item, *steps), at(item, *other_steps))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Any, Holds]:
    path, steps, values, kind = draw(st.sampled_from(ORDERED))
    low, high = sorted(
        (draw(values), draw(values)), key=lambda value: value.encode() if isinstance(value, str) else value
    )

    def holds(item: dict[str, Any]) -> bool:
        value = at(item, *steps)
        return compare(">=", value, value_of(kind, low)) and compare("<=", value, value_of(kind, high))

    return path.between(low, high), holds


@st.composite
def choices(draw: st.DrawFn) -> tuple[Any, Holds]:
    path, steps, values, kind = draw(st.sampled_from(ORDERED))
    chosen = draw(st.lists(values, min_size=1, max_size=4))
    return path.in_(*chosen), lambda item: at(item, *steps) in [value_of(kind, value) for value in chosen]


@st.composite
def functions(draw: st.DrawFn) -> tuple[Any, Holds]:
    path, steps = draw(st.sampled_from(PATHS))
    kind = draw(st.sampled_from(["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"]))
    return draw(
        st.sampled_from(
            [
                (path.exists(), lambda item: at(item, *steps) is not None),
                (path.not_exists(), lambda item: at(item, *steps) is None),
                (path.is_type(kind), lambda item: (at(item, *steps) or "?")[0] == kind),
            ]
        )
    )


def begins(value: Plain, prefix: Any, kind: str) -> bool:
    return value is not None and value[0] == kind and value[1].startswith(prefix)


@st.composite
def parts(draw: st.DrawFn) -> tuple[Any, Holds]:
    text, number, binary = draw(TEXTS), draw(NUMBERS), draw(BINARIES)
    return draw(
        st.sampled_from(
            [
                (Box.s.begins_with(text), lambda item: begins(at(item, "s"), text, "S")),
                (Box.b.begins_with(binary), lambda item: begins(at(item, "b"), binary, "B")),
                (Box.s.contains(text), lambda item: contains(at(item, "s"), ("S", text))),
                (Box.b.contains(binary), lambda item: contains(at(item, "b"), ("B", binary))),
                (Box.words.contains(text), lambda item: contains(at(item, "words"), ("S", text))),
                (Box.nums.contains(number), lambda item: contains(at(item, "nums"), ("N", Decimal(number)))),
                (Box.xs.contains(number), lambda item: contains(at(item, "xs"), ("N", Decimal(number)))),
                (Box.flag == True, lambda item: at(item, "flag") == ("BOOL", True)),
                (Box.flag != True, lambda item: at(item, "flag") != ("BOOL", True)),
                (Box.n == None, lambda item: at(item, "n") is None),
                (Box.words != set(), lambda item: at(item, "words") is not None),
                (Box.words == {"a"}, lambda item: at(item, "words") == ("SS", {"a"})),
                (Box.xs != [1], lambda item: at(item, "xs") != ("L", [("N", Decimal(1))])),
                (Box.mp == {}, lambda item: at(item, "mp") == ("M", {})),
            ]
        )
    )


@st.composite
def sizes(draw: st.DrawFn) -> tuple[Any, Holds]:
    path, steps = draw(st.sampled_from(SIZED))
    low = draw(st.integers(0, 4))
    sign = draw(st.sampled_from([*sorted(SIGNS), "between"]))
    if sign == "between":
        high = low + 1
        return path.size().between(
            low, high
        ), lambda item: size(at(item, *steps)) in [("N", Decimal(number)) for number in (low, high)]
    return SIGNS[sign](path.size(), low), lambda item: compare(
        sign, size(at(item, *steps)), ("N", Decimal(low))
    )


def combined(inner: st.SearchStrategy[tuple[Any, Holds]]) -> st.SearchStrategy[tuple[Any, Holds]]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda two: (two[0][0] & two[1][0], lambda item: two[0][1](item) and two[1][1](item))),
        pairs.map(lambda two: (two[0][0] | two[1][0], lambda item: two[0][1](item) or two[1][1](item))),
        inner.map(lambda one: (~one[0], lambda item: not one[1](item))),
    )


LEAVES = comparisons() | ranges() | choices() | functions() | parts() | sizes()
CONDITIONS = st.recursive(LEAVES, combined, max_leaves=5)
names = count()


@given(item=ITEMS, conditions=st.lists(CONDITIONS, min_size=4, max_size=8))
@settings(
    max_examples=150,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_conditions_mean_what_is_documented(db, wire, item, conditions):
    name = f"condition-{next(names)}"
    wire.put_item(TableName=TABLE, Item={**item, "name": {"S": name}})
    for condition, holds in conditions:
        expected = holds(item)
        assert db.run(Box.by_name.query(name).filter(condition).count()) == int(expected), condition
    condition, holds = conditions[0]
    write = Box.by_name.update(name).apply(Box.touched.add(1)).when(condition)
    if holds(item):
        db.run(write)
    else:
        with pytest.raises(ConditionFailedError):
            db.run(write)


# --- limits ---

KINDS = {
    "=": lambda i: Box.n == i,
    "<>": lambda i: Box.n != i,
    "BETWEEN": lambda i: Box.n.between(i, i),
    "IN of 1": Box.n.in_,
    "IN of 4": lambda i: Box.n.in_(i, 1, 2, 3),
    "size": lambda i: Box.s.size() == i,
    "size BETWEEN": lambda i: Box.s.size().between(i, i),
    "NOT": lambda i: ~(Box.n == i),
    "NOT NOT": lambda i: ~~(Box.n == i),
    "begins_with": lambda i: Box.s.begins_with(f"{i}"),
    "contains": lambda i: Box.s.contains(f"{i}"),
    "attribute_exists": lambda i: Box.n.exists(),
    "attribute_type": lambda i: Box.n.is_type("S"),
    "paths": lambda i: Box.doc[Doc.inner][Doc.rank] == i,
    "inner AND": lambda i: (Box.n == i) & (Box.m == i),
}


def with_operators(kind: str, wanted: int) -> Any:
    """Ten conditions of this kind, and as many others as make up the number."""
    condition = KINDS[kind](0)
    for i in range(1, 10):
        condition = condition | KINDS[kind](i)
    while condition.operators < wanted - 1:
        condition = condition | (Box.n == 7)
    return ~condition if condition.operators < wanted else condition


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_operators_are_counted_as_the_engine_counts(wire, kind):
    accepted, refused = with_operators(kind, 300), with_operators(kind, 301)
    assert (accepted.operators, refused.operators) == (300, 301)
    query = Box.by_name.query("nobody")
    wire.query(**query.filter(accepted).request().parameters)
    with pytest.raises(RequestError, match="301 operators"):
        query.filter(refused).request()
    with pytest.raises(RequestError, match="301 operators"):
        Box.by_name.delete("nobody").when(refused).request()
    placeholders = Placeholders()
    text = refused.render(placeholders)
    with pytest.raises(ClientError, match="operator count: 301"):
        wire.scan(TableName=TABLE, FilterExpression=text, **placeholders.parameters())


def test_4096_bytes(wire):
    assert MAX_EXPRESSION_BYTES == 4096
    placeholders = Placeholders()
    text = (Box.n == 1).render(placeholders)
    parameters = {"TableName": TABLE, **placeholders.parameters()}
    wire.scan(FilterExpression=text.ljust(4096), **parameters)
    with pytest.raises(ClientError, match="4097"):
        wire.scan(FilterExpression=text.ljust(4097), **parameters)
    assert placeholders.text("FilterExpression", text.ljust(4096))
    with pytest.raises(RequestError, match="4097"):
        placeholders.text("FilterExpression", text.ljust(4097))


@pytest.mark.parametrize(
    "build",
    [
        lambda: Box.by_name.query("a").filter(*(Box.s.in_([f"{i}"] * 100) for i in range(7))),
        lambda: Box.by_name.get("a").project(*(Box.mp[f"{i}"] for i in range(500))),
        lambda: Box.by_name.update("a").apply(*(Box.mp[f"{i}"].set(i) for i in range(400))),
        lambda: (
            Box(name="a")
            .put()
            .when(*(Box.mp[f"{i}"] != i for i in range(149)), *(Box.mp[f"{i}"].exists() for i in range(60)))
        ),
    ],
)
def test_every_long_expression_is_refused(build):
    operation = build()
    with pytest.raises(RequestError, match=r"4096|operators"):
        operation.request()


def test_100_operands_of_in(db):
    assert db.run(Box.by_name.query("nobody").filter(Box.n.in_(list(range(100)))).count()) == 0
    with pytest.raises(RequestError, match="100"):
        Box.n.in_(list(range(101)))
    with pytest.raises(RequestError, match="100"):
        Box.n.in_([])


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_of_values(db):
    db.run(Box(name="nested", anything=nested(31)).put())
    db.run(Box.by_name.update("nested").apply(Box.anything.set(nested(31))).when(Box.anything == nested(31)))
    for build in (
        lambda: Box(name="nested", anything=nested(32)).put(),
        lambda: Box.anything.set(nested(32)),
        lambda: Box.anything == nested(32),
        lambda: Box.anything.in_(1, nested(32)),
    ):
        with pytest.raises(MarshalError, match="31"):
            build()


def deep(steps: int) -> Any:
    path = Box.doc
    for _ in range(steps):
        path = path[Doc.inner]
    return path


def test_nesting_of_paths(db):
    assert db.run(Box.by_name.query("nobody").filter(deep(31).exists()).count()) == 0
    assert db.run(Box.by_name.query("nobody").project(deep(31))) == []
    with pytest.raises(RequestError, match="32"):
        deep(32)


@pytest.mark.parametrize(("text", "length"), [("", 0), ("a\x00", 2), ("é", 1), ("日本", 2)])
def test_the_size_of_a_text_is_in_characters(db, text, length):
    db.run(Box(name="sized", s=text).put())
    assert db.run(Box.by_name.query("sized").filter(Box.s.size() == length).count()) == 1


def test_conditions_on_values_of_any_depth(db):
    doc = Doc(rank=1, names=["a", "b"], inner=Doc(rank=2, names=["c"]))
    db.run(Box(name="deep", doc=doc).put())
    query = Box.by_name.query("deep")
    for condition, expected in (
        (Box.doc[Doc.inner][Doc.rank] == 2, 1),
        (Box.doc[Doc.inner][Doc.inner][Doc.rank] == 2, 0),
        (Box.doc[Doc.inner][Doc.inner].exists(), 0),
        (Box.doc[Doc.names][1] == "b", 1),
        (Box.doc[Doc.names][2].not_exists(), 1),
        (Box.doc[Doc.inner][Doc.names].contains("c"), 1),
        (Box.doc[Doc.names].size() == 2, 1),
        (Box.doc == doc, 1),
        (Box.doc != Doc(), 1),
    ):
        assert db.run(query.filter(condition).count()) == expected


# --- names ---

RESERVED = File(__file__).with_name("reserved_words.txt").read_text(encoding="utf-8").split()
HOSTILE = [
    "#n0",
    ":v0",
    "#n1",
    ":v1",
    "a.b",
    "a",
    "a[0]",
    "a b",
    " ",
    "it's",
    'say "x"',
    "{}",
    "{0}",
    "${x}",
    "%s",
    "\\",
    "\n",
    "\t",
    "naïve",
    "日本",
    "😀",
    "a-b",
    "0",
    "__class__",
    "_unknown_attributes",
    "self",
    "a = :v0 OR attribute_exists(pk)",
    "') or exec('",
    "NULL",
    "and",
    "x" * 1000,
]


def entity_of(names: list[str], name: str) -> Any:
    """An entity whose attributes are stored under these names."""
    body: dict[str, Any] = {"__module__": __name__, "__annotations__": {"key": Attr[str]}}
    body["key"] = attribute("#k '\"")
    for number, stored_name in enumerate(names):
        body[f"a{number}"] = attribute(stored_name, default=None)
        body["__annotations__"][f"a{number}"] = Attr[str | None]
    body["by_key"] = primary_key(body["key"])
    return type(Entity)(name, (Entity,), body, table=Table("expressions.names"))


def test_there_are_573_reserved_words():
    assert len(set(RESERVED)) == len(RESERVED) == 573


@pytest.fixture(scope="module")
def names_table(db):
    db.create_table(entity_of([], "Empty"))
    return db


@pytest.mark.parametrize(
    "stored_names",
    [
        *(RESERVED[start : start + 60] for start in range(0, 573, 60)),
        [word.lower() for word in RESERVED[:60]],
        HOSTILE,
    ],
    ids=lambda names: names[0],
)
def test_any_name_can_be_an_attributes(names_table, stored_names):
    db = names_table
    Named = entity_of(stored_names, "Named")
    values = {f"a{number}": f"{{{name}}} :v0 #n0" for number, name in enumerate(stored_names)}
    values.pop(f"a{len(stored_names) - 1}")  # one is absent
    entity = Named(key="put", **values)
    db.run(entity.put())
    get = Named.by_key.get("put")
    assert db.run(get) == entity
    paths = [getattr(Named, name) for name in values]
    for start in range(0, len(paths), 30):
        some = paths[start : start + 30]
        part = db.run(get.project(*some))
        for path in some:
            assert getattr(part, path.node.name) == values[path.node.name]
        conditions = [path == values[path.node.name] for path in some]
        assert len(db.run(Named.by_key.query("put").filter(*conditions))) == 1
        made = Named.by_key.update("updated").apply(*(path.set(values[path.node.name]) for path in some))
        db.run(made)
    assert db.run(Named.by_key.get("updated")) == Named(key="updated", **values)
    db.run(Named.by_key.update("updated").apply(*(path.remove() for path in paths)).must_exist())
    assert db.run(Named.by_key.get("updated")) == Named(key="updated")


def test_any_name_can_be_a_maps(db):
    labels = {name: number for number, name in enumerate(HOSTILE)}
    db.run(Box(name="map", mp=labels).put())
    query = Box.by_name.query("map").filter(*(Box.mp[name] == number for name, number in labels.items()))
    assert db.run(query.count()) == 1
    db.run(Box.by_name.update("map").apply(*(Box.mp[name].add(1) for name in HOSTILE)))
    [box] = db.run(Box.by_name.query("map").project(*(Box.mp[name] for name in HOSTILE)))
    assert box.mp == {name: number + 1 for name, number in labels.items()}


def test_a_dotted_name_is_one_attribute(db):
    db.run(Box(name="dots", mp={"a.b": 1, "a": 2}).put())
    assert db.run(Box.by_name.query("dots").filter(Box.mp["a.b"] == 1).count()) == 1
    db.run(Box.by_name.update("dots").apply(Box.mp["a.b"].remove()))
    assert db.run(Box.by_name.get("dots")).mp == {"a": 2}


@pytest.mark.parametrize("value", HOSTILE)
def test_values_never_become_syntax(db, value):
    db.run(Box(name=value, s=value).put())
    assert db.run(Box.by_name.query(value).filter(Box.s == value, Box.s.contains(value)).count()) == 1
    db.run(Box.by_name.update(value).apply(Box.t.set(value)).when(Box.s.in_([value, "other"])))
    assert db.run(Box.by_name.get(value)).t == value
    db.run(Box.by_name.delete(value).when(Box.t == Box.s))

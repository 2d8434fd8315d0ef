"""Update expressions: what they render to, what is refused, and what the engine makes of them."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodel import MarshalError, RequestError, ServiceError
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.expressions.update import render_update, require_actions

from .models import Box, Doc
from .rendering import filled_in


def rendered(*actions: Any) -> str:
    placeholders = Placeholders()
    return filled_in(render_update(require_actions(actions), placeholders), placeholders)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Box.n.set(3), "SET n = N:3"),
        (Box.n.set(None), "REMOVE n"),
        (Box.words.set(set()), "REMOVE words"),
        (Box.words.set({"b", "a"}), "SET words = SS:['a', 'b']"),
        (Box.n.set(Box.n + 1), "SET n = n + N:1"),
        (Box.n.set(Box.n - 1), "SET n = n - N:1"),
        (Box.m.set(Box.m + Decimal("0.10")), "SET m = m + N:0.1"),
        (Box.n.set(Box.mp["a"] - Box.n), "SET n = mp.a - n"),
        (Box.s.set(Box.t), "SET s = size"),
        (Box.n.set_if_not_exists(3), "SET n = if_not_exists(n, N:3)"),
        (Box.n.set_if_not_exists(Box.touched), "SET n = if_not_exists(n, touched)"),
        (Box.n.remove(), "REMOVE n"),
        (Box.xs[3].remove(), "REMOVE xs[3]"),
        (Box.n.add(1), "ADD n N:1"),
        (Box.n.add(-1), "ADD n N:-1"),
        (Box.words.add({"b", "a"}), "ADD words SS:['a', 'b']"),
        (Box.nums.add(frozenset({10, 9})), "ADD nums NS:['9', '10']"),
        (Box.blobs.delete({b"b", b"a"}), "DELETE blobs BS:[b'a', b'b']"),
        (Box.xs.append(1, 2), "SET xs = list_append(if_not_exists(xs, L:[]), L:[{'N': '1'}, {'N': '2'}])"),
        (Box.xs.prepend(1), "SET xs = list_append(L:[{'N': '1'}], if_not_exists(xs, L:[]))"),
        (Box.xs[0].set(1), "SET xs[0] = N:1"),
        (Box.mp["a.b"].set(1), "SET mp.a.b = N:1"),
        (Box.doc[Doc.rank].set(1), "SET doc.rank = N:1"),
        (Box.doc[Doc.rank].set(None), "REMOVE doc.rank"),
        (
            Box.doc[Doc.inner][Doc.names].append("x"),
            "SET doc.inner.names = list_append(if_not_exists(doc.inner.names, L:[]), L:[{'S': 'x'}])",
        ),
        (Box.doc.set(Doc(1, ["a"])), "SET doc = M:{'rank': {'N': '1'}, 'names': {'L': [{'S': 'a'}]}}"),
    ],
)
def test_rendering(action, text):
    assert rendered(action) == text


def test_each_clause_once_and_the_actions_in_their_order():
    actions = (
        Box.words.delete({"a"}),
        Box.n.add(1),
        Box.s.remove(),
        Box.b.set(b"x"),
        Box.t.set("y"),
        Box.m.remove(),
    )
    assert rendered(*actions) == "SET b = B:b'x', size = S:y REMOVE s, m ADD n N:1 DELETE words SS:['a']"


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: Box.n.set("x"), MarshalError, "n"),
        (lambda: Box.n.set(1.5), MarshalError, "n"),
        (lambda: Box.n.set(True), MarshalError, "n"),
        (lambda: Box.n.add("1"), MarshalError, "n"),
        (lambda: Box.n.add(None), RequestError, "None"),
        (lambda: Box.n + None, RequestError, "None"),
        (lambda: Box.n + "1", MarshalError, "n"),
        (lambda: Box.words.add(set()), RequestError, "empty set"),
        (lambda: Box.words.delete(set()), RequestError, "empty set"),
        (lambda: Box.words.add("abc"), MarshalError, "words"),
        (lambda: Box.words.add(["a"]), MarshalError, "words"),
        (lambda: Box.words.add({1}), MarshalError, "words"),
        (lambda: Box.words.delete({1}), MarshalError, "words"),
        (lambda: Box.s.add("a"), RequestError, "add"),
        (lambda: Box.xs.add([1]), RequestError, "add"),
        (lambda: Box.n.delete(1), RequestError, "delete"),
        (lambda: Box.xs.delete([1]), RequestError, "delete"),
        (lambda: Box.s + "a", RequestError, r"\+"),
        (lambda: Box.s - "a", RequestError, "-"),
        (lambda: Box.s.append("a"), RequestError, "append"),
        (lambda: Box.words.prepend("a"), RequestError, "prepend"),
        (Box.xs.append, RequestError, "at least one"),
        (lambda: Box.xs.append("a"), MarshalError, "xs"),
        (lambda: Box.xs[0].set("a"), MarshalError, r"xs\[0\]"),
        (lambda: Box.mp["a"].set("a"), MarshalError, "mp.a"),
        (lambda: Box.doc[Doc.rank].set("a"), MarshalError, "doc.rank"),
        (lambda: Box.n.set_if_not_exists(None), RequestError, "None"),
        (lambda: require_actions([Box.n == 3]), RequestError, "actions"),
        (lambda: require_actions([Box.n + 3]), RequestError, "actions"),
        (lambda: require_actions([None]), RequestError, "actions"),
        (lambda: require_actions([Box.n.add(1), Box.n.set(3)]), RequestError, "n and n"),
        (lambda: require_actions([Box.xs.append(1), Box.xs[0].set(3)]), RequestError, "xs"),
        (
            lambda: require_actions([Box.doc[Doc.inner].remove(), Box.doc[Doc.inner][Doc.rank].set(1)]),
            RequestError,
            "inner",
        ),
    ],
)
def test_refused_where_it_is_written(build, error, words):
    with pytest.raises(error, match=words):
        build()


def test_neighbours_do_not_overlap():
    require_actions(
        [Box.xs[1].set(1), Box.xs[10].set(1), Box.mp["a"].set(1), Box.mp["a.b"].set(1), Box.mp["ab"].set(1)]
    )


def test_actions_with_several_faults_of_the_same_item_go_together(db):
    """What the rules say may stand in one expression, DynamoDB takes."""
    db.run(Box(name="together", n=1, xs=[1, 2, 3], mp={"a": 1}, doc=Doc(1, ["x"]), words={"a", "b"}).put())
    new = db.run(
        Box.by_name.update("together")
        .apply(
            Box.xs[0].set(Box.n + 9),
            Box.xs[2].remove(),
            Box.mp["a.b"].set(2),
            Box.doc[Doc.rank].add(1),
            Box.doc[Doc.names].append("y", "z"),
            Box.words.delete({"a"}),
            Box.n.set(Box.n - 5),
            Box.nums.add({1}),
        )
        .returning("ALL_NEW")
    )
    assert new == Box(
        name="together",
        n=-4,
        xs=[10, 2],
        mp={"a": 1, "a.b": 2},
        doc=Doc(2, ["x", "y", "z"]),
        words={"b"},
        nums={1},
    )


# --- against a model ---


class RefusedError(Exception):
    """DynamoDB refuses the action on this item."""


Model = dict[str, Any]
NUMBERS = st.integers(-3, 3)
SETS = st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1)
KEYS = st.sampled_from(["a", "b"])


def action(build, change):
    return build, change


def assign(name, value):
    def change(old: Model, new: Model) -> None:
        new[name] = value(old)

    return change


def need(old: Model, name: str) -> Any:
    if name not in old:
        raise RefusedError
    return old[name]


def drop(name):
    return lambda old, new: new.pop(name, None)


def set_element(index, value):
    def change(old: Model, new: Model) -> None:
        xs = list(need(old, "xs"))
        xs[index : index + 1] = [value]  # beyond the end: appended
        new["xs"] = xs

    return change


def remove_element(index):
    def change(old: Model, new: Model) -> None:
        xs = list(need(old, "xs"))
        del xs[index : index + 1]
        new["xs"] = xs

    return change


def set_entry(key, value):
    def change(old: Model, new: Model) -> None:
        new["mp"] = {**need(old, "mp"), key: value(need(old, "mp"))}

    return change


def remove_entry(key):
    def change(old: Model, new: Model) -> None:
        new["mp"] = {name: value for name, value in need(old, "mp").items() if name != key}

    return change


def delete_words(words):
    def change(old: Model, new: Model) -> None:
        left = old.get("words", frozenset()) - words
        if left:
            new["words"] = left
        else:
            new.pop("words", None)

    return change


@st.composite
def actions(draw: st.DrawFn) -> tuple[str, Any, Any]:
    """The attribute that is changed, our action, and what it does to the model."""
    v, words, index, entry = draw(NUMBERS), draw(SETS), draw(st.integers(0, 3)), draw(KEYS)
    return draw(
        st.sampled_from(
            [
                ("n", Box.n.set(v), assign("n", lambda old: v)),
                ("n", Box.n.set(None), drop("n")),
                ("n", Box.n.remove(), drop("n")),
                ("n", Box.n.set(Box.n + v), assign("n", lambda old: need(old, "n") + v)),
                ("n", Box.n.set(Box.touched - v), assign("n", lambda old: need(old, "touched") - v)),
                (
                    "n",
                    Box.n.set(Box.touched - Box.n),
                    assign("n", lambda old: need(old, "touched") - need(old, "n")),
                ),
                ("n", Box.n.set(Box.touched), assign("n", lambda old: need(old, "touched"))),
                ("n", Box.n.set(Box.xs[index]), assign("n", lambda old: element(old, index))),
                ("n", Box.n.set_if_not_exists(v), assign("n", lambda old: old.get("n", v))),
                ("n", Box.n.add(v), assign("n", lambda old: old.get("n", 0) + v)),
                ("touched", Box.touched.add(v), assign("touched", lambda old: old.get("touched", 0) + v)),
                ("touched", Box.touched.remove(), drop("touched")),
                ("touched", Box.touched.set(Box.n), assign("touched", lambda old: need(old, "n"))),
                ("words", Box.words.set(words), assign("words", lambda old: words)),
                ("words", Box.words.set(set()), drop("words")),
                (
                    "words",
                    Box.words.add(words),
                    assign("words", lambda old: old.get("words", frozenset()) | words),
                ),
                ("words", Box.words.delete(words), delete_words(words)),
                ("xs", Box.xs.set([v, v]), assign("xs", lambda old: [v, v])),
                ("xs", Box.xs.set([]), assign("xs", lambda old: [])),
                ("xs", Box.xs.append(v, 9), assign("xs", lambda old: [*old.get("xs", []), v, 9])),
                ("xs", Box.xs.prepend(v, 8), assign("xs", lambda old: [v, 8, *old.get("xs", [])])),
                ("xs", Box.xs.remove(), drop("xs")),
                ("xs", Box.xs[index].set(v), set_element(index, v)),
                ("xs", Box.xs[index].remove(), remove_element(index)),
                ("mp", Box.mp.set({entry: v}), assign("mp", lambda old: {entry: v})),
                ("mp", Box.mp.remove(), drop("mp")),
                ("mp", Box.mp[entry].set(v), set_entry(entry, lambda mp: v)),
                ("mp", Box.mp[entry].set(Box.mp["a"] + v), set_entry(entry, lambda mp: need(mp, "a") + v)),
                ("mp", Box.mp[entry].set_if_not_exists(v), set_entry(entry, lambda mp: mp.get(entry, v))),
                ("mp", Box.mp[entry].add(v), set_entry(entry, lambda mp: mp.get(entry, 0) + v)),
                ("mp", Box.mp[entry].remove(), remove_entry(entry)),
            ]
        )
    )


def element(old: Model, index: int) -> int:
    xs = need(old, "xs")
    if index >= len(xs):
        raise RefusedError
    return xs[index]


UPDATES = st.lists(
    st.lists(actions(), min_size=1, max_size=3, unique_by=lambda action: action[0]), min_size=1, max_size=6
)
numbers = count()


@given(updates=UPDATES)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.dynamodb_local
def test_random_updates_do_what_the_model_does(db, wire, updates):
    name = f"model-{next(numbers)}"
    model: Model | None = None  # there is no item yet
    for update in updates:
        old = model or {}
        expected: Model | None = dict(old)
        try:
            for _, _, change in update:
                change(old, expected)
        except RefusedError:
            expected = None
        operation = Box.by_name.update(name).apply(*(ours for _, ours, _ in update))
        if expected is None:
            with pytest.raises(ServiceError) as caught:
                db.run(operation)
            assert caught.value.code == "ValidationException"
        else:
            entity = db.run(operation.returning("ALL_NEW"))
            model = expected
            assert entity == Box(name=name, **dict(model.items()))
        stored = wire.get_item(TableName=Box.scan().schema.table.name, Key={"name": {"S": name}}).get("Item")
        if model is None:
            assert stored is None
        else:
            assert stored is not None
            assert stored.keys() - {"name"} == model.keys()
            assert db.run(Box.by_name.get(name)) == Box(name=name, **model)


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.1"),
        Decimal("1E+125"),
        Decimal("-1E-130"),
        Decimal("12345678901234567890.123456789012345678"),
    ],
)
def test_arithmetic_is_exact(db, value):
    db.run(Box(name="exact", m=value).put())
    new = db.run(Box.by_name.update("exact").apply(Box.m.set(Box.m + Decimal(0))).returning("ALL_NEW"))
    assert new.m == value
    changed = attrs.evolve(new, m=Decimal(1))
    assert changed.m == 1


def test_an_overflow_is_dynamodbs_error(db):
    db.run(Box(name="overflow", m=Decimal("9E125")).put())
    with pytest.raises(ServiceError) as caught:
        db.run(Box.by_name.update("overflow").apply(Box.m.add(Decimal("9E125"))))
    assert caught.value.code == "ValidationException"

"""Templates: keys by hand, ranges against a plain model, and the guarantees over all types of parts."""

from __future__ import annotations

import operator
from itertools import islice, product
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dynamodel import MarshalError
from dynamodel.keys import SORT_KEY_BYTES, Between, Exactly, KeyTemplate, StartsWith

from .values import VALUES, read, wire

THREAD = KeyTemplate("THREAD", ("S", "S"))
SCORE = KeyTemplate("SCORE", ("N",))
META = KeyTemplate("#META")

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
Values: TypeAlias = tuple[Any, ...]


def s(*texts: str) -> list[dict[str, Any]]:
    return [{"S": text} for text in texts]


# --- keys by hand ---


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        (THREAD, s("DynamoDB", "LSI?"), "THREAD#DynamoDB#LSI?"),
        (THREAD, s("Amazon S3", "How big?"), "THREAD#Amazon$ S3#How big?"),
        (THREAD, s("", ""), "THREAD##"),
        (THREAD, s("ABC", "abc"), "THREAD#ABC#abc"),
        (THREAD, s("1#c_2", "3"), "THREAD#1$#c_2#3"),
        (THREAD, s("1", "2#c_3"), "THREAD#1#2$#c_3"),
        (META, [], "#META"),
        (KeyTemplate("A#B", ("S",)), s("c"), "A#B#c"),
        (SCORE, [{"N": "-5"}], "SCORE#n499.4~"),
        (
            KeyTemplate("T", ("BOOL", "B", "N")),
            [{"BOOL": False}, {"B": b"#"}, {"N": "1.50"}],
            "T#false#23#p500.15",
        ),
    ],
)
def test_a_key_by_hand(template, values, text):
    assert template.text(values) == text
    assert template.prefix == (template.tag + "#" if values else template.tag)
    assert template.is_static == (not values)
    if "N" not in template.parts:
        assert template.parse(text) == tuple(values)


@pytest.mark.parametrize("values", [s("a"), s("a", "b", "c"), []])
def test_a_key_needs_all_its_values(values):
    with pytest.raises(ValueError, match="argument 2"):
        THREAD.text(values)


@pytest.mark.parametrize(
    "build",
    [
        lambda value: THREAD.text([{"S": "a"}, value]),
        lambda value: THREAD.equal([{"S": "a"}, value]),
        lambda value: THREAD.equal([value]),
        lambda value: THREAD.begins_with([], value),
        lambda value: THREAD.begins_with([value], {"S": "a"}),
        lambda value: THREAD.compare([], "<", value),
        lambda value: THREAD.between([], {"S": "a"}, value),
    ],
)
@pytest.mark.parametrize("value", [{"N": "31337"}, {"NULL": True}, {"BOOL": True}, {"SS": ["31337"]}])
def test_a_value_of_another_type_is_refused(build, value):
    with pytest.raises(MarshalError, match="the parts of this key are S, S") as caught:
        build(value)
    assert next(iter(value)) in caught.value.value_type
    assert "31337" not in str(caught.value)


def test_a_number_that_dynamodb_cannot_hold_is_refused():
    with pytest.raises(MarshalError, match="38 significant digits"):
        SCORE.text([{"N": "1" * 39}])


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (THREAD, "THREAD"),
        (THREAD, "THREAD#"),
        (THREAD, "THREAD#a"),
        (THREAD, "THREAD#a#b#c"),
        (THREAD, "THREADS#a#b"),
        (THREAD, "thread#a#b"),
        (THREAD, "THREAD#a b#c"),
        (THREAD, "THREAD#a#b$ c"),
        (THREAD, "THREAD#a#b$"),
        (THREAD, "THREAD#a$#b"),
        (META, "META"),
        (META, "#META#"),
        (SCORE, "SCORE#5"),
        (SCORE, "SCORE#p500.50"),
        (SCORE, "SCORE#p626.1"),
        (KeyTemplate("T", ("B",)), "T#AB"),
        (KeyTemplate("T", ("BOOL",)), "T#True"),
    ],
)
def test_texts_that_a_template_did_not_build(template, text):
    assert template.parse(text) is None


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (("A", "S"), ("A", "S"), True),
        (("A", "S"), ("A", "N", "N"), True),
        (("A", "S"), ("A#B", "S"), True),
        (("A", "S"), ("A#B",), True),
        (("A", "S"), ("A#", "S"), True),
        (("A", "S"), ("A#",), True),
        (("A",), ("A",), True),
        (("A",), ("A#B",), False),
        (("A",), ("A", "S"), False),
        (("A",), ("A#B", "S"), False),
        (("A", "S"), ("AB", "S"), False),
        (("A", "S"), ("B", "S"), False),
        (("A#B", "S"), ("A#C", "S"), False),
        (("A#B", "S"), ("A#BC", "S"), False),
        (("#META",), ("META", "S"), False),
    ],
)
def test_which_templates_may_meet(one, other, meet):
    first, second = (KeyTemplate(tag, tuple(parts)) for tag, *parts in (one, other))
    assert first.may_meet(second) is meet
    assert second.may_meet(first) is meet


# --- ranges by hand ---


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (META.whole(), Exactly("#META")),
        (META.equal([]), Exactly("#META")),
        (THREAD.whole(), StartsWith("THREAD#")),
        (THREAD.equal([]), StartsWith("THREAD#")),
        (THREAD.equal(s("f34")), StartsWith("THREAD#f34#")),
        (THREAD.equal(s("f34", "a")), Exactly("THREAD#f34#a")),
        (THREAD.begins_with([], {"S": "f 3"}), StartsWith("THREAD#f$ 3")),
        (THREAD.begins_with(s("f"), {"S": "a b"}), StartsWith("THREAD#f#a b")),
        (THREAD.begins_with(s("f"), {"S": ""}), StartsWith("THREAD#f#")),
        (THREAD.compare([], ">=", {"S": "f"}), Between("THREAD#f", "THREAD$")),
        (THREAD.compare([], ">", {"S": "f"}), Between("THREAD#f$", "THREAD$")),
        (THREAD.compare([], "<=", {"S": "f"}), Between("THREAD#", "THREAD#f$")),
        (THREAD.compare([], "<", {"S": "f"}), Between("THREAD#", "THREAD#f")),
        (THREAD.compare(s("f"), ">=", {"S": "a"}), Between("THREAD#f#a", "THREAD#f$")),
        (THREAD.compare(s("f"), ">", {"S": "a"}), Between("THREAD#f#a\x00", "THREAD#f$")),
        (THREAD.compare(s("f"), "<=", {"S": "a"}), Between("THREAD#f#", "THREAD#f#a")),
        (THREAD.compare(s("f"), "<", {"S": "a\x00"}), Between("THREAD#f#", "THREAD#f#a")),
        (THREAD.compare(s("f"), "<", {"S": ""}), Exactly("THREAD#f$")),
        (THREAD.compare([], "<", {"S": ""}), Exactly("THREAD$")),
        (THREAD.between([], {"S": "a"}, {"S": "b"}), Between("THREAD#a", "THREAD#b$")),
        (THREAD.between(s("f"), {"S": "a"}, {"S": "b"}), Between("THREAD#f#a", "THREAD#f#b")),
        (SCORE.compare([], "<=", {"N": "-5"}), Between("SCORE#", "SCORE#n499.4~")),
    ],
)
def test_a_range_by_hand(keys, expected):
    assert keys == expected


def test_less_than_goes_to_the_greatest_text_below():
    keys = THREAD.compare(s("f"), "<", {"S": "b"})
    assert keys.low == "THREAD#f#"
    assert keys.high.startswith("THREAD#f#a\U0010ffff")
    assert len(keys.high.encode()) == SORT_KEY_BYTES


@pytest.mark.parametrize("template", [META, SCORE])
def test_a_range_needs_a_part_that_is_not_given(template):
    given_values = [{"N": "1"} for _ in template.parts]
    for build in (
        lambda: template.compare(given_values, "<", {"N": "1"}),
        lambda: template.between(given_values, {"N": "1"}, {"N": "2"}),
        lambda: template.begins_with(given_values, {"S": "a"}),
        lambda: template.equal([*given_values, {"N": "1"}]),
    ):
        with pytest.raises(ValueError, match="a further one"):
            build()


# --- the guarantees ---


@st.composite
def keys_of_one_template(draw: st.DrawFn, count: int) -> tuple[KeyTemplate, list[Values]]:
    """Tuples of values of one template, which often share their first parts."""
    parts = tuple(draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=3)))
    pools = [draw(st.lists(VALUES[part], min_size=1, max_size=3)) for part in parts]
    tuples = st.tuples(*(st.sampled_from(pool) for pool in pools))
    return KeyTemplate(draw(st.sampled_from(["T", "T#x"])), parts), [draw(tuples) for _ in range(count)]


def wires(template: KeyTemplate, values: Values) -> list[dict[str, Any]]:
    """The values of the first parts."""
    return [wire(part, value) for part, value in zip(template.parts, values, strict=False)]


@settings(max_examples=500)
@given(keys_of_one_template(2))
def test_keys_have_the_order_of_their_values_and_are_read_back(case):
    template, (a, b) = case
    one, other = template.text(wires(template, a)), template.text(wires(template, b))
    assert (one == other, one < other) == (a == b, a < b)
    assert (one.encode() < other.encode()) == (a < b)
    assert template.parse(one) == tuple(map(read, template.parts, a))


@settings(max_examples=500)
@given(st.lists(VALUES["S"], max_size=3), st.lists(VALUES["S"], max_size=3))
def test_keys_of_one_tag_differ_whatever_the_number_of_parts(a, b):
    one, other = KeyTemplate("T", ("S",) * len(a)), KeyTemplate("T", ("S",) * len(b))
    assert (one.text(s(*a)) == other.text(s(*b))) == (a == b)
    assert (one.parse(other.text(s(*b))) is not None) == (len(a) == len(b))


def test_a_million_keys_without_a_collision():
    texts = list(
        islice(("".join(text) for length in range(5) for text in product("a%#$ ", repeat=length)), 1000)
    )
    texts += [f"x{n}" for n in range(1000 - len(texts))]
    assert len(set(texts)) == 1000
    values = s(*texts)
    keys = {THREAD.text(pair) for pair in product(values, repeat=2)}
    assert len(keys) == 1_000_000
    # Values that look like pairs of parts, in a key of one part and the same tag.
    single = KeyTemplate("THREAD", ("S",))
    joined = {single.text(s(f"{a}{join}{b}")) for a in texts[:100] for b in texts[:100] for join in ("#", "")}
    assert keys.isdisjoint(joined)


def all_ranges(template: KeyTemplate, given_values: Values, other: Values) -> list[tuple[str, Any, Any]]:
    """Every range that these values make: a name, the range, and the model of what it holds."""
    found: list[tuple[str, Any, Any]] = [("whole", template.whole(), lambda _: True)]
    for count in range(len(template.parts) + 1):
        first = wires(template, given_values[:count])
        found.append((f"equal {count}", template.equal(first), lambda v, n=count: v[:n] == given_values[:n]))
    for n, part in enumerate(template.parts):
        first, value = wires(template, given_values[:n]), given_values[n]

        def holds(test: Any, n: int = n) -> Any:
            return lambda v: v[:n] == given_values[:n] and test(v[n])

        for sign, test in COMPARE.items():
            keys = template.compare(first, sign, wire(part, value))
            found.append((f"{sign} {n}", keys, holds(lambda x, test=test, value=value: test(x, value))))
        low, high = sorted([value, other[n]])
        keys = template.between(first, wire(part, low), wire(part, high))
        found.append((f"between {n}", keys, holds(lambda x, low=low, high=high: low <= x <= high)))
        if part in {"S", "B"}:
            prefix = value[: len(other[n])]
            keys = template.begins_with(first, wire(part, prefix))
            found.append((f"begins_with {n}", keys, holds(lambda x, prefix=prefix: x.startswith(prefix))))
    return found


@settings(max_examples=500)
@given(keys_of_one_template(4))
def test_a_range_holds_what_the_values_say(case):
    template, (given_values, other, *candidates) = case
    for name, keys, holds in all_ranges(template, given_values, other):
        # DynamoDB refuses a BETWEEN whose bounds are the wrong way round.
        assert keys.low <= keys.high, name
        cover = Between(keys.low, keys.high)
        for values in (given_values, other, *candidates):
            text = template.text(wires(template, values))
            assert (keys.holds(text), cover.holds(text)) == (holds(values), holds(values)), (name, values)


TAGS = st.text('AB#% "', min_size=1, max_size=4)


@settings(max_examples=500)
@given(keys_of_one_template(2), st.data(), TAGS, TAGS)
def test_no_range_holds_a_key_of_another_tag(case, data, tag, other_tag):
    template, (given_values, other) = case
    template = KeyTemplate(tag, template.parts)
    foreign = KeyTemplate(
        other_tag, data.draw(st.sampled_from([(), ("S",), ("S", "S"), ("N",), template.parts]))
    )
    assume(not template.may_meet(foreign))
    text = foreign.text([wire(part, data.draw(VALUES[part])) for part in foreign.parts])
    assert template.parse(text) is None
    for name, keys, _ in all_ranges(template, given_values, other):
        assert not keys.holds(text), name
        assert not Between(keys.low, keys.high).holds(text), name

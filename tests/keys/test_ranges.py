"""Ranges of keys: what they hold, their bounds, and the neighbours of a text."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynamodel.keys import SORT_KEY_BYTES, Between, Exactly, StartsWith, just_above, just_below

from .values import TEXTS

# The least, the greatest and others of each length in UTF-8.
ALPHABET = [
    "\x00",
    "a",
    "\x7f",
    "\x80",
    "\u07ff",
    "\u0800",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]
SHORT = sorted(
    text
    for length in range(5)
    for text in map("".join, product(ALPHABET, repeat=length))
    if len(text.encode()) <= 4
)


@pytest.mark.parametrize(
    ("keys", "held", "others"),
    [
        (Exactly("A#b"), ["A#b"], ["A#", "A#ba", "A#B", ""]),
        (StartsWith("A#b"), ["A#b", "A#b#c", "A#b\U0010ffff"], ["A#", "A#a", "A#c", "B#b"]),
        (Between("A#b", "A#d"), ["A#b", "A#b\x00", "A#c", "A#d"], ["A#", "A#a", "A#d\x00", "A#e"]),
        (Between("b", "a"), [], ["a", "b"]),
    ],
)
def test_what_a_range_holds(keys, held, others):
    assert [text for text in held + others if keys.holds(text)] == held


@pytest.mark.parametrize(
    ("keys", "low", "high"),
    [
        (Exactly("A#b"), "A#b", "A#b"),
        (StartsWith("A#"), "A#", "A$"),
        (StartsWith("A#b#"), "A#b#", "A#b$"),
        (StartsWith("A#$$#"), "A#$$#", "A#$$$"),
        (StartsWith("A#bc"), "A#bc", "A#bc" + "\U0010ffff" * 255),
        # The delimiter belongs to the value: the key of the value `$`, `A#$$`, is not in it.
        (StartsWith("A#$#"), "A#$#", "A#$#" + "\U0010ffff" * 255),
        (StartsWith("A#$$$#"), "A#$$$#", "A#$$$#" + "\U0010ffff" * 254 + "\u07ff"),
        (Between("a", "b"), "a", "b"),
    ],
)
def test_the_bounds_of_a_range(keys, low, high):
    assert (keys.low, keys.high) == (low, high)


@pytest.mark.parametrize("keys", [Exactly("secret"), StartsWith("secret"), Between("secret", "secret")])
def test_a_range_does_not_show_the_data(keys):
    assert "secret" not in repr(keys)


def test_just_above_leaves_nothing_between():
    for text in SHORT:
        above = just_above(text)
        assert text < above
        assert not [other for other in SHORT if text < other < above]


@pytest.mark.parametrize("limit", [4, 5, 7])
def test_just_below_is_a_bound_of_all_lesser_texts(limit):
    for text in SHORT[1:]:
        below = just_below(text, limit)
        assert below < text
        assert len(below.encode()) <= limit
        assert all(other <= below for other in SHORT if other < text)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("b", 1, "a"),
        ("b", 2, "a\x7f"),
        ("b", 3, "a\u07ff"),
        ("b", 4, "a\uffff"),
        ("b", 5, "a\U0010ffff"),
        ("b", 6, "a\U0010ffff\x7f"),
        ("ab", 2, "aa"),
        ("a\x00", 9, "a"),
        ("\x80", 2, "\x7f\x7f"),
        ("\u0800", 3, "\u07ff\x7f"),
        ("\ue000", 3, "\ud7ff"),
        ("\U00010000", 4, "\uffff\x7f"),
        ("abc", 2, "abb"),
    ],
)
def test_just_below(text, limit, expected):
    assert just_below(text, limit) == expected


@settings(max_examples=300)
@given(TEXTS.filter(bool), TEXTS, st.integers(0, 300))
@example(text="b", other="a", repeat=255)
def test_just_below_at_the_limit_of_sort_keys(text, other, repeat):
    below = just_below(text, SORT_KEY_BYTES)
    assert below < text
    assert len(below.encode()) <= SORT_KEY_BYTES
    for candidate in (
        other,
        text[:-1] + other,
        below + "\x00",
        below[:-1] + "\U0010ffff",
        other + "\U0010ffff" * repeat,
    ):
        if len(candidate.encode()) <= SORT_KEY_BYTES and candidate < text:
            assert candidate <= below

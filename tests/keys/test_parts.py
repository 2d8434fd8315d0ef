"""The text of one part: by hand, its order beside a delimiter, and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel import MarshalError
from dynamodel.keys import DELIMITER, ESCAPE, part_text, prefix_text, read_part

from .values import TEXTS, VALUES, read, wire

TYPES = st.sampled_from(sorted(VALUES))


def test_the_escape_follows_the_delimiter():
    assert (DELIMITER, ESCAPE) == ("#", "$")
    assert ord(ESCAPE) == ord(DELIMITER) + 1


@pytest.mark.parametrize(
    ("value", "inside", "last"),
    [
        ({"S": ""}, "", ""),
        ({"S": "LSI?"}, "LSI?", "LSI?"),
        ({"S": "Hello World"}, "Hello$ World", "Hello World"),
        ({"S": "a#b"}, "a$#b", "a$#b"),
        ({"S": "$"}, "$$", "$$"),
        ({"S": "$#"}, "$$$#", "$$$#"),
        ({"S": '!"'}, '$!$"', '!"'),
        ({"S": "\x00\n"}, "$\x00$\n", "\x00\n"),
        ({"S": "%é\U0010ffff"}, "%é\U0010ffff", "%é\U0010ffff"),
        ({"S": "aBc"}, "aBc", "aBc"),
        ({"N": "-12.5"}, "n498.874~", "n498.874~"),
        ({"B": b""}, "", ""),
        ({"B": b"\x00\xff#"}, "00ff23", "00ff23"),
        ({"B": bytearray(b"\x01")}, "01", "01"),
        ({"B": "AP8="}, "00ff", "00ff"),
        ({"BOOL": False}, "false", "false"),
        ({"BOOL": True}, "true", "true"),
    ],
)
def test_the_text_of_a_value(value, inside, last):
    assert part_text(value, is_last=False) == inside
    assert part_text(value, is_last=True) == last


@pytest.mark.parametrize("is_last", [True, False])
@pytest.mark.parametrize(
    "value", [{"NULL": True}, {"SS": ["secret"]}, {"L": []}, {"M": {}}, {"NS": ["1"]}, {"BS": [b"a"]}]
)
def test_other_types_are_refused(value, is_last):
    with pytest.raises(MarshalError, match="String, Number, Binary and Boolean") as caught:
        part_text(value, is_last=is_last)
    assert caught.value.value_type == next(iter(value))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [{"N": "1"}, {"BOOL": True}, {"NULL": True}])
def test_only_texts_and_bytes_have_a_beginning(value):
    with pytest.raises(MarshalError, match="String and Binary"):
        prefix_text(value, is_last=True)


@pytest.mark.parametrize(
    ("prefix", "inside", "last"),
    [({"S": "a b#"}, "a$ b$#", "a b$#"), ({"B": b"\xab"}, "ab", "ab"), ({"S": ""}, "", "")],
)
def test_the_text_of_a_prefix(prefix, inside, last):
    assert prefix_text(prefix, is_last=False) == inside
    assert prefix_text(prefix, is_last=True) == last


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("S", "a#b"),
        ("S", "a$"),
        ("S", "$a"),
        ("S", "$ b c"),
        ("B", "AB"),
        ("B", "abc"),
        ("B", "ab cd"),
        ("B", "xy"),
        ("N", "5"),
        ("N", "p500.10"),
        ("N", "p626.1"),
        ("BOOL", "True"),
        ("BOOL", ""),
    ],
)
def test_other_texts_are_none_of_ours(type_, text):
    with pytest.raises(ValueError, match=r"of a key|hexadecimal|DynamoDB's numbers"):
        read_part(text, type_)


@settings(max_examples=300)
@given(st.data(), TYPES, st.booleans())
def test_texts_are_read_back(data, type_, is_last):
    value = data.draw(VALUES[type_])
    assert read_part(part_text(wire(type_, value), is_last=is_last), type_) == read(type_, value)


@settings(max_examples=500)
@given(st.data(), TYPES)
def test_the_order_of_texts_is_that_of_values_wherever_they_stand(data, type_):
    a, b = data.draw(VALUES[type_]), data.draw(VALUES[type_])
    expected = (a < b, a == b)
    last = [part_text(wire(type_, value), is_last=True).encode() for value in (a, b)]
    assert (last[0] < last[1], last[0] == last[1]) == expected
    # Inside a key, a delimiter follows, and then anything.
    inside = [part_text(wire(type_, value), is_last=False) + DELIMITER for value in (a, b)]
    one, other = (text.encode() for text in inside)
    assert (one < other, one == other) == expected
    assert a == b or not (one.startswith(other) or other.startswith(one))


@settings(max_examples=300)
@given(TEXTS, TEXTS, st.booleans())
def test_a_text_begins_with_the_texts_of_its_beginnings_only(value, prefix, is_last):
    for beginning in (prefix, value[: len(prefix)]):
        text = part_text({"S": value}, is_last=is_last)
        assert text.startswith(prefix_text({"S": beginning}, is_last=is_last)) == value.startswith(beginning)

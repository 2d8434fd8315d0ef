"""The pictures of tables: what lies where, and what of it is shown."""

import pytest
from rich.console import Console

from dynamodel.schema import KeyAttribute, KeySchema
from examples.picture import picture

PK, SK = KeyAttribute("pk", "S"), KeyAttribute("sk", "S")
HIDDEN = {"pk", "sk", "_type"}


def lines(tree, width=100):
    console = Console(width=width, color_system=None)
    with console.capture() as shown:
        console.print(tree)
    return shown.get().splitlines()


def item(partition, sort, kind="", **attributes):
    return {"pk": {"S": partition}, "sk": {"S": sort}, "_type": {"S": kind}, **attributes}


def test_items_lie_in_their_partition_in_the_order_of_the_sort_key():
    items = [item("B", "y"), item("A", "x"), item("B", "#META", "Forum"), item("B", "Z")]
    assert lines(picture("Table T", KeySchema((PK,), (SK,)), items, HIDDEN)) == [
        "Table T, by pk and sk",
        "├── A",
        "│   x",
        "└── B",
        "    #META  Forum",
        "    Z",
        "    y",
    ]


def test_what_the_key_tells_is_not_told_again():
    found = item("THREAD#S3#a", "REPLY#1", "Reply", subject={"S": "a"}, forum={"S": "S3"}, by={"S": "ann"})
    assert lines(picture("T", KeySchema((PK,), (SK,)), [found], HIDDEN))[-1] == "    REPLY#1  Reply  by=ann"


def test_short_attributes_come_first_and_the_line_is_cut():
    found = item("A", "x", "Thread", message={"S": "m" * 200}, replies={"N": "3"})
    *_, line = lines(picture("T", KeySchema((PK,), (SK,)), [found], HIDDEN), width=40)
    assert line == "    x  Thread  replies=3  message=mmmmm…"


@pytest.mark.parametrize(
    ("type_", "values", "order"),
    [("N", ["10", "9", "-1"], ["-1", "9", "10"]), ("S", ["10", "9", "-1"], ["-1", "10", "9"])],
)
def test_keys_sort_by_their_type(type_, values, order):
    key = KeySchema((PK,), (KeyAttribute("n", type_),))
    items = [{"pk": {"S": "A"}, "n": {type_: value}} for value in values]
    assert [line.strip() for line in lines(picture("T", key, items, {"pk", "n"}))[2:]] == order


def test_a_table_without_a_sort_key():
    tree = picture("T", KeySchema((PK,)), [{"pk": {"S": "A"}, "a": {"N": "1"}}], {"pk"})
    assert lines(tree)[1:] == ["└── A", "        a=1"]


def test_a_key_of_several_attributes():
    key = KeySchema((PK, SK))
    assert lines(picture("T", key, [item("A", "x")], HIDDEN))[:2] == ["T, by pk and sk", "└── A x"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"S": "[bold]"}, "[bold]"),
        ({"N": "1.50"}, "1.50"),
        ({"BOOL": True}, "True"),
        ({"NULL": True}, "NULL"),
        ({"SS": ["a", "b"]}, "{a, b}"),
        ({"L": [{"S": "a"}, {"N": "1"}]}, "[a, 1]"),
        ({"M": {"k": {"L": []}}}, "{k: []}"),
    ],
)
def test_values(value, text):
    tree = picture("T", KeySchema((PK,)), [{"pk": {"S": "A"}, "v": value}], {"pk"})
    assert lines(tree)[-1].strip() == f"v={text}"

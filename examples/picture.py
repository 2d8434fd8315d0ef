"""Draws a table as text: its items as they lie in the table, and in each of its indexes.

The pictures are made from what is stored, not from the model: the table and each index are scanned. So they
show which items an index holds, and under which keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import Group
from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from dynamodel.schema import KeyAttribute, KeySchema, TableDefinition

__all__ = ["picture", "pictures", "stored_items"]

StoredItem: TypeAlias = Mapping[str, Any]
"""An item as boto3 gives it: `{"pk": {"S": "USER#ann"}, ...}`."""

Styled: TypeAlias = tuple[str, str]
"""A text and its style."""

TYPE_ATTRIBUTE = "_type"
"""The attribute that tells of which entity an item is."""


def pictures(dynamodb: DynamoDBClient, table: TableDefinition) -> Iterator[Tree]:
    """A picture of the table, then one of each index."""
    hidden = {attribute.name for attribute in table.key_attributes} | {TYPE_ATTRIBUTE}
    yield picture(f"Table {table.name}", table.key, stored_items(dynamodb, table.name), hidden)
    for index in table.indexes:
        items = stored_items(dynamodb, table.name, index.name)
        yield picture(f"{index.kind.capitalize()} index {index.name}", index.key, items, hidden)


def stored_items(dynamodb: DynamoDBClient, table: str, index: str | None = None) -> list[StoredItem]:
    """Everything that a table, or an index, holds."""
    scan = dynamodb.get_paginator("scan")
    pages = (
        scan.paginate(TableName=table) if index is None else scan.paginate(TableName=table, IndexName=index)
    )
    return [item for page in pages for item in page["Items"]]


def picture(title: str, key: KeySchema, items: Iterable[StoredItem], hidden: AbstractSet[str]) -> Tree:
    """A tree: the partition keys, and under each its items in the order of the sort key.

    Args:
        title: what is drawn.
        key: the key of the table or index.
        items: what it holds.
        hidden: attributes that are not shown beside the key, such as the keys of other indexes.
    """
    names = " and ".join(attribute.name for attribute in key.attributes)
    tree = Tree(f"[bold]{escape(title)}[/bold], by {escape(names)}", guide_style="dim")
    ordered = sorted(items, key=lambda item: _position(item, key.attributes))
    for partition, members in groupby(ordered, key=lambda item: _texts(item, key.partition)):
        tree.add(Group(_line((partition, "cyan")), *_lines(list(members), key, hidden)))
    return tree


def _lines(items: list[StoredItem], key: KeySchema, hidden: AbstractSet[str]) -> Iterator[Text]:
    """One partition: of each item the sort key, the type, and as many attributes as the line holds."""
    cells = [(_texts(item, key.sort), _text(item.get(TYPE_ATTRIBUTE, {}))) for item in items]
    sort_width, type_width = (max(map(len, column)) + 2 for column in zip(*cells, strict=True))
    for (sort, entity), item in zip(cells, items, strict=True):
        start = (sort.ljust(sort_width), "yellow"), (entity.ljust(type_width), "bold")
        yield _line(*start, *_attributes(item, key, hidden))


def _attributes(item: StoredItem, key: KeySchema, hidden: AbstractSet[str]) -> Iterator[Styled]:
    """What the key does not tell, the shortest first."""
    told = {part for attribute in key.attributes for part in _text(item[attribute.name]).split("#")}
    texts = {name: _text(value) for name, value in item.items() if name not in hidden}
    for name, text in sorted(texts.items(), key=lambda shown: (len(shown[1]), shown[0])):
        if text not in told:
            yield from ((f"{name}=", "dim"), (f"{text}  ", ""))


def _line(*parts: Styled) -> Text:
    """One line, cut where the screen ends."""
    line = Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
    line.rstrip()
    return line


def _position(item: StoredItem, attributes: Iterable[KeyAttribute]) -> list[Any]:
    """What sorts as DynamoDB does: strings by their UTF-8, numbers by their value, binary values by byte."""
    content = [item[attribute.name][attribute.type] for attribute in attributes]
    return [
        Decimal(value) if attribute.type == "N" else value
        for attribute, value in zip(attributes, content, strict=True)
    ]


def _texts(item: StoredItem, attributes: Iterable[KeyAttribute]) -> str:
    return " ".join(_text(item[attribute.name]) for attribute in attributes)


def _text(value: Any) -> str:
    """An AttributeValue for the eye: a document in braces, a list in brackets."""
    match value:
        case {"M": members}:
            return "{" + ", ".join(f"{name}: {_text(member)}" for name, member in members.items()) + "}"
        case {"L": members}:
            return "[" + ", ".join(map(_text, members)) + "]"
        case {"SS": members} | {"NS": members} | {"BS": members}:
            return "{" + ", ".join(map(str, members)) + "}"
        case {"NULL": _}:
            return "NULL"
        case _:
            return ", ".join(map(str, value.values()))

"""Whether the table is as the model says: its raw items, each index, and what dynamodel reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from dynamodel import Client, batch_get

from .entities import ENTITIES, INDEXES, TABLE
from .plain import Id, PlainTable, foreseen, spots_of
from .rules import RULES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["check_table"]

CLAIM = {"S": "$unique"}
"""What marks the claim of a unique value."""

SORT_ONLY = ("latest",)
"""The local index: its partition key is that of the table."""

GLOBAL = ("gsi1", "gsi2", "gsi3", "gsi4")


def check_table(raw: DynamoDBClient, db: Client, table: PlainTable) -> None:
    """Fails where the table, an index or what is read differs from the model."""
    stored = _scan(raw)
    claims = [item for item in stored if item["_type"] == CLAIM]
    items = {_id(item): item for item in stored if item["_type"] != CLAIM}
    assert len(items) + len(claims) == len(stored), "an item is there twice"
    _same("the items of the table", items, table.items)
    for id_, item in items.items():
        _check_item(id_, item, table)
    _check_claims(claims, items, table)
    for index in ("", *SORT_ONLY, *GLOBAL):
        _check_index(raw, index, table)
        _check_queries(db, index, table)
    _check_gets(db, table)


def _scan(raw: DynamoDBClient, **parameters: Any) -> list[dict[str, Any]]:
    answer = raw.scan(TableName=TABLE, **parameters)
    assert "LastEvaluatedKey" not in answer
    return list(answer["Items"])


def _id(item: dict[str, Any]) -> Id:
    """Whose item it is, by its discriminator and by the attributes that make its key."""
    entity = item["_type"]["S"]
    rules = RULES[entity]
    return entity, tuple(_plain(item[rules.stored.get(name, name)]) for name in rules.key)


def _plain(value: dict[str, Any]) -> Any:
    [(type_, text)] = value.items()
    return int(text) if type_ == "N" else text


def _check_item(id_: Id, item: dict[str, Any], table: PlainTable) -> None:
    """It has the attributes that it must have and no others; so no half index key."""
    entity, _ = id_
    whole = foreseen(entity, table.items[id_])
    wanted = {RULES[entity].stored.get(name, name) for name in whole} | {"pk", "sk", "_type"}
    for index in spots_of(entity, table.items[id_]).keys() - {""}:
        wanted |= {f"{index}sk"} if index in SORT_ONLY else {f"{index}pk", f"{index}sk"}
    _same(f"the attributes of {id_}", item.keys() - {"_write"}, wanted)
    for name in RULES[entity].computed:
        assert item.get(name, {}).get("S") == whole.get(name), f"{name} of {id_}"


def _check_claims(claims: list[dict[str, Any]], items: dict[Id, dict[str, Any]], table: PlainTable) -> None:
    owners = sorted((claim["_owner"]["M"]["pk"]["S"], claim["_owner"]["M"]["sk"]["S"]) for claim in claims)
    ids = table.claims().values()
    assert owners == sorted((items[id_]["pk"]["S"], items[id_]["sk"]["S"]) for id_ in ids), "the claims"


def _check_index(raw: DynamoDBClient, index: str, table: PlainTable) -> None:
    """It holds the items that it must hold, in the partitions and in the order of their values."""
    members = table.members(index)
    found: dict[str, set[Id]] = defaultdict(set)
    name = f"{index}pk" if index in GLOBAL else "pk"
    for item in _scan(raw, **({"IndexName": index} if index else {})):
        if item["_type"] != CLAIM:
            found[item[name]["S"]].add(_id(item))
    _same(f"the items of index {index!r}", set().union(*found.values()), members)
    wanted: dict[tuple[Any, ...], set[Id]] = defaultdict(set)
    for id_, spot in members.items():
        wanted[spot.partition].add(id_)
    partitions = map(frozenset, found.values()), map(frozenset, wanted.values())
    _same(f"the partitions of index {index!r}", *partitions)
    for value, ids in found.items():
        answer = raw.query(
            TableName=TABLE,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": name},
            ExpressionAttributeValues={":pk": {"S": value}},
            **({"IndexName": index} if index else {}),  # type: ignore[arg-type] # ** hides the types
        )
        in_order = [_id(item) for item in answer["Items"]]
        _same(f"a partition of index {index!r}", in_order, ids)
        _check_order(index, in_order, table)


def _same(what: str, found: Iterable[Hashable], wanted: Iterable[Hashable]) -> None:
    """Neither of the two has anything that the other has not, or anything twice."""
    more, fewer = Counter(iter(found)), Counter(iter(wanted))  # of a mapping: its keys
    assert more == fewer, f"{what}: too much {list(more - fewer)}, missing {list(fewer - more)}"


def _check_order(index: str, ids: list[Id], table: PlainTable) -> None:
    members = table.members(index)
    sorts = [members[id_].sort for id_ in ids]
    assert sorts == sorted(sorts), f"the order of index {index!r}"


def _check_queries(db: Client, index: str, table: PlainTable) -> None:
    """What dynamodel's queries find: each entity its own items."""
    wanted: dict[tuple[str, tuple[Any, ...]], set[Id]] = defaultdict(set)
    for id_, spot in table.members(index).items():
        wanted[id_[0], spot.partition[1:]].add(id_)
    for (entity, partition), ids in wanted.items():
        query = INDEXES[entity, index].query(*partition)
        found = [_id_of(entity, instance) for instance in db.run(query)]
        _same(f"the items of {entity} in index {index!r} by a query", found, ids)
        _check_order(index, found, table)


def _id_of(entity: str, instance: Any) -> Id:
    return entity, tuple(getattr(instance, name) for name in RULES[entity].key)


def _check_gets(db: Client, table: PlainTable) -> None:
    """Every item reads back as the values that were written, with the defaults of what is absent."""
    gets = [ENTITIES[entity].main.get(*key) for entity, key in table.items]
    for (id_, values), instance in zip(table.items.items(), db.run(batch_get(*gets)), strict=True):
        wanted = {**RULES[id_[0]].defaults, **foreseen(id_[0], values)}
        found = {name: getattr(instance, name) for name in wanted}
        differing = {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}
        assert not differing, f"{id_} as it is read, and as it was written: {differing}"
        assert all(type(found[name]) is type(wanted[name]) for name in wanted)

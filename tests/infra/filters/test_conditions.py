"""What the patterns let through against what DynamoDB Local finds true, for random conditions and items."""

from __future__ import annotations

import base64
import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dynamodel import DeclarationError
from dynamodel.expressions.nodes import Condition, DocumentPath, Junction, Negation, Predicate, Value
from dynamodel.expressions.placeholders import Placeholders
from dynamodel.infra.filters import Changes, matches
from dynamodel.infra.filters.conditions import _base64_prefixes

from .models import Info, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "filters.things"

# --- items: every attribute has a value of its type or none; `anything` has any ---

WORDS = ["", "a", "ab", "abc", "b", "10", "é"]
NUMBERS = ["0", "1", "2", "10", "-1", "-0.5", "10.5", "100", "0.05", "1" + "0" * 50]
BYTES = [b"", b"\x00", b"\x01", b"ab", b"abc", b"abcd", b"abcde", b"\xff\xfe", b"ab\xff"]
SCALARS: list[dict[str, Any]] = [
    *({"S": word} for word in WORDS),
    *({"N": number} for number in NUMBERS),
    *({"B": content} for content in BYTES),
    {"BOOL": True},
    {"BOOL": False},
    {"NULL": True},
]
SETS: dict[str, list[dict[str, Any]]] = {
    "words": [{"SS": [*some]} for some in (["a"], ["a", "b"], ["ab", "10"])],
    "nums": [{"NS": [*some]} for some in (["1"], ["1", "2"], ["10", "-0.5"])],
    "blobs": [{"BS": [*some]} for some in ([b"a"], [b"a", b"abc"], [b"\x00"])],
}
ATTRIBUTES: dict[str, list[dict[str, Any]]] = {
    "text": [{"S": word} for word in WORDS],
    "number of": [{"N": number} for number in NUMBERS],
    "data": [{"B": content} for content in BYTES],
    "flag": [{"BOOL": True}, {"BOOL": False}],
    "null": [{"NULL": True}, {"S": "a"}],
    **SETS,
    "info": [
        {"M": {"rank": {"N": "1"}}},
        {"M": {"label": {"S": "a"}}},
        {"M": {"rank": {"N": "10"}, "label": {"S": "ab"}}},
        {"M": {}},
    ],
    "anything": [
        *SCALARS,
        *itertools.chain(*SETS.values()),
        {"L": [{"S": "a"}]},
        {"M": {"rank": {"N": "1"}}},
    ],
}


def items() -> list[dict[str, Any]]:
    """The same ones in every run."""
    chance = random.Random(4)
    found: list[dict[str, Any]] = [{"name": {"S": "none"}}]
    for name, values in ATTRIBUTES.items():  # each value once, and then many together
        found += [{name: value} for value in values]
    for _ in range(80):
        picked = chance.sample(sorted(ATTRIBUTES), chance.randint(2, len(ATTRIBUTES)))
        found.append({name: chance.choice(ATTRIBUTES[name]) for name in picked})
    return [item | {"name": {"S": f"item {number}"}} for number, item in enumerate(found)]


@pytest.fixture(scope="module")
def engine(dynamodb_local_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """DynamoDB Local with a table of all the items."""
    client = dynamodb_local_client
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in items():
        client.put_item(TableName=TABLE, Item=item)
    yield client
    client.delete_table(TableName=TABLE)


def found_by(client: DynamoDBClient, condition: Condition) -> set[str]:
    """The names of the items of which DynamoDB finds the condition true."""
    placeholders = Placeholders()
    parameters = placeholders.expression("FilterExpression", condition) | placeholders.parameters()
    found: Any = client.scan(TableName=TABLE, **parameters)
    return {item["name"]["S"] for item in found["Items"]}


def let_through(stored: list[dict[str, Any]], condition: Condition) -> set[str]:
    """The names of the items whose insertion Lambda would tell the function."""
    patterns = Changes(Thing, kinds=["INSERT"], new=condition).patterns()
    records: list[dict[str, Any]] = [
        {"eventName": "INSERT", "dynamodb": {"Keys": {"name": item["name"]}, "NewImage": item}}
        for item in stored
    ]
    return {
        record["dynamodb"]["Keys"]["name"]["S"]
        for record in records
        if any(matches(pattern, record) for pattern in patterns)
    }


# --- conditions ---

DECLARED: list[DocumentPath] = [
    Thing.text.node,
    Thing.count.node,
    Thing.data.node,
    Thing.flag.node,
    Thing.null.node,
    Thing.words.node,
    Thing.nums.node,
    Thing.blobs.node,
    Thing.info[Info.rank].node,
    Thing.info[Info.label].node,
]
paths = st.sampled_from([*DECLARED, Thing.anything.node])
values = st.sampled_from(SCALARS).map(Value)
whole = st.sampled_from([Value({"N": number}) for number in NUMBERS[:-1]])
LEAF_TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS"]


def between(path: DocumentPath, one: Value, two: Value) -> Predicate:
    low, high = sorted((one, two), key=lambda value: float(value.value["N"]))
    return Predicate("BETWEEN", (path, low, high))


predicates: st.SearchStrategy[Condition] = st.one_of(
    st.builds(
        lambda sign, path, value: Predicate(sign, (path, value)), st.sampled_from(["=", "<>"]), paths, values
    ),
    st.builds(
        lambda sign, path, value: Predicate(sign, (path, value)),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.sampled_from([Thing.count.node, Thing.info[Info.rank].node, Thing.anything.node, Thing.text.node]),
        whole,
    ),
    st.builds(between, st.sampled_from([Thing.count.node, Thing.anything.node]), whole, whole),
    st.builds(
        lambda path, some: Predicate("IN", (path, *some)), paths, st.lists(values, min_size=1, max_size=4)
    ),
    st.builds(
        lambda name, path: Predicate(name, (path,)),
        st.sampled_from(["attribute_exists", "attribute_not_exists"]),
        st.sampled_from(DECLARED),
    ),
    st.builds(
        lambda path, type_: Predicate("attribute_type", (path, Value({"S": type_}))),
        paths,
        st.sampled_from(LEAF_TYPES),
    ),
    st.builds(
        lambda path, word: Predicate("begins_with", (path, Value({"S": word}))), paths, st.sampled_from(WORDS)
    ),
    st.builds(
        lambda path, part: Predicate("begins_with", (path, Value({"B": part}))), paths, st.sampled_from(BYTES)
    ),
    st.sampled_from(WORDS[1:]).map(
        lambda word: Predicate("contains", (Thing.words.node, Value({"S": word})))
    ),
    st.sampled_from(NUMBERS).map(
        lambda number: Predicate("contains", (Thing.nums.node, Value({"N": number})))
    ),
    st.sampled_from(BYTES[1:]).map(
        lambda part: Predicate("contains", (Thing.blobs.node, Value({"B": part})))
    ),
)
conditions = st.recursive(
    predicates,
    lambda inner: st.one_of(
        inner.map(Negation),
        st.builds(lambda one, two: Junction.of("AND", one, two), inner, inner),
        st.builds(lambda one, two: Junction.of("OR", one, two), inner, inner),
    ),
    max_leaves=5,
)


@pytest.mark.dynamodb_local
@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
)
@given(condition=conditions)
def test_a_pattern_lets_through_what_dynamodb_finds_true(
    condition: Condition, engine: DynamoDBClient
) -> None:
    stored = items()
    try:
        passed = let_through(stored, condition)
    except DeclarationError as error:
        if "never holds" in str(error):
            assert not found_by(engine, condition)
        assume(False)
    assert passed == found_by(engine, condition)


@pytest.mark.parametrize("prefix", BYTES)
def test_the_base64_prefixes_are_those_of_the_bytes_that_begin_so(prefix: bytes) -> None:
    chance = random.Random(len(prefix))
    others = [prefix + chance.randbytes(length) for length in range(6)] + [
        chance.randbytes(n) for n in range(6)
    ]
    for content in [*others, *BYTES]:
        text = base64.b64encode(content).decode()
        assert text.startswith(tuple(_base64_prefixes(prefix))) is content.startswith(prefix)

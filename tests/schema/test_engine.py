"""The rules against DynamoDB Local: it refuses what we refuse, but for a list, and takes what we take."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from attrs import evolve
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodel.schema import (
    BillingMode,
    IndexDefinition,
    KeyAttribute,
    KeySchema,
    Projection,
    StreamViewType,
    TableDefinition,
    TableSettings,
    Throughput,
    create_requests,
    table_faults,
)

from .cases import RIGHT, Right
from .wrong_cases import WRONG, Wrong

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.dynamodb_local


@pytest.fixture(scope="module")
def unchecked(dynamodb_local_client: DynamoDBClient) -> Any:
    """A client that leaves every check of parameters to the engine."""
    meta = dynamodb_local_client.meta
    return boto3.client(
        "dynamodb",
        endpoint_url=meta.endpoint_url,
        region_name=meta.region_name,
        aws_access_key_id="schema",
        aws_secret_access_key="schema",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def create(client: Any, definition: TableDefinition) -> None:
    """Sends what creates the table, and removes it in any case."""
    try:
        for operation, parameters in create_requests(definition):
            getattr(client, xform_name(operation))(**parameters)
    finally:
        with suppress(ClientError):
            client.update_table(TableName=definition.name, DeletionProtectionEnabled=False)
        with suppress(ClientError):
            client.delete_table(TableName=definition.name)


@pytest.mark.parametrize(
    "case", [case for case in WRONG if case.engine == "refuses"], ids=lambda case: case.id
)
def test_the_engine_refuses_it_too(case: Wrong, unchecked: Any) -> None:
    with pytest.raises(ClientError) as caught:
        create(unchecked, case.definition)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("case", [case for case in WRONG if case.engine == "laxer"], ids=lambda case: case.id)
def test_the_engine_is_known_to_be_laxer_than_aws(case: Wrong, unchecked: Any) -> None:
    create(unchecked, case.definition)


@pytest.mark.parametrize(
    "case", [case for case in RIGHT if case.engine == "accepts"], ids=lambda case: case.id
)
def test_the_engine_accepts_it_too(case: Right, unchecked: Any) -> None:
    create(unchecked, case.definition)


@pytest.mark.parametrize(
    "case", [case for case in RIGHT if case.engine == "stricter"], ids=lambda case: case.id
)
def test_the_engine_is_known_to_be_stricter_than_aws(case: Right, unchecked: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        create(unchecked, case.definition)


def test_the_table_is_as_declared(unchecked: Any) -> None:
    case = next(case for case in RIGHT if case.id == "provisioned index")
    definition = evolve(case.definition, name=f"declared-{uuid.uuid4().hex}")
    (request,) = create_requests(definition)
    described = unchecked.create_table(**request.parameters)["TableDescription"]
    unchecked.delete_table(TableName=definition.name)
    (index,) = described["GlobalSecondaryIndexes"]
    assert index["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
    assert [index["IndexName"] for index in described["LocalSecondaryIndexes"]] == ["lsi1"]
    assert described["KeySchema"] == request.parameters["KeySchema"]


_TYPES = {f"a{number}": "SNB"[number % 3] for number in range(9)}
_ATTRIBUTES = st.sampled_from([KeyAttribute(name, kind) for name, kind in _TYPES.items()])
_PAIRS = st.lists(_ATTRIBUTES, min_size=2, max_size=2, unique=True)
_NAMES = st.text("abcXYZ019_.-", min_size=3, max_size=30)
_PROJECTIONS = st.one_of(
    st.sampled_from([Projection.ALL, Projection.KEYS_ONLY]),
    st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4, unique=True).map(
        lambda names: Projection.include(*names),
    ),
)


@st.composite
def definitions(draw: st.DrawFn) -> TableDefinition:
    """Any right table whose global indexes have one partition attribute, as DynamoDB Local knows them."""
    partition, sort = draw(_PAIRS)
    provisioned = draw(st.booleans())
    throughput = Throughput(draw(st.integers(1, 10)), draw(st.integers(1, 10))) if provisioned else None
    indexes = []
    for name in draw(st.lists(_NAMES, max_size=4, unique=True)):
        if draw(st.booleans()):
            at = draw(_ATTRIBUTES.filter(lambda attribute: attribute != partition))
            index_key = KeySchema((partition,), (at,))
            indexes.append(IndexDefinition(name, "local", index_key, draw(_PROJECTIONS)))
        else:
            first, *rest = draw(_PAIRS)[: draw(st.integers(1, 2))]
            index_key = KeySchema((first,), tuple(rest))
            indexes.append(IndexDefinition(name, "global", index_key, draw(_PROJECTIONS), throughput))
    return TableDefinition(
        f"any-{uuid.uuid4().hex}",
        KeySchema((partition,), (sort,)),
        tuple(index for index in indexes if index.kind == "local"),
        tuple(index for index in indexes if index.kind == "global"),
        TableSettings(
            billing_mode=BillingMode.PROVISIONED if provisioned else BillingMode.PAY_PER_REQUEST,
            throughput=throughput,
            stream=draw(st.none() | st.sampled_from(StreamViewType)),
            time_to_live=draw(st.none() | st.text(min_size=1, max_size=60)),
        ),
    )


@settings(max_examples=25)
@given(definition=definitions())
def test_any_right_definition_is_accepted_by_both(definition: TableDefinition, unchecked: Any) -> None:
    assert table_faults(definition) == []
    create(unchecked, definition)

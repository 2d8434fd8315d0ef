"""Templates: what our compilers and the CDK write is read back, and nothing is dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from dynamodel import DeclarationError, GetAtt, Parameter, RemovalPolicy, Sub
from dynamodel.infra.importing import from_cloudformation, python_source
from dynamodel.infra.tables import table_properties
from dynamodel.infra.template import Resource, Scope
from dynamodel.infra.text import read_template
from dynamodel.schema import AutoScaling, Ref, TableDefinition, Throughput
from dynamodel.schema.scaling import fixed
from tests.schema.cases import RIGHT, RIGHT_IN_TEMPLATES, RIGHT_UNASKED, Right

from .modules import definitions, tables


def template_of(definition: TableDefinition) -> dict[str, Any]:
    scope = Scope({})
    properties = scope.render(table_properties(definition))
    resource = Resource("AWS::DynamoDB::Table", properties, definition.settings.removal_policy)
    return {"Parameters": scope.parameters_section(), "Resources": {"Tab": resource.to_dict()}}


def without_scaling(definition: TableDefinition) -> TableDefinition:
    """The table alone: its autoscaling is other resources."""

    def plain(units: Throughput | None) -> Throughput | None:
        return units and Throughput(fixed(units.read), fixed(units.write))

    indexes = tuple(evolve(each, throughput=plain(each.throughput)) for each in definition.global_indexes)
    settings = evolve(definition.settings, throughput=plain(definition.settings.throughput))
    return evolve(definition, settings=settings, global_indexes=indexes)


def same(definition: TableDefinition, template: dict[str, Any]) -> None:
    imported = from_cloudformation(template)
    [table] = imported.tables
    if definition.settings.deployed_name is not None:
        definition = evolve(definition, name=table.definition.name)
    assert table.definition == definition
    assert tables(python_source(imported)) == {definition.name: definition}


@pytest.mark.parametrize("case", [*RIGHT, *RIGHT_UNASKED, *RIGHT_IN_TEMPLATES], ids=lambda case: case.id)
def test_reads_what_we_write(case: Right) -> None:
    definition = without_scaling(case.definition)
    same(definition, template_of(definition))


@given(definitions())
def test_reads_whatever_we_write(definition: TableDefinition) -> None:
    definition = without_scaling(definition)
    same(definition, template_of(definition))


KEY = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def read(properties: dict[str, Any], **template: Any) -> Any:
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": {**KEY, **properties}}
    return from_cloudformation({**template, "Resources": {"Movies": resource}})


NAMES = [
    ({"Ref": "Name"}, "Films", Parameter("Name", default="Films")),
    (
        {"Fn::Sub": "Films-${Stage}"},
        "Films-dev",
        Sub("Films-${Stage}", Stage=Parameter("Stage", default="dev")),
    ),
    ({"Fn::Sub": "${AWS::StackName}-Films"}, "Films", Sub("${AWS::StackName}-Films")),
    (
        {"Fn::Join": ["-", ["Films", {"Ref": "Stage"}]]},
        "Films-dev",
        Sub("Films-${Stage}", Stage=Parameter("Stage", default="dev")),
    ),
    (
        {"Fn::Sub": ["Films-${X}", {"X": {"Ref": "Stage"}}]},
        "Films-dev",
        Sub("Films-${X}", X=Parameter("Stage", default="dev")),
    ),
    (
        {"Fn::Sub": "Films-${Queue.QueueName}"},
        "Films",
        Sub("Films-${QueueQueueName}", QueueQueueName=GetAtt("Queue", "QueueName")),
    ),
    ({"Fn::Sub": "Films-${Queue}"}, "Films", Sub("Films-${Queue}", Queue=Ref("Queue"))),
    ({"Fn::GetAtt": ["X", "Y"]}, "Movies", GetAtt("X", "Y")),
    ({"Fn::If": ["A", "x", "y"]}, "Movies", None),
    ({"Ref": "AWS::NoValue"}, "Movies", None),
]


@pytest.mark.parametrize(("given", "name", "deployed"), NAMES)
def test_names(given: Any, name: str, deployed: Any) -> None:
    parameters = {
        each: {"Type": "String", "Default": value} for each, value in (("Name", "Films"), ("Stage", "dev"))
    }
    imported = read({"TableName": given}, Parameters=parameters)
    [table] = imported.tables
    assert table.definition.name == name
    assert table.definition.settings.deployed_name == deployed
    assert bool(imported.notes) == (deployed is None)
    assert tables(python_source(imported)) == {name: table.definition}


def test_sam_and_yaml() -> None:
    imported = from_cloudformation(
        read_template("""
Transform: AWS::Serverless-2016-10-31
Resources:
  Small: {Type: AWS::Serverless::SimpleTable}
  Big:
    Type: AWS::Serverless::SimpleTable
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      TableName: big-table
      PrimaryKey: {Name: movieId, Type: Number}
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: "6"}
      Tags: {stage: !Sub "${AWS::StackName}"}
""")
    )
    small, big = (table.definition for table in imported.tables)
    assert str(small.key) == "partition key 'id' (S), no sort key"
    assert small.settings.removal_policy is RemovalPolicy.DESTROY
    assert str(big.key) == "partition key 'movieId' (N), no sort key"
    assert big.settings.throughput == Throughput(5, 6)
    assert big.settings.tags == {"stage": Sub("${AWS::StackName}")}


def test_notes_name_what_is_left_out() -> None:
    template = {
        "Resources": {
            "Movies": {
                "Type": "AWS::DynamoDB::Table",
                "Condition": "IsProd",
                "DeletionPolicy": "Snapshot",
                "Properties": {
                    **KEY,
                    "TableName": "Movies",
                    "Later": 1,
                    "Tags": [{"Key": "a", "Value": {"Fn::If": []}}],
                },
            }
        }
    }
    found = "\n".join(from_cloudformation(template).notes)
    for place in (
        "Movies.Condition",
        "Movies.DeletionPolicy",
        "Properties.Later",
        "Properties.Tags[0].Value",
    ):
        assert place in found


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"KeySchema": None}, "Properties.KeySchema: must list"),
    ({"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}, "AttributeDefinitions does not have"),
    (
        {"KeySchema": [{"AttributeName": "id", "KeyType": "hash"}]},
        r"KeySchema\[0\].KeyType: must be HASH or RANGE",
    ),
    ({"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "SS"}]}, "found 'SS'"),
    ({"AttributeDefinitions": "id"}, "must be a list, found 'id'"),
    ({"BillingMode": "FREE"}, "one of PROVISIONED|PAY_PER_REQUEST"),
    ({"TimeToLiveSpecification": {"Enabled": "maybe"}}, "true or false"),
    ({"GlobalSecondaryIndexes": [{"KeySchema": []}]}, r"GlobalSecondaryIndexes\[0\].IndexName"),
    ({"ProvisionedThroughput": {"ReadCapacityUnits": "many", "WriteCapacityUnits": 1}}, "whole number"),
    (
        {"ProvisionedThroughput": {"ReadCapacityUnits": {"Ref": "AWS::Region"}, "WriteCapacityUnits": 1}},
        "known at deployment",
    ),
    ({"TableName": "a b c"}, "3 to 255"),
    ({"StreamSpecification": []}, "must be an object"),
    ({"Tags": [{"Value": "x"}]}, r"Tags\[0\].Key"),
]


@pytest.mark.parametrize(("properties", "message"), WRONG)
def test_faults_have_their_places(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        read(properties)


@pytest.mark.parametrize(
    "template",
    [{}, {"Resources": []}, {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, {"Resources": {"Q": 1}}, 3],
)
def test_no_table_at_all(template: Any) -> None:
    with pytest.raises(DeclarationError):
        from_cloudformation(template)


def test_scaling_of_the_cdk(cdk: Any) -> None:
    import aws_cdk.aws_dynamodb as d
    from aws_cdk.assertions import Template

    stack = cdk.Stack(cdk.App(), "s", synthesizer=cdk.BootstraplessSynthesizer())
    table = d.Table(
        stack,
        "T",
        table_name="Movies",
        partition_key=d.Attribute(name="pk", type=d.AttributeType.STRING),
        billing_mode=d.BillingMode.PROVISIONED,
    )
    table.add_global_secondary_index(
        index_name="year", partition_key=d.Attribute(name="year", type=d.AttributeType.NUMBER)
    )
    table.auto_scale_read_capacity(min_capacity=1, max_capacity=10).scale_on_utilization(
        target_utilization_percent=75, scale_in_cooldown=cdk.Duration.seconds(30)
    )
    table.auto_scale_global_secondary_index_write_capacity(
        "year", min_capacity=5, max_capacity=9
    ).scale_on_utilization(target_utilization_percent=60)
    imported = from_cloudformation(Template.from_stack(stack).to_json())
    [found] = imported.tables
    assert imported.notes == ()
    assert found.definition.settings.throughput == Throughput(AutoScaling(1, 10, 75, 5, 30), 5)
    assert found.definition.global_indexes[0].throughput == Throughput(5, AutoScaling(5, 9, 60))
    assert tables(python_source(imported)) == {"Movies": found.definition}


GLOBAL = {
    **KEY,
    "TableName": "Movies",
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    "Replicas": [
        {
            "Region": "eu-west-1",
            "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        {"Region": {"Ref": "AWS::Region"}, "Tags": [{"Key": "a", "Value": "b"}]},
    ],
}


def test_global_tables() -> None:
    imported = from_cloudformation(
        {"Resources": {"T": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": GLOBAL}}}
    )
    [table] = imported.tables
    [replica] = table.definition.settings.replicas
    assert (replica.region, replica.tags) == ("eu-west-1", None)
    assert table.definition.settings.tags == {"a": "b"}
    assert tables(python_source(imported)) == {"Movies": table.definition}


def test_our_global_tables() -> None:
    from dynamodel import BillingMode, Replica, ReplicaIndex, StreamViewType
    from dynamodel.infra.global_table import global_table_properties
    from tests.schema.cases import global_index, table

    throughput = Throughput(AutoScaling(1, 5), AutoScaling(1, 9, 60, 2, 3, 4))
    definition = table(
        global_index(throughput=throughput),
        billing_mode=BillingMode.PROVISIONED,
        throughput=throughput,
        stream=StreamViewType.NEW_AND_OLD_IMAGES,
        removal_policy=RemovalPolicy.DESTROY,
        replicas=(
            Replica(
                "eu-west-1", deletion_protection=True, read_throughput=7, indexes={"gsi1": ReplicaIndex(3)}
            ),
            Replica("us-west-2"),
        ),
    )
    properties = Scope({}).render(global_table_properties(definition))
    resource = Resource("AWS::DynamoDB::GlobalTable", properties, RemovalPolicy.DESTROY)
    same(definition, {"Resources": {"T": resource.to_dict()}})


def test_our_own_stacks() -> None:
    from dynamodel import Attr, BillingMode, Entity, Table, attribute, global_index, primary_key
    from dynamodel.infra import Stack, cloudformation

    throughput = Throughput(AutoScaling(1, 5), AutoScaling(1, 9, 60, 2, 3, 4))
    movies = Table("Movies", billing_mode=BillingMode.PROVISIONED, throughput=throughput)

    class Movie(Entity, table=movies):
        movie_id: Attr[int] = attribute()
        year: Attr[int] = attribute()
        by_id = primary_key(movie_id)
        by_year = global_index("by-year", year, throughput=Throughput(AutoScaling(2, 3, initial=3), 4))

    imported = from_cloudformation(cloudformation(Stack(movies)))
    assert imported.notes == ()
    assert imported.tables[0].definition == movies.definition
    assert tables(python_source(imported)) == {"Movies": movies.definition}


def test_what_other_templates_may_have() -> None:
    """Words of Python as placeholders, a short logical id, and what is no resource."""
    from dynamodel.infra.importing import from_cloudformation, python_source

    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "Tags": [
                {
                    "Key": "a",
                    "Value": {"Fn::Sub": ["${class}-${self}", {"class": {"Ref": "P"}, "self": {"Ref": "P"}}]},
                }
            ],
        },
    }
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"DB": table, "Fn::ForEach::X": ["Name", ["a"], {}]},
    }
    imported = from_cloudformation(template)
    assert imported.tables[0].definition.name == "DBTable"
    assert any("Fn::ForEach::X" in note for note in imported.notes)
    assert "classValue=" in python_source(imported)

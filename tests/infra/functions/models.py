"""Tables, entities and small declarations of which the tests of functions are made."""

from __future__ import annotations

from typing import Any

from dynamodel import Attr, Entity, StreamViewType, Table, attribute, primary_key
from dynamodel.infra.functions import Code, Function
from dynamodel.infra.functions.compiling import function_resources
from dynamodel.infra.template import Scope

movies = Table("Movies", stream=StreamViewType.NEW_AND_OLD_IMAGES)
still = Table("Still", partition_key="pk")

QUEUE = "arn:aws:sqs:us-east-1:123456789012:work"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
TOPIC = "arn:aws:sns:us-east-1:123456789012:news"
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/main"
BUCKET = "arn:aws:s3:::events-that-failed"
SHARDS = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools:3"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"


class Movie(Entity, table=movies):
    movie_id: Attr[int] = attribute()
    title: Attr[str] = attribute()
    rating: Attr[int] = attribute(default=0)
    by_id = primary_key(movie_id)


def hello(**settings: Any) -> Function:
    """A function that is right, but for what is given."""
    plain: dict[str, Any] = {
        "code": Code.inline("def handle(event, context):\n    print(event)\n"),
        "handler": "index.handle",
    }
    return Function(settings.pop("name", "hello"), **plain | settings)


def template_of(*functions: Function) -> dict[str, Any]:
    """A template of functions, with the table of movies beside them."""
    ids: dict[object, str] = {movies: "MoviesTable"}
    ids |= {function: f"Function{number}" for number, function in enumerate(functions)}
    scope = Scope(ids)
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "Movies",
            "KeySchema": [{"AttributeName": "movie_id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "movie_id", "AttributeType": "N"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        },
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
    }
    resources: dict[str, Any] = {"MoviesTable": table}
    for function in functions:
        resources |= {name: each.to_dict() for name, each in function_resources(function, scope).items()}
    template: dict[str, Any] = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    if scope.parameters:
        template["Parameters"] = scope.parameters_section()
    return template


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the only resource of a type."""
    (found,) = (each for each in template["Resources"].values() if each["Type"] == kind)
    properties: dict[str, Any] = found["Properties"]
    return properties

"""A plain handler with boto3's client, as AWS's guides write it: the client is opened at the top."""

from __future__ import annotations

import json
from typing import Any

import boto3

__all__ = ["handler"]

dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Gets the movie."""
    del context
    movie_id = event["rawPath"].rpartition("/")[2]
    found = dynamodb.get_item(TableName="Movies", Key={"movieId": {"N": movie_id}})
    title = found.get("Item", {})["title"].get("S")
    return {"statusCode": 200, "body": json.dumps({"title": title})}

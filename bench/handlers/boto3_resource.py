"""The same with boto3's resource, which turns items into Python values."""

from __future__ import annotations

import json
from typing import Any

import boto3

__all__ = ["handler"]

movies = boto3.resource("dynamodb").Table("Movies")


def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Gets the movie."""
    del context
    movie_id = int(event["rawPath"].rpartition("/")[2])
    found = movies.get_item(Key={"movieId": movie_id}).get("Item", {})
    return {"statusCode": 200, "body": json.dumps({"title": found["title"]})}

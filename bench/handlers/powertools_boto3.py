"""A handler with Powertools' resolver for function URLs, and boto3's resource."""

from __future__ import annotations

from typing import Any

import boto3
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver

__all__ = ["handler"]

app = LambdaFunctionUrlResolver()
movies = boto3.resource("dynamodb").Table("Movies")


@app.get("/movies/<movie_id>")
def get_movie(movie_id: str) -> dict[str, Any]:
    """Gets the movie."""
    found = movies.get_item(Key={"movieId": int(movie_id)}).get("Item", {})
    return {"title": found["title"]}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Routes the request."""
    return app.resolve(event, context)

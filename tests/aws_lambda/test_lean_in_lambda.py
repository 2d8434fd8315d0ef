"""The shared client in the local Lambda: it reads and writes over the lean transport, without boto3."""

from __future__ import annotations

import textwrap
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dynamodel.infra import Stack
from dynamodel.infra.functions import Code, Function
from dynamodel.testing.local_lambda import LocalLambda
from tests.aws_lambda.models import Movie

if TYPE_CHECKING:
    from pathlib import Path

    from dynamodel import Client
    from dynamodel.testing import DynamoDBLocal

HANDLER = """
import os, sys
from dynamodel import Attr, ConditionFailedError, Entity, Table, attribute, primary_key, transaction
from dynamodel.aws_lambda import db, handler

class Movie(Entity, table=Table("Movies")):
    movie_id: Attr[int] = attribute("movieId")
    title: Attr[str] = attribute()
    by_id = primary_key(movie_id)

@handler(patterns=[Movie.by_id.get, Movie.put])
def lambda_handler(event, context):
    db.run(Movie(movie_id=1, title="Bräzil").put())
    db.run(transaction(Movie(movie_id=2, title="Ran").create()))
    try:
        db.run(Movie(movie_id=1, title="Other").create())
    except ConditionFailedError as error:
        failed = error.old_item.title
    titles = [movie.title for movie in db.run(Movie.scan())]
    transport = type(db._own._opened).__name__
    return [db.run(Movie.by_id.get(1)).title, failed, sorted(titles), transport, "botocore" in sys.modules]
"""
ANSWER = ["Bräzil", "Bräzil", ["Bräzil", "Ran"], "LeanTransport", False]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    (tmp_path / "lean_handler.py").write_text(textwrap.dedent(HANDLER), "utf-8")
    function = Function(
        "lean",
        code=Code.folder("unused"),
        handler="lean_handler.lambda_handler",
        timeout=timedelta(seconds=60),
    )
    return Stack(Movie, function)


def test_on_motos_server(stack: Stack, tmp_path: Path) -> None:
    with LocalLambda(stack, root=tmp_path) as service:
        service.create_tables()
        assert service.invoke("lean", None).result == ANSWER


@pytest.mark.dynamodb_local
def test_on_dynamodb_local(
    stack: Stack, tmp_path: Path, dynamodb_local: DynamoDBLocal, dynamodb_local_db: Client
) -> None:
    with LocalLambda(stack, root=tmp_path, dynamodb_url=dynamodb_local.endpoint_url) as service:
        service.create_tables()
        assert service.invoke("lean", None).result == ANSWER

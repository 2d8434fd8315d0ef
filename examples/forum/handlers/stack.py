"""The function of the forum's API. Its role follows from what the handler says that it does."""

from __future__ import annotations

from datetime import timedelta

from dynamodel.infra import Code, Function, FunctionUrl, Stack
from examples.forum.app.models import app
from examples.forum.handlers.api import api

__all__ = ["app", "forum_api", "stack"]

forum_api = Function(
    "forum-api",
    handler=api,
    code=Code.folder("build/forum_api.zip"),
    timeout=timedelta(seconds=10),
    url=FunctionUrl(),  # AWS_IAM: the user is whoever signed the request
)

stack = Stack(app, forum_api)

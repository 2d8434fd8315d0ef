"""What the movies example deploys: two tables, and a hello-world function in three steps.

The tables come from the entity classes as they are. The function begins as one that only somebody with
permission to invoke it can call; then it gets a URL that anybody can open; then the URL is made private.
Each has a role of its own, which allows it to write its own log, and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from dynamodel.infra import Code, Function, FunctionUrl, LogGroup, Stack, UrlAuth
from examples.movies import handlers
from examples.movies.models import CastMember, Movie

__all__ = ["CastMember", "Movie", "hello_function", "hello_open", "hello_private", "stack"]

# The handler stands in the template itself, so that the template needs nothing beside it to be deployed.
# Lambda calls such a module `index`.
CODE = Code.inline(Path(handlers.__file__).with_name("hello.py").read_text("utf-8"))

# 1. A function that logs its event. Who may invoke it, is for the policies of the callers to say.
hello_function = Function(
    "movies-hello", handler="index.handler", code=CODE, log_group=LogGroup(retention_days=7)
)

# 2. The same behind a URL that anybody on the internet can open.
hello_open = Function(
    "movies-hello-open",
    handler="index.handler",
    code=CODE,
    log_group=LogGroup(retention_days=7),
    url=FunctionUrl(auth=UrlAuth.NONE),
)

# 3. The same made private: only signed requests of callers whose own policy allows it come through.
hello_private = Function(
    "movies-hello-private",
    handler="index.handler",
    code=CODE,
    log_group=LogGroup(retention_days=7),
    url=FunctionUrl(auth=UrlAuth.AWS_IAM),
)

stack = Stack(Movie, CastMember, hello_function, hello_open, hello_private)

"""The forum's API: threads with a cursor, and replies that are posted once however often they are sent."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from aws_lambda_powertools.event_handler.exceptions import BadRequestError, NotFoundError

from dynamodel import Page
from dynamodel.aws_lambda import db
from dynamodel.aws_lambda.http import Api, Input
from dynamodel.aws_lambda.idempotency import IdempotencyStore
from examples.forum.app.models import Reply, Thread, app
from examples.forum.app.writes import post_reply

__all__ = ["api"]

db.configure(cursor_key=os.environ.get("CURSOR_KEY", "only for this machine").encode())

store = IdempotencyStore(app)
api = Api(
    __name__,
    patterns=[Thread.main.get, Thread.latest.query, Reply.create, Thread.main.update, *store.patterns],
)


@api.get("/forums/<forum>/threads")
def list_threads(forum: str, cursor: str | None = None) -> Page[Thread]:
    """Two threads, those with the latest posts first, and the cursor of the next two."""
    return db.run(Thread.latest.query(forum).reverse().page(size=2, after=cursor))


@api.post("/forums/<forum>/threads/<subject>/replies")
def create_reply(forum: str, subject: str, body: Input[Reply]) -> dict[str, str]:
    """A reply of whoever signed the request. A request with the same Idempotency-Key gets the same answer."""
    event = api.resolver.current_event
    request_key = event.headers.get("idempotency-key")
    if not request_key:
        raise BadRequestError("The header Idempotency-Key is needed")
    user = event.raw_event["requestContext"]["authorizer"]["iam"]["userId"]

    def post() -> dict[str, str]:
        thread = db.run(Thread.main.get(forum, subject))
        if thread is None:
            raise NotFoundError
        reply = body.build(forum=forum, subject=subject, posted_at=datetime.now(UTC), posted_by=user)
        db.run(post_reply(thread, reply))
        return {"posted_at": reply.posted_at.isoformat()}

    return store.once(f"{user} {request_key}", post, scope="create_reply")

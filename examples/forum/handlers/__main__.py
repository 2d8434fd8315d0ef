"""Runs the forum's API on the local Lambda, against the embedded engine."""

from __future__ import annotations

import json
from urllib.parse import quote

from dynamodel.testing.local_lambda import LocalLambda
from examples.forum.app.data import FORUMS, THREADS
from examples.forum.app.models import Reply
from examples.forum.handlers.stack import forum_api, stack
from examples.lambda_tour import signed_call, times_at_the_end
from examples.show import console, entities, step

FORUM, SUBJECT = "DynamoDB", "LSI or GSI?"


def main() -> None:
    """Threads page by page, and a reply that is sent twice."""
    with times_at_the_end(), LocalLambda(stack, time_scale=0.01) as service:
        service.create_tables()
        for entity in (*FORUMS, *THREADS):
            service.db.run(entity.create())
        list_threads(service)
        post_a_reply_twice(service)


def list_threads(service: LocalLambda) -> None:
    """Each page has the cursor of the next one: a cold start, then warm ones."""
    step("List the threads of a forum, two at a time", "GET /forums/DynamoDB/threads?cursor=...")
    url = f"{service.url(forum_api)}forums/{FORUM}/threads"
    cursor = json.loads(signed_call(url))["cursor"]
    while cursor is not None:
        cursor = json.loads(signed_call(f"{url}?cursor={quote(cursor)}"))["cursor"]


def post_a_reply_twice(service: LocalLambda) -> None:
    """The second request is the same one again, as after a lost answer: nothing is posted twice."""
    step("Post a reply, and send the request again", "POST ... Idempotency-Key: 7c9e6679")
    url = f"{service.url(forum_api)}forums/{FORUM}/threads/{quote(SUBJECT)}/replies"
    for _ in range(2):
        signed_call(url, "POST", '{"message": "It depends."}', {"idempotency-key": "7c9e6679"})
    signed_call(url, "POST", '{"message": "I am bob.", "posted_by": "bob"}', {"idempotency-key": "9b1deb4d"})
    replies = list(service.db.run(Reply.main.query(FORUM, SUBJECT)))
    console.print(f"stored: {len(replies)}")
    entities(replies, Subject="subject", By="posted_by", Message="message")


if __name__ == "__main__":
    main()

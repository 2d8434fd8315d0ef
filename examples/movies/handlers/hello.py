"""The handler of the hello-world functions: it logs the event that it gets, and greets.

What stands here runs in Lambda. It imports nothing beside the standard library, so a cold start is short.
"""

from __future__ import annotations

import json
import logging
from typing import Any

__all__ = ["handler"]

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Logs the event, and answers as a function URL expects it."""
    _log.info("event: %s", json.dumps(event, default=str))
    del context  # the id of the request and the remaining time, which a greeting does not need
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"message": "Hello, world!"}),
    }

"""The forum example: threads in the table Thread, with a local index; in `app`, a forum in one table."""

from examples.forum.models import Thread, threads

__all__ = ["Thread", "threads"]

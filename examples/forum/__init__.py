"""The forum example: threads in the table Thread, with the local index LastPostIndex."""

from examples.forum.models import Thread, threads

__all__ = ["Thread", "threads"]

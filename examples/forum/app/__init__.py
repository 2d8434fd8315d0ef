"""The forum in one table: forums, threads, replies and users share the table ForumApp."""

from examples.forum.app.models import Forum, Reply, Thread, User, app

__all__ = ["Forum", "Reply", "Thread", "User", "app"]

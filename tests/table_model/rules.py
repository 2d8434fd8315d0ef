"""What the three entities ask for, in plain Python: by which values an item is in which index, and where.

Written by hand a second time, so that a mistake of the library is not a mistake of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

import attrs

__all__ = ["RULES", "Computed", "Place", "Rules", "Values", "label_of", "slug_of"]

Values: TypeAlias = dict[str, Any]
"""What is stored of an item, by the Python names of its attributes; what is absent is not in it."""


def slug_of(subject: str, title: str | None) -> str | None:
    """The computed attribute that is part of a key."""
    return None if title is None else f"{subject}/{title}".lower()


def label_of(title: str | None, points: Decimal | None) -> str | None:
    """The computed attribute that follows from two others."""
    return None if title is None or points is None else f"{title} {'-' if points < 0 else '+'}"


class Place(NamedTuple):
    """Where an entity's items stand in an index: a tag and the names of attributes, for both sides."""

    partition: tuple[str, ...]
    sort: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The attributes without one of which an item is not in the index."""
        return self.partition[1:] + self.sort[1:]


class Computed(NamedTuple):
    """An attribute that follows from others."""

    function: Callable[..., Any]
    sources: tuple[str, ...]


@attrs.frozen
class Rules:
    """An entity."""

    key: tuple[str, ...]
    defaults: Mapping[str, Any]
    """Every attribute outside the key, with what it reads as where it is absent."""
    places: Mapping[str, Place]
    """By the name of the index; the table itself has none."""
    computed: Mapping[str, Computed] = attrs.field(factory=dict)
    version: str = ""
    unique: str = ""
    read_only: str = ""
    copies: Mapping[str, str] = attrs.field(factory=dict)
    """Attributes of the same type, one of which is assigned to the other."""
    stored: Mapping[str, str] = attrs.field(factory=dict)
    """The stored names that differ from the Python names."""


RULES = {
    "Thread": Rules(
        key=("forum", "subject"),
        defaults={
            "posted_by": None,
            "editor": None,
            "last_post_at": None,
            "opened_at": None,
            "state": None,
            "pinned": False,
            "score": None,
            "bonus": None,
            "replies": 0,
            "tags": set(),
        },
        places={
            "": Place(("FORUM", "forum"), ("THREAD", "subject")),
            "latest": Place(("FORUM", "forum"), ("THREAD", "last_post_at")),
            "gsi1": Place(("USER", "posted_by"), ("THREAD", "last_post_at")),
            "gsi2": Place(("STATE", "state"), ("SCORE", "pinned", "score", "subject")),
            "gsi3": Place(("SUBJECT", "subject"), ("FORUM", "forum")),
            "gsi4": Place(("EDITOR", "editor", "posted_by"), ("REPLIES", "replies")),
        },
        copies={"posted_by": "editor", "editor": "posted_by", "last_post_at": "opened_at", "score": "bonus"},
        stored={"last_post_at": "LastPostDateTime"},
    ),
    "Reply": Rules(
        key=("forum", "subject", "number"),
        defaults={
            "posted_by": None,
            "title": None,
            "at": None,
            "points": None,
            "bonus": None,
            "likes": 0,
        },
        places={
            "": Place(("FORUM", "forum"), ("REPLY", "subject", "number")),
            "latest": Place(("FORUM", "forum"), ("REPLY", "at")),
            "gsi1": Place(("USER", "posted_by"), ("REPLY", "at", "number")),
            "gsi2": Place(("SLUG", "slug"), ("POINTS", "points")),
        },
        computed={
            "slug": Computed(slug_of, ("subject", "title")),
            "label": Computed(label_of, ("title", "points")),
        },
        version="version",
        copies={"posted_by": "title", "title": "posted_by", "points": "bonus", "bonus": "points"},
    ),
    "User": Rules(
        key=("user_id",),
        defaults={"email": None, "name": None, "karma": None, "bonus": None, "joined": None},
        places={
            "": Place(("USER", "user_id"), ("#ME",)),
            "gsi1": Place(("ALLUSERS",), ("KARMA", "karma", "user_id")),
            "gsi2": Place(("ALL",), ("JOINED", "joined")),
        },
        unique="email",
        read_only="joined",
        copies={"name": "email", "email": "name", "karma": "bonus"},
        stored={"user_id": "id"},
    ),
}

"""Good Python names for stored ones: `movieId` becomes `movie_id`, the table `my-movies` the class `MyMovie`.

Guarantee: every name that comes out is an identifier, is none that Python or the generated code uses for
something else, and is given once in its namespace.
"""

from __future__ import annotations

import keyword
import re

__all__ = ["Namespace", "class_name", "snake_case"]

_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 32
_AMBIGUOUS = frozenset("lIO")
"""PEP 8, Names to avoid."""
_SINGULAR_IN_IES = frozenset({"movies", "cookies", "series", "species", "ties", "pies"})


def _words(name: str) -> list[str]:
    return [word for part in _OTHER.split(name) for word in _WORD_ENDS.split(part) if word]


def snake_case(name: str, otherwise: str) -> str:
    """The name in lower case with underscores; `otherwise` leads where it has no letter to begin with."""
    text = "_".join(word.lower() for word in _words(name))[:_LONGEST].strip("_")
    if not text or text[0].isdigit():
        text = f"{otherwise}_{text}".strip("_")
    return text


def class_name(name: str, otherwise: str, *, singular: bool = False) -> str:
    """The name in the form of a class; of a table's name the last word in the singular."""
    words = _words(name)
    if words and singular:
        words[-1] = _singular(words[-1])
    text = "".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in words)
    text = text[:_LONGEST]
    return f"{otherwise}{text}" if not text or text[0].isdigit() else text


def _singular(word: str) -> str:
    lower = word.lower()
    if len(lower) < 4 or lower.endswith(("ss", "us", "is", "news")):
        return word
    if lower.endswith("ies") and lower not in _SINGULAR_IN_IES:
        return word[:-3] + "y"
    if lower.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if lower.endswith("s") and lower != "series" else word


class Namespace:
    """The names that are taken in one place."""

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = set(taken)

    def name(self, wanted: str) -> str:
        """The name; or `name_`, `name_2`, `name_3` ..., of a class `NameItem`, `Name2` ..., which is free."""
        if keyword.iskeyword(wanted) or wanted in self._taken or wanted in _AMBIGUOUS:
            # A class is told from what is imported, as PEP 8 has it: without an underscore.
            other = f"{wanted}Item" if wanted[:1].isupper() else f"{wanted}_"
            first = other
        else:
            first = wanted
        name, number = first, 2
        while name in self._taken:
            name = f"{wanted}{number}" if wanted[:1].isupper() else f"{wanted}_{number}"
            number += 1
        self._taken.add(name)
        return name

"""Sets of numbers, and the texts under which a stream carries them.

A stream has numbers as texts, and Lambda's operator `numeric` does not see them (AWS-validated tests of
LocalStack: "numeric filters do not work with DynamoDB because all values are represented as string"). But
DynamoDB writes every number in one way only: plain decimal, no exponent, no needless zero. So a range is
compiled to the beginnings of the texts of its numbers: above 10 are all texts that begin with "10." or
"100" to "109" or "11" to "99", and no others.

Guarantee: the texts that match are exactly those of the numbers in the set, whatever their length.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from dynamodel.attribute_value import number_text
from dynamodel.attribute_value.numbers import MAX_EXPONENT, read_decimal
from dynamodel.infra.filters.sets import InexpressibleError, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Numbers", "canonical"]

MAX_RULES = 2400
"""As many fit into ten patterns of 4,096 characters; more would be no filter that one wants to read."""

Cut: TypeAlias = tuple[Fraction, int]
"""A place between numbers: just below one (0), or just above it (1)."""


def canonical(text: str) -> str:
    """The number as DynamoDB writes it."""
    return number_text(read_decimal(text))


@frozen
class Numbers:
    """A set of numbers as the places where it begins and ends."""

    cuts: tuple[Cut, ...] = ()
    """In order; each ends what stood before, and begins the opposite."""
    has_lowest: bool = False
    """The numbers below the first cut belong to it."""

    @classmethod
    def compared(cls, operator: Literal["=", "<", "<=", ">", ">="], text: str) -> Numbers:
        """The numbers of which the comparison holds."""
        number = Fraction(text)
        below, above = (number, 0), (number, 1)
        match operator:
            case "=":
                return cls((below, above))
            case "<":
                return cls((below,), has_lowest=True)
            case "<=":
                return cls((above,), has_lowest=True)
            case ">":
                return cls((above,))
            case ">=":
                return cls((below,))

    @property
    def is_empty(self) -> bool:
        """It has no number."""
        return not self.cuts and not self.has_lowest

    @property
    def is_full(self) -> bool:
        """It has every number."""
        return not self.cuts and self.has_lowest

    def _follows(self, cut: Cut) -> bool:
        """Whether the numbers just above a cut belong to it."""
        return self.has_lowest ^ bool(sum(1 for each in self.cuts if each <= cut) % 2)

    def __invert__(self) -> Numbers:
        return Numbers(self.cuts, not self.has_lowest)

    def __or__(self, other: Numbers) -> Numbers:
        return ~(~self & ~other)

    def __and__(self, other: Numbers) -> Numbers:
        has_lowest = inside = self.has_lowest and other.has_lowest
        cuts: list[Cut] = []
        for cut in sorted({*self.cuts, *other.cuts}):
            if (self._follows(cut) and other._follows(cut)) is not inside:
                inside = not inside
                cuts.append(cut)
        return Numbers(tuple(cuts), has_lowest)

    def rules(self) -> list[Rule]:
        """Exact texts and prefixes; `anything-but` where all but a few numbers belong to it."""
        points = self._points()
        if points is not None:
            return list[Rule](points)
        others = (~self)._points()
        if others is not None:
            return [{"anything-but": others}]
        found: list[Rule] = []
        for rule in self._covered():
            found.append(rule)
            if len(found) > MAX_RULES:
                raise InexpressibleError(
                    "a stream carries numbers as texts, and this range needs too many of their beginnings; "
                    "compare with a number of fewer digits, keep a mark such as `is_large` beside the "
                    "number and compare that, or leave it to the function"
                )
        return found

    def _points(self) -> list[str] | None:
        """Its numbers, if they are single ones."""
        lows, highs = self.cuts[::2], self.cuts[1::2]
        if self.has_lowest or len(lows) != len(highs):
            return None
        if any(low[0] != high[0] for low, high in zip(lows, highs, strict=True)):
            return None
        return [_text(number) for number, _ in lows]

    # --- covering a set with texts ---

    def _covered(self) -> Iterator[Rule]:
        mirrored = Numbers(
            tuple((-number, 1 - side) for number, side in reversed(self.cuts)),
            self.has_lowest ^ bool(len(self.cuts) % 2),
        )
        state = mirrored._state((Fraction(0), 1), None)
        if state is not None:
            if state:
                yield {"prefix": "-"}
        else:
            for digit in "0123456789":
                yield from mirrored._whole(digit, "-")
        for digit in "0123456789":
            yield from self._whole(digit, "")

    def _state(self, low: Cut, high: Cut | None) -> bool | None:
        """Whether all numbers between two cuts belong to it, or none; None: some do."""
        if any(low < cut and (high is None or cut < high) for cut in self.cuts):
            return None
        return self._follows(low)

    def _has(self, number: Fraction) -> bool:
        return self._follows((number, 0))

    def _whole(self, digits: str, sign: str) -> Iterator[Rule]:
        """Rules for the texts that begin with the first digits of an integer."""
        state = self._whole_state(digits, sign)
        if state is not None:
            if state:
                # No text goes on after "0" but "0.": the prefix is right for zero, too.
                yield {"prefix": sign + digits}
            return
        if self._has(Fraction(digits)) and not (sign and digits == "0"):
            yield sign + digits
        yield from self._fraction(digits + ".", sign)
        if digits != "0":
            for digit in "0123456789":
                yield from self._whole(digits + digit, sign)

    def _whole_state(self, digits: str, sign: str) -> bool | None:
        """As `_state`, of all numbers whose texts begin so: 1, 1.5, 10 to 19.9, 100 to 199.9 ..."""
        number = Fraction(digits)
        if digits == "0":
            return self._state((number, 1 if sign else 0), (number + 1, 0))
        last = self.cuts[-1][0] if self.cuts else Fraction(0)
        state: bool | None = None
        for length in range(len(digits), MAX_EXPONENT + 2):
            scale = 10 ** (length - len(digits))
            part = self._state((number * scale, 0), ((number + 1) * scale, 0))
            if part is None or (state is not None and part is not state):
                return None
            state = part
            if number * scale > last:  # from here on nothing changes any more
                break
        return state

    def _fraction(self, text: str, sign: str) -> Iterator[Rule]:
        """Rules for the texts that begin with an integer, a point and perhaps some decimals."""
        number, places = Fraction(text + "0"), len(text) - text.index(".") - 1
        is_text = text[-1] not in ".0"  # no number's text ends with a point or a needless zero
        state = self._state((number, 0 if is_text else 1), (number + Fraction(1, 10**places), 0))
        if state is not None:
            if state:
                yield {"prefix": sign + text}
            return
        if is_text and self._has(number):
            yield sign + text
        for digit in "0123456789":
            yield from self._fraction(text + digit, sign)


def _text(number: Fraction) -> str:
    """The text of a number that has finitely many decimals."""
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(number * 10**places))).rjust(places + 1, "0")
    text = digits if not places else f"{digits[:-places]}.{digits[-places:]}"
    return f"-{text}" if number < 0 else text

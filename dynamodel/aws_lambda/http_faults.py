"""What can be wrong with a request and with an answer, as errors.

InputError            what a client sent does not fit; answered with 400 and all faults
UnanswerableError     what a route returned has no JSON form; a fault of the program, not of the client
"""

from __future__ import annotations

from collections.abc import Sequence

from dynamodel.errors import DynamodelError, Fault, MarshalError, MarshalFault

__all__ = ["InputError", "UnanswerableError", "faults_of"]


class InputError(DynamodelError, ValueError):
    """What a client sent does not fit. `faults` has all that is wrong, without a value of the request."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class UnanswerableError(DynamodelError, TypeError):
    """What a route returned has no JSON form."""


def faults_of(error: MarshalError, place: str = "") -> list[Fault]:
    """The faults of values, as faults of a request.

    Args:
        error: it has no value in it.
        place: where the values stand in the request.
    """
    return [_fault(fault, place) for fault in error.faults]


def _fault(fault: MarshalFault, place: str) -> Fault:
    dot = "." if place and fault.path and not fault.path.startswith("[") else ""
    found = f", found {fault.value_type}" if fault.value_type else ""
    return Fault(f"{place}{dot}{fault.path}", f"{fault.rule}{found}")

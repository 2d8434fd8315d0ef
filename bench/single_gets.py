"""`python -m bench.single_gets`: what one GetItem costs over each transport.

The transports take turns, in one process, over connections that stay open; the server is on this machine and
answers always the same. CPU time is that of the thread that sends, so that the server's is not in it.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING, Final

from bench.canned import serving
from dynamodel import Request
from dynamodel.transport.boto3_transport import Boto3Transport
from dynamodel.transport.lean_transport import LeanTransport

if TYPE_CHECKING:
    from dynamodel import Transport

__all__ = ["main"]

_GET: Final = Request("GetItem", {"TableName": "Movies", "Key": {"movieId": {"N": "1"}}})
_ROUNDS: Final = 15
_GETS: Final = 200


def main() -> None:
    """Measures, and prints a line for each transport."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with serving() as endpoint:
        transports: dict[str, Transport] = {
            "boto3": Boto3Transport.open(endpoint, "us-east-1"),
            "lean": LeanTransport.open(endpoint, "us-east-1"),
        }
        measured: dict[str, list[float]] = {name: [] for name in transports}
        for transport in transports.values():
            _milliseconds(transport)  # loads what the first request loads
        for _ in range(_ROUNDS):
            for name, transport in transports.items():
                measured[name].append(_milliseconds(transport))
        for transport in transports.values():
            transport.close()
    medians = {name: statistics.median(found) for name, found in measured.items()}
    for name, milliseconds in medians.items():
        print(f"{name:6} {milliseconds:.3f} ms CPU, {milliseconds / medians['boto3']:.2f} of boto3")


def _milliseconds(transport: Transport) -> float:
    """The CPU time of one get."""
    began = time.thread_time()
    for _ in range(_GETS):
        transport.send(_GET)
    return (time.thread_time() - began) * 1000 / _GETS


if __name__ == "__main__":
    main()

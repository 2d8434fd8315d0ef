"""Transports that answer as DynamoDB does, and stop where a test wants."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynamodel import Request


class Pieces:
    """Answers a query as DynamoDB does, at most `at_once` items a request: so many make its 1 MB.

    It gives a last evaluated key whenever it stopped before the end was seen, also if nothing comes behind
    (AWS developer guide, Query: the only way to know the end is that the key is missing).
    """

    def __init__(self, count: int, bad: set[int], matching: set[int], at_once: int) -> None:
        self.items = [
            {"artist": {"S": "a"}, "songTitle": {"S": str(i)}, "plays": {"S" if i in bad else "N": "1"}}
            for i in range(count)
        ]
        self.matching = matching
        self.at_once = at_once
        self.units: list[float] = []
        """The capacity units that the next requests will take, if they are asked for."""
        self.requests: list[Request] = []

    def send(self, request: Request) -> dict[str, Any]:
        self.requests.append(request)
        parameters = request.parameters
        start = parameters.get("ExclusiveStartKey")
        first = int(start["songTitle"]["S"]) + 1 if start else 0
        most = min(parameters.get("Limit", self.at_once), self.at_once)
        read = self.items[first : first + most]
        is_filtered = "FilterExpression" in parameters
        found = [item for item in read if not is_filtered or int(item["songTitle"]["S"]) in self.matching]
        answer: dict[str, Any] = {"Items": found, "Count": len(found), "ScannedCount": len(read)}
        if parameters.get("ReturnConsumedCapacity") == "TOTAL" and self.units:
            answer["ConsumedCapacity"] = {"CapacityUnits": self.units.pop(0)}
        if len(read) == most:
            return answer | {"LastEvaluatedKey": {name: read[-1][name] for name in ("artist", "songTitle")}}
        return answer

    def close(self) -> None:
        pass


class Segmented:
    """Answers a parallel scan: in each segment so many songs, at most `at_once` of them a request.

    The songs are `artist` s (the segment) and `title` n. `before` is called first, with the segment and the
    number of the first song, and may raise or wait. Songs whose number is in `bad` do not fit.
    """

    def __init__(
        self,
        counts: list[int],
        at_once: int = 3,
        bad: frozenset[tuple[int, int]] = frozenset(),
        before: Callable[[int, int], object] = lambda segment, first: None,
    ) -> None:
        self.counts = counts
        self.at_once = at_once
        self.bad = bad
        self.before = before
        self.requests: list[Request] = []
        self.most_at_once = 0
        """How many requests were under way at the same time."""
        self._under_way: list[int] = []
        self._lock = Lock()

    def send(self, request: Request) -> dict[str, Any]:
        segment = request.parameters["Segment"]
        assert request.parameters["TotalSegments"] == len(self.counts)
        with self._lock:
            assert segment not in self._under_way  # one after the other
            self._under_way.append(segment)
            self.most_at_once = max(self.most_at_once, len(self._under_way))
            self.requests.append(request)
        try:
            return self._answer(segment, request.parameters.get("ExclusiveStartKey"))
        finally:
            with self._lock:
                self._under_way.remove(segment)

    def _answer(self, segment: int, start: Any) -> dict[str, Any]:
        first = int(start["songTitle"]["S"]) + 1 if start else 0
        assert not start or start["artist"] == {"S": str(segment)}
        self.before(segment, first)
        numbers = range(first, min(first + self.at_once, self.counts[segment]))
        items = [self.item(segment, number) for number in numbers]
        answer: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if len(items) == self.at_once:
            answer["LastEvaluatedKey"] = {name: items[-1][name] for name in ("artist", "songTitle")}
        return answer

    def item(self, segment: int, number: int) -> dict[str, Any]:
        plays = {"S": "private"} if (segment, number) in self.bad else {"N": "1"}
        return {"artist": {"S": str(segment)}, "songTitle": {"S": str(number)}, "plays": plays}

    def close(self) -> None:
        pass

"""`EventSourceMapping`: one source of one function, with all that only the running service knows."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import Factory, field, frozen

from dynamodel.infra.functions.compiling import filter_texts
from dynamodel.infra.functions.sources import KinesisSource, QueueSource, Source, StreamSource
from dynamodel.testing.local_lambda.sources.checkpoints import RetryRules
from dynamodel.testing.local_lambda.sources.problems import UnsupportedSourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EventSourceMapping"]


def _must_be_supported(_: object, __: object, source: Source) -> None:
    if not isinstance(source, QueueSource) and source.tumbling_window is not None:
        raise UnsupportedSourceError(
            f"{type(source).__name__}.tumbling_window: the local Lambda has no tumbling windows; try such a "
            "function on AWS, or call it with states of your own"
        )


@frozen(kw_only=True)
class EventSourceMapping:
    """A source from which the local Lambda reads for a function.

    Raises:
        UnsupportedSourceError: the source has a tumbling window.
    """

    source: Source = field(validator=_must_be_supported)
    """As declared. Its references stand resolved beside it."""
    source_arn: str
    """The stream's (`LatestStreamArn`), the queue's, or the Kinesis stream's."""
    function: str
    """Whom to invoke, as `Invoke` takes it."""
    function_arn: str
    """Told to the destination of failures."""
    on_failure: str | None = None
    """The ARN of the destination of failures."""
    region: str = "us-east-1"
    """`awsRegion` of the records."""
    time_scale: float = 1.0
    """Multiplies times of Lambda: back-off, windows, visibility timeouts, and maximum ages of records."""
    id: str = Factory(lambda: str(uuid.uuid4()))

    @property
    def patterns(self) -> tuple[Mapping[str, Any], ...]:
        """The filters; a record that matches none of them is passed over. None: all go to the function."""
        return tuple(json.loads(text) for text in filter_texts(self.source))

    @property
    def window_seconds(self) -> float:
        """How long records are gathered at most, on this machine."""
        return self.scaled(self.source.window)

    @property
    def retry_rules(self) -> RetryRules:
        """What a stream's mapping says of failures."""
        source = self.source
        assert isinstance(source, StreamSource | KinesisSource)
        return RetryRules(source.bisect_on_error, source.max_retries)

    def scaled(self, time: timedelta | None) -> float:
        """Seconds on this machine; None is 0."""
        return 0.0 if time is None else time.total_seconds() * self.time_scale

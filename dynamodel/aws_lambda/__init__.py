"""Lambda handlers with models, which share one client that is opened at cold start.

This package imports neither boto3 nor Powertools. What needs Powertools (the extra `lambda`) stands in
modules of its own: `http` answers function URLs and API Gateway, `streams` gets the changes of a table,
`queues` the messages of SQS, `kinesis` records, `events` those of S3, SNS and EventBridge; `idempotency`
keeps what was done.
"""

from dynamodel.aws_lambda.context import LambdaContext
from dynamodel.aws_lambda.handlers import Event, LambdaHandler, PlainHandler, handler
from dynamodel.aws_lambda.shared import SharedClient, db

__all__ = ["Event", "LambdaContext", "LambdaHandler", "PlainHandler", "SharedClient", "db", "handler"]

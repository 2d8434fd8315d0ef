"""Infrastructure from the model: templates, policies and functions, from the tables that you declare.

Each compiler takes a `Stack` and gives plain data. Nothing here does input or output; optional packages
are imported only where they are used: `dynamodel.infra.cdk` needs the extra `cdk`, YAML the extra `cli`.
"""

from dynamodel.drift.deployed import DeployedTable
from dynamodel.drift.diff import TableDiff
from dynamodel.drift.findings import Change, Replacement
from dynamodel.infra.boto3_requests import boto3_requests
from dynamodel.infra.cloudformation import cloudformation
from dynamodel.infra.filters import ChangeKind, Changes, matches
from dynamodel.infra.functions import (
    Architecture,
    AsynchronousInvocation,
    Bucket,
    Code,
    Cors,
    Destination,
    EventBus,
    Function,
    FunctionUrl,
    InvokeMode,
    KinesisSource,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    Queue,
    QueueSource,
    Runtime,
    Source,
    StartingPosition,
    StreamSource,
    Topic,
    Tracing,
    UrlAuth,
)
from dynamodel.infra.iam import Arns, Pattern, Policy, Statement, fixed_arns, policy, stream_statements
from dynamodel.infra.importing import (
    Facet,
    Imported,
    ImportedTable,
    from_cloudformation,
    from_description,
    from_workbench,
    python_source,
    to_workbench,
)
from dynamodel.infra.references import arn_of, name_of, stream_arn_of
from dynamodel.infra.sam import sam
from dynamodel.infra.stack import Stack
from dynamodel.infra.text import read_template, to_json, to_yaml
from dynamodel.operations.table_description import describe_table
from dynamodel.operations.table_update import diff_table, update_table
from dynamodel.schema.resolve import resolved

__all__ = [
    "Architecture",
    "Arns",
    "AsynchronousInvocation",
    "Bucket",
    "Change",
    "ChangeKind",
    "Changes",
    "Code",
    "Cors",
    "DeployedTable",
    "Destination",
    "EventBus",
    "Facet",
    "Function",
    "FunctionUrl",
    "Imported",
    "ImportedTable",
    "InvokeMode",
    "KinesisSource",
    "LogGroup",
    "Pattern",
    "Permission",
    "Policy",
    "ProvisionedConcurrency",
    "Queue",
    "QueueSource",
    "Replacement",
    "Runtime",
    "Source",
    "Stack",
    "StartingPosition",
    "Statement",
    "StreamSource",
    "TableDiff",
    "Topic",
    "Tracing",
    "UrlAuth",
    "arn_of",
    "boto3_requests",
    "cloudformation",
    "describe_table",
    "diff_table",
    "fixed_arns",
    "from_cloudformation",
    "from_description",
    "from_workbench",
    "matches",
    "name_of",
    "policy",
    "python_source",
    "read_template",
    "resolved",
    "sam",
    "stream_arn_of",
    "stream_statements",
    "to_json",
    "to_workbench",
    "to_yaml",
    "update_table",
]

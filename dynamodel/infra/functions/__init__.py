"""Lambda functions around the tables: typed declarations, their rules, and the resources that they become.

Guarantee: a `Function` is always right, its role allows what its declaration needs, and nothing beside it.
"""

from dynamodel.infra.functions.compiling import (
    asynchronous_properties,
    code_properties,
    function_properties,
    function_resources,
    mapping_properties,
    permission_properties,
    url_permissions,
    url_properties,
)
from dynamodel.infra.functions.destinations import Bucket, Destination, EventBus, Queue, Topic
from dynamodel.infra.functions.function import Function
from dynamodel.infra.functions.settings import (
    Architecture,
    AsynchronousInvocation,
    Code,
    Cors,
    FunctionUrl,
    InvokeMode,
    LogGroup,
    Permission,
    ProvisionedConcurrency,
    Runtime,
    Tracing,
    UrlAuth,
)
from dynamodel.infra.functions.sources import (
    KinesisSource,
    QueueSource,
    Source,
    StartingPosition,
    StreamSource,
)
from dynamodel.infra.functions.verify import function_faults, together_faults

__all__ = [
    "Architecture",
    "AsynchronousInvocation",
    "Bucket",
    "Code",
    "Cors",
    "Destination",
    "EventBus",
    "Function",
    "FunctionUrl",
    "InvokeMode",
    "KinesisSource",
    "LogGroup",
    "Permission",
    "ProvisionedConcurrency",
    "Queue",
    "QueueSource",
    "Runtime",
    "Source",
    "StartingPosition",
    "StreamSource",
    "Topic",
    "Tracing",
    "UrlAuth",
    "asynchronous_properties",
    "code_properties",
    "function_faults",
    "function_properties",
    "function_resources",
    "mapping_properties",
    "permission_properties",
    "together_faults",
    "url_permissions",
    "url_properties",
]

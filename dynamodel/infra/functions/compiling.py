"""A function as CloudFormation resources.

Guarantee: the properties are those that the CDK's constructs make of the same settings; what is AWS's
default is left out. The role is the function's own, and narrower than the CDK's.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dynamodel.infra.filters import Changes, pattern_text
from dynamodel.infra.functions.destinations import Destination, destination
from dynamodel.infra.functions.role import role_resource
from dynamodel.infra.functions.settings import (
    AsynchronousInvocation,
    Code,
    Cors,
    FunctionUrl,
    LogGroup,
    Permission,
    Runtime,
    UrlAuth,
)
from dynamodel.infra.functions.sources import KinesisSource, QueueSource, Source, StreamSource
from dynamodel.infra.template import Resource
from dynamodel.schema import shapes
from dynamodel.schema.references import GetAtt, Ref, Reference, Sub, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynamodel.infra.functions.declaration import Declaration
    from dynamodel.infra.functions.function import Function
    from dynamodel.infra.template import Scope

__all__ = [
    "asynchronous_properties",
    "code_properties",
    "filter_texts",
    "function_properties",
    "function_resources",
    "mapping_properties",
    "permission_properties",
    "url_permissions",
    "url_properties",
]


def function_resources(function: Function, scope: Scope) -> dict[str, Resource]:
    """The function and what belongs to it, by logical id.

    Beside the function itself: its role and log group; as declared its URL with the permissions of its
    callers, resource-based policy, event invoke configuration, event source mappings, and the published
    version with its alias. A version is published whenever the function's properties change. What a
    `Code.folder` holds is no property until the code is uploaded.

    Args:
        function: the function.
        scope: of the template; it knows the function, its tables and destinations.

    Raises:
        DeclarationError: a table or function that is named is not part of the template.
    """
    return {
        name: Resource(each.type, scope.render(each.properties), each.removal, each.depends_on)
        for name, each in _resources(function, scope).items()
    }


def _resources(function: Declaration, scope: Scope) -> dict[str, Resource]:
    """The resources, in whose properties references still stand as they are."""
    name = scope.id_of(function)
    role, logs = f"{name}Role", f"{name}Logs"
    properties = function_properties(function, GetAtt(role, "Arn"))
    depends: tuple[str, ...] = (logs,)
    if function.log_group is not None:
        properties["LoggingConfig"] = {"LogGroup": Ref(logs)}
        depends = ()
    group = function.log_group or LogGroup()
    resources = {
        role: role_resource(function, scope, logs),
        logs: Resource("AWS::Logs::LogGroup", _log_group(function, group), group.removal_policy),
        name: Resource("AWS::Lambda::Function", properties, depends_on=depends),
    }
    if function.provisioned is not None:
        resources |= _published(function, name, scope.render(properties))
    for suffix, resource in _companions(function, name):
        resources[name + suffix] = resource
    return resources


def function_properties(function: Declaration, role: Text) -> dict[str, Any]:
    """The properties of `AWS::Lambda::Function`, in which references still stand as they are."""
    image = function.code.kind == "image"
    storage, dead = function.ephemeral_storage, function.dead_letter_queue
    properties = {
        "FunctionName": function.template_name,
        "Code": code_properties(function.code),
        "Role": role,
        "PackageType": "Image" if image else None,
        "Handler": function.entry_point,
        "Runtime": None if image else (function.runtime or Runtime.PYTHON_3_13).value,
        "MemorySize": function.memory,
        "Timeout": _seconds(function.timeout),
        "Architectures": function.architecture and [function.architecture.value],
        "Environment": {"Variables": dict(function.environment)} if function.environment else None,
        "Description": function.description,
        "Layers": list(function.layers) or None,
        "EphemeralStorage": None if storage is None else {"Size": storage},
        "TracingConfig": function.tracing and {"Mode": function.tracing.value},
        "ReservedConcurrentExecutions": function.reserved_concurrency,
        "DeadLetterConfig": None if dead is None else {"TargetArn": destination(dead).target},
        "Tags": shapes.tags(function.tags) or None,
    }
    return _given(properties)


def code_properties(code: Code) -> Any:
    """`Code`; of a folder its path, which `aws cloudformation package` replaces."""
    match code.kind:
        case "inline":
            return {"ZipFile": code.place}
        case "folder":
            return code.place
        case "s3":
            parts = {"S3Bucket": code.place, "S3Key": code.key, "S3ObjectVersion": code.version}
            return _given(parts)
        case "image":
            return {"ImageUri": code.place}


def _log_group(function: Declaration, group: LogGroup) -> dict[str, Any]:
    name: Text | None = group.name
    if name is None:
        own = function.template_name
        name = Sub("/aws/lambda/${Name}", Name=own) if isinstance(own, Reference) else f"/aws/lambda/{own}"
    return _given({"LogGroupName": name, "RetentionInDays": group.retention_days})


def _published(function: Declaration, name: str, rendered: Mapping[str, Any]) -> dict[str, Resource]:
    """The version and its alias. Lambda publishes a version once, so that another one has another id."""
    assert function.provisioned is not None
    digest = hashlib.sha256(json.dumps(rendered, sort_keys=True).encode()).hexdigest()[:16]
    version = f"{name}Version{digest}"
    alias = {
        "FunctionName": Ref(name),
        "FunctionVersion": GetAtt(version, "Version"),
        "Name": function.provisioned.alias,
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": function.provisioned.executions},
    }
    return {
        version: Resource("AWS::Lambda::Version", {"FunctionName": Ref(name)}),
        f"{name}Alias": Resource("AWS::Lambda::Alias", alias),
    }


def _companions(function: Declaration, name: str) -> Iterator[tuple[str, Resource]]:
    """What says who invokes the function, by the ends of logical ids."""
    url = function.url
    if url is not None:
        depends = () if url.alias is None else (f"{name}Alias",)
        yield "Url", Resource("AWS::Lambda::Url", url_properties(url, GetAtt(name, "Arn")), None, depends)
        for number, properties in enumerate(url_permissions(url, _permitted(name, url.alias))):
            yield f"UrlPermission{number or ''}", Resource("AWS::Lambda::Permission", properties)
    for number, permission in enumerate(function.permissions):
        properties = permission_properties(permission, _permitted(name, permission.alias))
        yield f"Permission{number or ''}", Resource("AWS::Lambda::Permission", properties)
    if function.asynchronous is not None:
        properties = asynchronous_properties(function.asynchronous, Ref(name))
        depends = () if function.asynchronous.alias is None else (f"{name}Alias",)
        yield "EventInvokeConfig", Resource("AWS::Lambda::EventInvokeConfig", properties, None, depends)
    for number, source in enumerate(function.sources):
        invoked = Ref(name if source.alias is None else f"{name}Alias")
        properties = mapping_properties(source, invoked)
        if function.tags:
            properties["Tags"] = shapes.tags(function.tags)
        yield f"Source{number or ''}", Resource("AWS::Lambda::EventSourceMapping", properties)


def _permitted(name: str, alias: str | None) -> Text:
    """What a permission is about; the `Ref` of an alias is its ARN."""
    return GetAtt(name, "Arn") if alias is None else Ref(f"{name}Alias")


def url_properties(url: FunctionUrl, function_arn: Text) -> dict[str, Any]:
    """The properties of `AWS::Lambda::Url`."""
    properties = {
        "AuthType": url.auth.value,
        "TargetFunctionArn": function_arn,
        "Qualifier": url.alias,
        "Cors": url.cors and _cors(url.cors),
        "InvokeMode": url.invoke_mode and url.invoke_mode.value,
    }
    return _given(properties)


def _cors(cors: Cors) -> dict[str, Any]:
    properties = {
        "AllowOrigins": list(cors.origins) or None,
        "AllowMethods": list(cors.methods) or None,
        "AllowHeaders": list(cors.headers) or None,
        "ExposeHeaders": list(cors.exposed_headers) or None,
        "AllowCredentials": cors.credentials,
        "MaxAge": _seconds(cors.max_age),
    }
    return _given(properties)


def url_permissions(url: FunctionUrl, function: Text) -> Iterator[dict[str, Any]]:
    """The properties of the permissions of a URL's callers.

    A call needs two since October 2025: `lambda:InvokeFunctionUrl`, and `lambda:InvokeFunction` by way of the
    URL (AWS Lambda developer guide, Control access to function URLs).
    """
    for principal in ("*",) if url.auth is UrlAuth.NONE else url.callers:
        whom = {"FunctionName": function, "Principal": principal}
        yield {**whom, "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": url.auth.value}
        yield {**whom, "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}


def permission_properties(permission: Permission, function: Text) -> dict[str, Any]:
    """The properties of one `AWS::Lambda::Permission`."""
    properties = {
        "Action": permission.action,
        "FunctionName": function,
        "Principal": permission.principal,
        "SourceArn": permission.source_arn,
        "SourceAccount": permission.source_account,
        "PrincipalOrgID": permission.organization,
    }
    return _given(properties)


def asynchronous_properties(settings: AsynchronousInvocation, function: Text) -> dict[str, Any]:
    """The properties of `AWS::Lambda::EventInvokeConfig`."""
    ends = {"OnSuccess": settings.on_success, "OnFailure": settings.on_failure}
    destinations = {name: _destination(to) for name, to in ends.items() if to is not None}
    properties = {
        "FunctionName": function,
        "Qualifier": settings.alias or "$LATEST",
        "MaximumRetryAttempts": settings.max_retries,
        "MaximumEventAgeInSeconds": _seconds(settings.max_age),
        "DestinationConfig": destinations or None,
    }
    return _given(properties)


def _destination(to: Destination | Text) -> dict[str, Any]:
    return {"Destination": destination(to).target}


def mapping_properties(source: Source, function: Text) -> dict[str, Any]:
    """The properties of one `AWS::Lambda::EventSourceMapping`."""
    filters = [{"Pattern": text} for text in filter_texts(source)]
    properties: dict[str, Any] = {
        "EventSourceArn": source.arn,
        "FunctionName": function,
        "BatchSize": source.batch_size,
        "MaximumBatchingWindowInSeconds": _seconds(source.window),
        "Enabled": None if source.enabled else False,
        "FilterCriteria": {"Filters": filters} if filters else None,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if source.partial_batch_responses else None,
    }
    if isinstance(source, QueueSource):
        limit = source.max_concurrency
        properties["ScalingConfig"] = None if limit is None else {"MaximumConcurrency": limit}
    else:
        properties |= _shard_properties(source)
    return _given(properties)


def _shard_properties(source: StreamSource | KinesisSource) -> dict[str, Any]:
    start = source.starting_time if isinstance(source, KinesisSource) else None
    to = source.on_failure
    return {
        "StartingPosition": source.starting_position.value,
        "StartingPositionTimestamp": None if start is None else _number(start.timestamp()),
        "BisectBatchOnFunctionError": source.bisect_on_error or None,
        "MaximumRetryAttempts": source.max_retries,
        "MaximumRecordAgeInSeconds": _seconds(source.max_age),
        "ParallelizationFactor": None if source.parallelisation == 1 else source.parallelisation,
        "TumblingWindowInSeconds": _seconds(source.tumbling_window),
        "DestinationConfig": None if to is None else {"OnFailure": _destination(to)},
    }


def filter_texts(source: Source) -> list[str]:
    """The patterns of a mapping, as Lambda takes them."""
    patterns: list[Mapping[str, object]] = []
    for each in source.filters:
        patterns += each.patterns() if isinstance(each, Changes) else [each]
    return [pattern_text(pattern) for pattern in patterns]


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds.is_integer() else seconds


def _given(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}

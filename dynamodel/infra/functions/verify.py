"""The rules about functions, as pure functions from declarations to faults. Nothing raises.

Sources: AWS Lambda API reference (CreateFunction, CreateFunctionUrlConfig, Cors,
PutFunctionEventInvokeConfig, PutProvisionedConcurrencyConfig, AddPermission),
developer guide (Quotas, environment variables).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.functions.destinations import destination
from dynamodel.infra.functions.kinds import wrong_kinds
from dynamodel.infra.functions.settings import Cors, UrlAuth
from dynamodel.infra.functions.sources import StreamSource
from dynamodel.infra.functions.verify_code import code_faults, fits, handler_source_faults
from dynamodel.infra.functions.verify_sources import destination_faults, range_fault, source_faults
from dynamodel.infra.iam import Statement, policy
from dynamodel.schema.references import Reference, ResourceValue, references_in
from dynamodel.schema.table import Table
from dynamodel.schema.verify_settings import tag_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dynamodel.infra.functions.declaration import Declaration

__all__ = ["function_faults", "together_faults"]

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_ALIAS = re.compile(r"(?!\d+$)[a-zA-Z0-9-_]{1,128}")
_LAYER = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:\d+")
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_ACTION = re.compile(r"lambda:[*]|lambda:[a-zA-Z]+|[*]")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL = re.compile(
    r"\d{12}|[*]|[a-z0-9.-]+\.amazon(aws)?\.com(\.cn)?|arn:aws[a-z-]*:(iam|sts)::(\d{12}|cloudfront):\S+"
)
_CALLER = re.compile(r"\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:\S+")

_RESERVED_VARIABLES = frozenset(
    (
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    )
)
"""Developer guide: Defined runtime environment variables that are reserved."""

_RETENTION = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""CloudWatch Logs API reference: PutRetentionPolicy."""

_METHODS = ("GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*")
_CONCURRENCY = 1_000
_UNRESERVED = 100
"""Developer guide, Quotas: an account begins with 1,000, of which 100 cannot be reserved."""


class _Rule(NamedTuple):
    reads: frozenset[str]
    check: Callable[[Declaration, str], Iterator[Fault]]


def function_faults(function: Declaration) -> list[Fault]:
    """Every rule that a function breaks by itself."""
    place = f"Function {function.name!r}"
    faults, broken = wrong_kinds(function, place)
    for rule in _RULES:
        if not rule.reads & broken:
            faults += rule.check(function, place)
    return list(dict.fromkeys(faults))


def _names(function: Declaration, place: str) -> Iterator[Fault]:
    for field, name in (("name", function.name), ("deployed_name", function.deployed_name)):
        if not fits(_NAME, name):
            rule = f"the name of a function has 1 to 64 of a-z A-Z 0-9 - _, found {name!r}; change it"
            yield Fault(f"{place}.{field}", rule)
    found = len(function.description or "")
    if found > 256:
        yield Fault(f"{place}.description", f"has at most 256 characters, found {found}; shorten it")


def _memory(function: Declaration, place: str) -> Iterator[Fault]:
    yield from range_fault(function.memory, 128, 10_240, f"{place}.memory", "in MB")


def _timeout(function: Declaration, place: str) -> Iterator[Fault]:
    yield from range_fault(function.timeout, 1, 900, f"{place}.timeout")


def _storage(function: Declaration, place: str) -> Iterator[Fault]:
    yield from range_fault(function.ephemeral_storage, 512, 10_240, f"{place}.ephemeral_storage", "in MB")


def _layers(function: Declaration, place: str) -> Iterator[Fault]:
    if len(function.layers) > 5:
        found = len(function.layers)
        yield Fault(f"{place}.layers", f"a function has at most 5 layers, found {found}; join some")
    for number, layer in enumerate(function.layers):
        if not fits(_LAYER, layer):
            rule = f"must be the ARN of a layer's version, '...:layer:NAME:VERSION', found {layer!r}"
            yield Fault(f"{place}.layers[{number}]", rule)


def _environment(function: Declaration, place: str) -> Iterator[Fault]:
    size = 0
    for name, value in function.environment.items():
        here = f"{place}.environment[{name!r}]"
        if not isinstance(value, str | Reference):
            yield Fault(here, f"must be a str or a reference, found {type(value).__name__}; write str(...)")
        elif isinstance(value, str):
            size += len(value.encode())
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            rule = (
                "a variable's name has two or more letters, digits and _, and begins with a letter; rename it"
            )
            if name not in _RESERVED_VARIABLES:
                yield Fault(here, rule)
        if name in _RESERVED_VARIABLES:
            yield Fault(here, "Lambda sets this variable itself; use another name")
        size += len(str(name).encode())
    if size > 4096:
        rule = f"names and values have at most 4,096 bytes together, found {size:,}; keep some elsewhere"
        yield Fault(f"{place}.environment", rule)


def _url(function: Declaration, place: str) -> Iterator[Fault]:
    url = function.url
    if url is None:
        return
    yield from _alias(function, url.alias, f"{place}.url.alias")
    if url.auth is UrlAuth.NONE and url.callers:
        rule = "UrlAuth.NONE lets everybody in, found callers; remove them, or set auth=UrlAuth.AWS_IAM"
        yield Fault(f"{place}.url.callers", rule)
    for number, caller in enumerate(url.callers):
        if not fits(_CALLER, caller):
            rule = f"must be an account, or the ARN of a role or user, found {caller!r}"
            yield Fault(f"{place}.url.callers[{number}]", rule)
    if url.cors is not None:
        yield from _cors(url.cors, f"{place}.url.cors")


def _cors(cors: Cors, place: str) -> Iterator[Fault]:
    """API reference: Cors."""
    for name, most, length in (
        ("origins", 100, 253),
        ("methods", 6, 6),
        ("headers", 100, 1024),
        ("exposed_headers", 100, 1024),
    ):
        given: tuple[str, ...] = getattr(cors, name)
        if len(given) > most:
            yield Fault(
                f"{place}.{name}", f"has at most {most}, found {len(given)}; remove some, or write '*'"
            )
        for each in given:
            if name != "methods" and not 1 <= len(each) <= length:
                yield Fault(f"{place}.{name}", f"each has 1 to {length} characters, found {len(each)}")
    for method in cors.methods:
        if method not in _METHODS:
            rule = f"must be of {', '.join(_METHODS)}, found {method!r}; OPTIONS is answered by Lambda itself"
            yield Fault(f"{place}.methods", rule)
    for origin in cors.origins:
        if origin != "*" and not re.match(r"[a-z][a-z0-9+.-]*://", origin):
            yield Fault(f"{place}.origins", f"must be '*' or 'https://HOST', found {origin!r}")
    yield from range_fault(cors.max_age, 0, 86_400, f"{place}.max_age")


def _permissions(function: Declaration, place: str) -> Iterator[Fault]:
    for number, permission in enumerate(function.permissions):
        here = f"{place}.permissions[{number}]"
        yield from _alias(function, permission.alias, f"{here}.alias")
        for name, pattern, what in (
            (
                "principal",
                _PRINCIPAL,
                "a service ('s3.amazonaws.com'), an account, the ARN of a principal, or '*'",
            ),
            ("action", _ACTION, "an action 'lambda:...'"),
            ("source_account", _ACCOUNT, "an account's 12 digits"),
            ("organization", _ORGANIZATION, "an organization's id, 'o-...'"),
            ("source_arn", re.compile(r"arn:\S+"), "an ARN"),
        ):
            found = getattr(permission, name)
            if not fits(pattern, found):
                yield Fault(f"{here}.{name}", f"must be {what}, found {found!r}")
        if permission.organization is not None and permission.principal != "*":
            rule = f"an organization goes with the principal '*', found {permission.principal!r}; change one"
            yield Fault(f"{here}.organization", rule)


def _alias(function: Declaration, alias: str | None, place: str) -> Iterator[Fault]:
    declared = function.provisioned.alias if function.provisioned else None
    if alias is not None and alias != declared:
        rule = f"must be the alias of `provisioned`, {declared!r}, found {alias!r}; declare it there"
        yield Fault(place, rule)


def _concurrency(function: Declaration, place: str) -> Iterator[Fault]:
    reserved, provisioned = function.reserved_concurrency, function.provisioned
    if reserved is not None and reserved < 0:
        yield Fault(f"{place}.reserved_concurrency", f"must be 0 or more, found {reserved}; 0 stops it")
    if provisioned is None:
        return
    here = f"{place}.provisioned"
    if provisioned.alias == "$LATEST":
        rule = "is for a published version, never $LATEST; give an alias a name of its own, such as 'live'"
        yield Fault(f"{here}.alias", rule)
    elif not _ALIAS.fullmatch(provisioned.alias):
        rule = f"has 1 to 128 of a-z A-Z 0-9 - _ and is no number, found {provisioned.alias!r}; rename it"
        yield Fault(f"{here}.alias", rule)
    if provisioned.executions < 1:
        yield Fault(f"{here}.executions", f"must be at least 1, found {provisioned.executions}; or remove it")
    elif reserved is not None and provisioned.executions > reserved:
        rule = f"must be at most the reserved concurrency, {reserved}, found {provisioned.executions}"
        yield Fault(f"{here}.executions", rule)


def _asynchronous(function: Declaration, place: str) -> Iterator[Fault]:
    if function.dead_letter_queue is not None:
        here = f"{place}.dead_letter_queue"
        yield from destination_faults(function.dead_letter_queue, ("sqs", "sns"), here)
    settings, here = function.asynchronous, f"{place}.asynchronous"
    if settings is None:
        return
    yield from _alias(function, settings.alias, f"{here}.alias")
    yield from range_fault(settings.max_retries, 0, 2, f"{here}.max_retries")
    yield from range_fault(settings.max_age, 60, 21_600, f"{here}.max_age")
    anywhere = ("sqs", "sns", "events", "lambda")
    if settings.on_success is not None:
        yield from destination_faults(settings.on_success, anywhere, f"{here}.on_success")
    if settings.on_failure is not None:
        yield from destination_faults(settings.on_failure, (*anywhere, "s3"), f"{here}.on_failure")


def _sources(function: Declaration, place: str) -> Iterator[Fault]:
    timeout = function.timeout if isinstance(function.timeout, timedelta) else None  # wrong types are told
    arns = Counter(source.arn for source in function.sources)
    for number, source in enumerate(function.sources):
        here = f"{place}.sources[{number}]"
        yield from source_faults(source, here, timeout)
        yield from _alias(function, source.alias, f"{here}.alias")
        if arns.pop(source.arn, 0) > 1:
            yield Fault(here, "a function reads a stream or queue once, found it again; join the two")


def _log_group(function: Declaration, place: str) -> Iterator[Fault]:
    group = function.log_group
    if group is None:
        return
    if group.retention_days is not None and group.retention_days not in _RETENTION:
        allowed = ", ".join(map(str, sorted(_RETENTION)))
        rule = f"must be of {allowed}, found {group.retention_days}; None is for ever"
        yield Fault(f"{place}.log_group.retention_days", rule)
    if not fits(re.compile(r"[.\-_/#A-Za-z0-9]{1,512}"), group.name):
        rule = f"the name of a log group has 1 to 512 of a-z A-Z 0-9 . - _ / #, found {group.name!r}"
        yield Fault(f"{place}.log_group.name", rule)


def _role(function: Declaration, place: str) -> Iterator[Fault]:
    """What the role allows. Its size is not measured: names of tables are not known before deployment."""
    try:
        policy(function.access_patterns)
    except DeclarationError as error:
        yield from (Fault(f"{place}.patterns", str(fault)) for fault in error.faults)
    for number, statement in enumerate(function.statements):
        if not isinstance(statement, Statement):
            yield from _statement(statement, f"{place}.statements[{number}]")


def _statement(statement: Mapping[str, object], place: str) -> Iterator[Fault]:
    """IAM user guide: grammar of the JSON policy language; a role's own policy names no principal."""
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield Fault(place, f"needs an Effect, 'Allow' or 'Deny', found {statement.get('Effect')!r}")
    for name in ("Action", "Resource"):
        if (name in statement) == (f"Not{name}" in statement):
            yield Fault(place, f"needs either {name} or Not{name}; found {', '.join(statement) or 'nothing'}")
    unknown = statement.keys() - _STATEMENT
    if unknown:
        rule = f"has only {', '.join(sorted(_STATEMENT))}, found {', '.join(sorted(unknown))}; remove it"
        yield Fault(place, rule)


_STATEMENT = frozenset(("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"))


def _tags(function: Declaration, place: str) -> Iterator[Fault]:
    yield from tag_faults(function.tags, f"{place}.tags")


# --- what needs the whole stack ---


def together_faults(functions: Sequence[Declaration], tables: Iterable[Table]) -> list[Fault]:
    """Every rule that the functions of one template break together.

    Args:
        functions: all of them.
        tables: the tables of the template.
    """
    known: set[int] = {id(each) for each in (*functions, *tables)}
    faults = list(_repeated_names(functions))
    for function in functions:
        faults += _missing(function, known)
    reserved = sum(each.reserved_concurrency or 0 for each in functions)
    if reserved > _CONCURRENCY - _UNRESERVED:
        rule = (
            f"together reserve at most {_CONCURRENCY - _UNRESERVED} of an account's {_CONCURRENCY:,} "
            f"executions, found {reserved:,}: {_UNRESERVED} have to stay unreserved; lower some"
        )
        faults.append(Fault("Functions", rule))
    return list(dict.fromkeys(faults))


def _repeated_names(functions: Sequence[Declaration]) -> Iterator[Fault]:
    counts = Counter(each.template_name for each in functions)
    for name, count in counts.items():
        if count > 1 and isinstance(name, str):
            yield Fault(f"Function {name!r}", f"names are unique, found it {count} times; rename one of them")


def _missing(function: Declaration, known: set[int]) -> Iterator[Fault]:
    """The tables and functions that a function names, and that are not part of the template."""
    for number, source in enumerate(function.sources):
        if isinstance(source, StreamSource) and id(source.table) not in known:
            rule = f"{source.table.place} is not part of the stack; add it"
            yield Fault(f"{function.place}.sources[{number}]", rule)
    for statement in policy(function.access_patterns).statements:
        for resource in statement.resources:
            table = getattr(resource, "table", None)
            if table is not None and id(table) not in known:
                rule = f"{table.place} is not part of the stack; add it"
                yield Fault(f"{function.place}.patterns", rule)
    for target in _referred(function):
        if id(target) not in known:
            place = getattr(target, "place", repr(target))
            yield Fault(function.place, f"refers to {place}, which is not part of the stack; add it")


def _referred(function: Declaration) -> Iterator[object]:
    settings = function.asynchronous
    sends = [function.dead_letter_queue, *(getattr(each, "on_failure", None) for each in function.sources)]
    if settings is not None:
        sends += [settings.on_success, settings.on_failure]
    values = [
        function.environment,
        function.statements,
        function.tags,
        function.permissions,
        function.layers,
        [destination(each).target for each in sends if each is not None],
    ]
    for reference in references_in(values):
        if isinstance(reference, ResourceValue):
            yield reference.target


def _rule(check: Callable[[Declaration, str], Iterator[Fault]], *reads: str) -> _Rule:
    return _Rule(frozenset(reads), check)


_RULES = (
    _rule(_names, "name", "deployed_name", "description"),
    _rule(code_faults, "code", "handler", "runtime", "layers"),
    _rule(_memory, "memory"),
    _rule(_timeout, "timeout"),
    _rule(_storage, "ephemeral_storage"),
    _rule(_layers, "layers"),
    _rule(_environment, "environment"),
    _rule(_url, "url", "provisioned"),
    _rule(_permissions, "permissions", "provisioned"),
    _rule(_concurrency, "reserved_concurrency", "provisioned"),
    _rule(_asynchronous, "dead_letter_queue", "asynchronous", "provisioned"),
    _rule(_sources, "sources", "provisioned"),
    _rule(handler_source_faults, "sources", "url", "handler"),
    _rule(_log_group, "log_group"),
    _rule(_role, "patterns", "statements"),
    _rule(_tags, "tags"),
)

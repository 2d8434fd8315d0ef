"""A function on this machine: its code, its environment variables, and the environments that run it.

Guarantee: an invocation runs once, or is refused and did not run. `$LATEST` and what is published under the
alias of `provisioned` are two versions, with environments of their own; the code of both is the same files.
"""

from __future__ import annotations

import os
import platform
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import frozen

from dynamodel.errors import RequestError
from dynamodel.infra.functions import Runtime
from dynamodel.testing.local_lambda.concurrency import (
    UNRESERVED_ENVIRONMENTS,
    EnvironmentCounts,
    Environments,
    Slots,
)
from dynamodel.testing.local_lambda.environment import Environment, Handover, Launch
from dynamodel.testing.local_lambda.invocation import (
    HandlerFailedError,
    Invocation,
    InvocationRefusedError,
    TooManyRequestsError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.infra.functions import Function
    from dynamodel.testing.local_lambda.engine import Engine
    from dynamodel.testing.local_lambda.resolving import Resolver

__all__ = ["LATEST", "PUBLISHED", "DeployedFunction", "Version"]

LATEST = "$LATEST"
"""The version that is not published."""

PUBLISHED = "1"
"""The number of the version under the alias."""

_DEFAULT_TIMEOUT = timedelta(seconds=3)


@frozen
class Version:
    """A version of a function, and the invocations of it that may run at once."""

    number: str
    """`$LATEST`, or that of a published one."""
    is_provisioned: bool
    """Whether its environments are there before they are needed."""
    slots: Slots
    environments: Environments


class DeployedFunction:
    """One function, ready to be invoked.

    Args:
        function: its declaration.
        root: the folder from which handlers are imported; that of an inline function has its `index.py`.
        engine: what it reaches.
        resolver: of its references.
        unreserved: what functions without reserved concurrency share.

    Raises:
        RequestError: the local Lambda cannot run it.
    """

    def __init__(
        self, function: Function, root: Path, engine: Engine, resolver: Resolver, unreserved: Slots
    ) -> None:
        self.declaration = function
        self.name = resolver.function_name(function)
        self.arn = resolver.function_arn(function)
        self.timeout = function.timeout or _DEFAULT_TIMEOUT
        self.running = 0
        """The invocations that run now."""
        self._root = root
        self._engine = engine
        self._resolver = resolver
        self._lock = threading.Lock()
        self._handler = _handler(function)
        self._own_variables()  # so that a reference without a text is told of at once
        self._versions = self._made_versions(unreserved)

    @property
    def alias(self) -> str | None:
        """The name of its published version, if there is one."""
        provisioned = self.declaration.provisioned
        return None if provisioned is None else provisioned.alias

    @property
    def most_at_once(self) -> int:
        """How many invocations of it can run at once."""
        return sum({id(each.slots): each.slots.limit for each in self._versions}.values())

    @property
    def counts(self) -> EnvironmentCounts:
        """How many environments of it there are, and were."""
        every = [each.environments.counts for each in self._versions]
        return EnvironmentCounts(
            sum(each.alive for each in every),
            sum(each.started for each in every),
            sum(each.cold_starts for each in every),
        )

    def provision(self) -> None:
        """Starts the environments that are provisioned, and waits until all of them are initialised.

        Raises:
            HandlerFailedError: the init code of one failed.
        """
        provisioned = self._versions[0]
        if not provisioned.is_provisioned:
            return
        executions = provisioned.slots.limit
        with ThreadPoolExecutor(executions) as pool:
            made = [pool.submit(provisioned.environments.provision) for _ in range(executions)]
        failures: list[bytes] = []
        for each in made:
            environment = each.result()
            if environment.init_failure is not None:
                failures.append(environment.init_failure)
            provisioned.environments.give_back(environment)
        if failures:
            raise HandlerFailedError(f"{self.declaration.place}: provisioning failed: {failures[0].decode()}")

    def invoke(self, payload: bytes, qualifier: str | None, request_id: str) -> Invocation:
        """One invocation, from its admission to its answer.

        Args:
            payload: the event.
            qualifier: None or `$LATEST`; or the alias or number of the published version.
            request_id: of the invocation.

        Raises:
            TooManyRequestsError: no more may run at once.
            InvocationRefusedError: there is no such qualifier.
        """
        version = self._admitted(qualifier)
        with self._lock:
            self.running += 1
        try:
            environment, is_cold = version.environments.take()
            try:
                arn = self.arn if qualifier is None else f"{self.arn}:{qualifier}"
                handover = Handover(request_id, arn, payload, self.timeout)
                return environment.invoke(handover, is_cold=is_cold)
            finally:
                version.environments.give_back(environment)
        finally:
            version.slots.give_back()
            with self._lock:
                self.running -= 1

    def require_qualifier(self, qualifier: str | None) -> None:
        """Refuses a qualifier that means nothing.

        Raises:
            InvocationRefusedError: 404.
        """
        published = () if self.alias is None else (self.alias, PUBLISHED)
        if qualifier not in (None, LATEST, *published):
            message = f"Function not found: {self.arn}:{qualifier}"
            raise InvocationRefusedError("ResourceNotFoundException", 404, message)

    def reload(self) -> None:
        """Has further invocations import the code anew."""
        for version in self._versions:
            version.environments.retire()

    def stop(self) -> None:
        """Ends its environments, and the invocations that run."""
        for version in self._versions:
            version.environments.stop()

    # --- versions ---

    def _made_versions(self, unreserved: Slots) -> tuple[Version, ...]:
        """In the order in which an invocation of the alias tries them; the last one is `$LATEST`.

        Provisioned environments count against the reservation: what is left runs on demand, and if nothing
        is, `$LATEST` does not run (AWS Lambda developer guide, Configuring provisioned concurrency).
        """
        function = self.declaration
        executions = 0 if function.provisioned is None else function.provisioned.executions
        reserved = function.reserved_concurrency
        on_demand = unreserved if reserved is None else Slots(reserved - executions)
        most = UNRESERVED_ENVIRONMENTS if reserved is None else max(1, on_demand.limit)
        latest = Version(LATEST, False, on_demand, self._environments(LATEST, "on-demand", most))
        if function.provisioned is None:
            return (latest,)
        ready = self._environments(PUBLISHED, "provisioned-concurrency", executions)
        spilled = self._environments(PUBLISHED, "on-demand", most)
        return (
            Version(PUBLISHED, True, Slots(executions), ready),
            Version(PUBLISHED, False, on_demand, spilled),
            latest,
        )

    def _environments(self, version: str, initialization: str, most: int) -> Environments:
        return Environments(lambda: Environment(self._launch(version, initialization)), most)

    def _admitted(self, qualifier: str | None) -> Version:
        """The version that runs an invocation, with one of its slots taken."""
        self.require_qualifier(qualifier)
        is_latest = qualifier in (None, LATEST)
        for version in self._versions:
            if (version.number == LATEST) == is_latest and version.slots.take():
                return version
        raise TooManyRequestsError(self.name)

    # --- what a process gets ---

    def _launch(self, version: str, initialization: str) -> Launch:
        return Launch(
            self._handler,
            self._root,
            {**self._lambda_variables(version, initialization), **self._own_variables()},
        )

    def _own_variables(self) -> dict[str, str]:
        place = f"{self.declaration.place}.environment"
        return {
            name: self._resolver.local(value, f"{place}[{name!r}]")
            for name, value in self.declaration.environment.items()
        }

    def _lambda_variables(self, version: str, initialization: str) -> Mapping[str, str]:
        """Those of the AWS Lambda developer guide, Defined runtime environment variables."""
        runtime = self.declaration.runtime or Runtime.PYTHON_3_13
        today = datetime.now(UTC)
        return {
            **self._engine.variables(),
            "_HANDLER": self._handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime.value}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.declaration.memory or 128),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": initialization,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{today:%Y/%m/%d}/[{version}]{uuid4().hex}",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "LAMBDA_TASK_ROOT": str(self._root),
            "LANG": "C.UTF-8",
            "PATH": os.environ.get("PATH", os.defpath),
            "TZ": ":UTC",
        }


def _handler(function: Function) -> str:
    runtime = function.runtime or Runtime.PYTHON_3_13
    if function.code.kind not in ("folder", "inline"):
        rule = f"the local Lambda runs folders and inline code, found {function.code.kind}; take Code.folder"
        raise RequestError(f"{function.place}.code: {rule}")
    if not runtime.value.startswith("python"):
        rule = f"the local Lambda runs Python, found {runtime.value}"
        raise RequestError(f"{function.place}.runtime: {rule}; this Python is {platform.python_version()}")
    entry_point = function.entry_point
    assert entry_point is not None, "Function checks it"
    return entry_point

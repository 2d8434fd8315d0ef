"""One cold start, in a process of its own: imports a handler, calls it once, tells what that took.

    python -P bench/one_cold_start.py MODULE ANSWER

Until the handler has answered, nothing is imported here that the interpreter does not have already.
"""

import sys
import time

_EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/movies/1",
    "rawQueryString": "",
    "headers": {"host": "bench.lambda-url.us-east-1.on.aws"},
    "requestContext": {
        "domainName": "bench.lambda-url.us-east-1.on.aws",
        "http": {"method": "GET", "path": "/movies/1", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        "requestId": "bench",
        "stage": "$default",
    },
    "isBase64Encoded": False,
}


class _Context:
    aws_request_id = "bench"
    function_name = "bench"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def _main(module: str, answer: str) -> None:
    before = time.process_time()
    __import__(module)
    handler = sys.modules[module].handler
    imported = time.process_time()
    said = handler(_EVENT, _Context())
    ended, clock = time.process_time(), time.monotonic()
    if said["statusCode"] != 200 or "Brazil" not in said["body"]:
        raise SystemExit(f"{module} answered {said}")
    loaded = list(sys.modules.values())

    import json  # noqa: PLC0415 - see above
    from pathlib import Path  # noqa: PLC0415

    # Modules that are frozen into the interpreter, and compiled ones, have no such file.
    specs = [getattr(each, "__spec__", None) for each in loaded]
    cached = [spec.cached for spec in specs if spec is not None and spec.cached]
    compiled = [file for file in cached if Path(file).exists()]
    with Path(answer).open("w") as file:
        times = {"start": before, "imported": imported - before, "answered": ended - imported, "cpu": ended}
        json.dump({**times, "clock": clock, "modules": len(cached), "compiled": len(compiled)}, file)


if __name__ == "__main__":
    _main(*sys.argv[1:])

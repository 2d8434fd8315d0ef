"""The function URL of a local function, over real HTTP on this machine.

A request is mapped to an event, invokes the function, and what comes back is mapped to the answer, as the
AWS Lambda developer guide says in "Invoking Lambda function URLs". Left out: TLS, response streaming,
policies (a signature that holds is allowed everything), and the limit of ten requests a second for each
unit of reserved concurrency. An alias is the matter of `invoke`, which gets the function's name.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve

from dynamodel.errors import DeclarationError, Fault
from dynamodel.infra.functions import InvokeMode, UrlAuth
from dynamodel.testing.local_lambda.invocation import MAX_PAYLOAD_BYTES, InvocationRefusedError
from dynamodel.testing.local_lambda.signatures import LOCAL_CREDENTIALS, SignatureRefusedError, verify
from dynamodel.testing.local_lambda.url_answers import answer_of, error_answer, refusal_of, too_large
from dynamodel.testing.local_lambda.url_connections import HOST, ConnectionServer
from dynamodel.testing.local_lambda.url_cors import preflight_of, shared
from dynamodel.testing.local_lambda.url_events import Endpoint, UrlAnswer, UrlRequest, event_of

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from dynamodel.infra.functions import Function, FunctionUrl
    from dynamodel.testing.local_lambda.invocation import Invoke
    from dynamodel.testing.local_lambda.signatures import Credentials

__all__ = ["UrlServer"]


class UrlServer:
    """A function's URL while it is started: from `start()` to `stop()`, or for the length of a `with`.

    ```
    with UrlServer(hello, lambda_service.invoke) as server:
        urllib.request.urlopen(server.url).read()
    ```

    A URL with `UrlAuth.AWS_IAM` answers requests that are signed with the credentials:
    `curl --aws-sigv4 "aws:amz:us-east-1:lambda" --user KEY:SECRET URL`.

    Args:
        function: with a `url`; its authorisation and CORS count.
        invoke: invokes it.
        credentials: of the only identity that there is; only AWS_IAM needs them.
        region: for which requests are signed.

    Raises:
        DeclarationError: the function has no URL, or one that streams its answers.
    """

    def __init__(
        self,
        function: Function,
        invoke: Invoke,
        credentials: Credentials = LOCAL_CREDENTIALS,
        region: str = "us-east-1",
    ) -> None:
        self._settings = _settings(function)
        self._name = function.name
        self._invoke = invoke
        self._credentials = credentials
        self._region = region
        self._server: ConnectionServer | None = None

    def start(self) -> None:
        """Listens on a free port of 127.0.0.1; does nothing if it does so already."""
        if self._server is not None:
            return
        server = ConnectionServer(self._answer)
        # Every half second the standard library looks whether it shall stop; tests want to wait less.
        serve = partial(server.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, name=f"url-of-{self._name}", daemon=True).start()
        self._server = server

    def stop(self) -> None:
        """Takes no more requests, answers those that have come, for up to 10 seconds, and frees the port."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address, with a slash at its end as AWS's.

        Raises:
            InvocationRefusedError: it is not started.
        """
        return f"http://{self._endpoint.domain}/"

    @property
    def _endpoint(self) -> Endpoint:
        if self._server is None:
            message = f"the URL of {self._name} is not started: use it within `with UrlServer(...)`"
            raise InvocationRefusedError("ResourceNotFoundException", 404, message)
        port = self._server.port
        # AWS's ids have 32 characters, and stay the same for a function.
        url_id = hashlib.sha256(self._name.encode()).hexdigest()[:32]
        return Endpoint(url_id=url_id, domain=f"{HOST}:{port}", port=port)

    # --- requests ---

    def _answer(self, request: UrlRequest) -> UrlAnswer:
        request_id, cors = str(uuid.uuid4()), self._settings.cors
        answer = preflight_of(request, cors)
        if answer is None:
            answer = shared(self._invoked(request, request_id), request, cors)
        return evolve(answer, headers=(*answer.headers, ("x-amzn-requestid", request_id)))

    def _invoked(self, request: UrlRequest, request_id: str) -> UrlAnswer:
        now, access_key = datetime.now(UTC), None
        try:
            if self._settings.auth is UrlAuth.AWS_IAM:
                access_key = verify(request, self._credentials, self._region, now)
            event = event_of(request, self._endpoint, request_id, now, access_key)
            payload = json.dumps(event, ensure_ascii=False).encode()
            if len(payload) > MAX_PAYLOAD_BYTES:
                raise too_large()
            return answer_of(self._invoke(self._name, payload))
        except SignatureRefusedError as refused:
            return error_answer(refused.status, refused.code, refused.body)
        except InvocationRefusedError as refused:
            return refusal_of(refused)


def _settings(function: Function) -> FunctionUrl:
    if function.url is None:
        raise DeclarationError(
            [Fault(f"{function.place}.url", "there is none; declare it with FunctionUrl()")]
        )
    if function.url.invoke_mode is InvokeMode.RESPONSE_STREAM:
        rule = "answers are not streamed on this machine; leave it out, or set InvokeMode.BUFFERED"
        raise DeclarationError([Fault(f"{function.place}.url.invoke_mode", rule)])
    return function.url

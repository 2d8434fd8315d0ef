"""The head of a request, with its signature (AWS Signature Version 4; AWS General Reference, Create a signed
AWS API request).

Guarantee: what comes in from outside, which is the operation and the credentials, cannot add a header.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING, Final

from dynamodel.errors import RequestError

if TYPE_CHECKING:
    from dynamodel.transport.lean_credentials import Credentials
    from dynamodel.transport.lean_endpoints import Endpoint

__all__ = ["Signer"]

_OPERATION: Final = re.compile(r"[A-Za-z]+")


class Signer:
    """Writes the heads of requests to one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._authority = endpoint.authority
        self._region = endpoint.region
        self._key: tuple[str, str, bytes] = "", "", b""
        """The day and the secret access key, and the key that follows from them: it takes four HMACs."""

    def head(self, operation: str, body: bytes, credentials: Credentials, now: float) -> bytes:
        """All that stands before the body.

        Args:
            operation: the API operation.
            body: what follows.
            credentials: they sign.
            now: seconds since 1970, on DynamoDB's clock.

        Raises:
            RequestError: the operation has no name of one.
        """
        if not _OPERATION.fullmatch(operation):
            raise RequestError(f"{operation!r} is no operation of DynamoDB's")
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        signed = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._authority,
            "x-amz-date": moment,
            **({"x-amz-security-token": credentials.token} if credentials.token else {}),
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())  # their order is that of names
        names = ";".join(signed)
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._region}/dynamodb/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
        signature = _hmac(self._signing_key(moment[:8], credentials), to_sign).hex()
        return (
            f"POST / HTTP/1.1\r\n{lines.replace(chr(10), chr(13) + chr(10))}"
            f"authorization: AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}\r\n"
            f"accept-encoding: identity\r\nuser-agent: dynamodel\r\ncontent-length: {len(body)}\r\n\r\n"
        ).encode("ascii")

    def _signing_key(self, day: str, credentials: Credentials) -> bytes:
        kept_day, kept_secret, key = self._key
        if (kept_day, kept_secret) != (day, credentials.secret_key):
            key = f"AWS4{credentials.secret_key}".encode()
            for part in (day, self._region, "dynamodb", "aws4_request"):
                key = _hmac(key, part)
            self._key = day, credentials.secret_key, key
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")

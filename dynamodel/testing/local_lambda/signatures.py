"""AWS_IAM at a local function URL: who does not sign a request with Signature Version 4 is refused.

Guarantee: an accepted request was signed with the local credentials for the service `lambda` and the region,
within five minutes (a presigned one: within its time), and its method, path, query, body and signed headers
are what was signed. There is one identity, which may do everything: policies are not evaluated.

curl signs with `curl --aws-sigv4 "aws:amz:us-east-1:lambda" --user KEY:SECRET URL`. Like AWS, we refuse what
older versions of curl sign wrongly: query strings that are not in order (curl/curl#9717) or hold a name
without `=`, and paths with characters other than letters, digits and `-._~/` (curl/curl#18423).

The canonical request and the signature are botocore's. Sources: AWS IAM user guide, "Create a signed AWS API
request"; the texts of refusals are those of AWS's services, as quoted in aws/aws-sdk-js-v3#5797 and
awsdocs/aws-lambda-developer-guide#494.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes

import botocore.credentials
from attrs import field, frozen
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders

from dynamodel.testing.local_lambda.invocation import InvocationRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynamodel.testing.local_lambda.url_events import UrlRequest

__all__ = ["LOCAL_CREDENTIALS", "MAX_SKEW", "Credentials", "SignatureRefusedError", "verify"]

MAX_SKEW = timedelta(minutes=5)
"""By how much the time of a signature may differ from ours."""

_MAX_PRESIGNED = timedelta(days=7)
_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "lambda"
_TIME = "%Y%m%dT%H%M%SZ"
_HELP = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"


@frozen
class Credentials:
    """Whom the local service knows."""

    access_key: str
    secret_key: str = field(repr=False)


LOCAL_CREDENTIALS = Credentials("dynamodelLocal", "dynamodelLocal")
"""Known to everybody, because only this machine is behind them."""


class SignatureRefusedError(InvocationRefusedError):
    """A request without a signature, or with one that does not hold: 403.

    Attributes:
        body: the JSON of the answer; where there is no signature, it says `Message` with a capital, as AWS.
    """

    def __init__(self, code: str, message: str, name: str = "message") -> None:
        super().__init__(code, 403, message)
        self.body: Mapping[str, str] = {name: message}


@frozen
class _Claim:
    """What a request says of its own signature."""

    access_key: str
    scope: tuple[str, ...]
    """Date, region, service, `aws4_request`."""
    signed_headers: tuple[str, ...]
    signature: str
    time: str
    """As in the string to sign: `20260131T120000Z`."""
    lifetime: timedelta | None
    """Of a presigned URL."""
    token: str | None


def verify(request: UrlRequest, credentials: Credentials, region: str, now: datetime) -> str:
    """The access key with which a request is signed.

    Args:
        request: the request.
        credentials: the only ones that count.
        region: of the function.
        now: with a time zone.

    Raises:
        SignatureRefusedError: it is not signed, or the signature does not hold.
    """
    claim = _claim(request)
    _check_scope(claim, region)
    if claim.access_key != credentials.access_key or claim.token is not None:
        raise SignatureRefusedError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    _check_time(claim, now)
    expected = _Verifier(claim, credentials, region).expected(request)
    stated = request.header("x-amz-content-sha256")
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()) or (
        stated is not None and stated != hashlib.sha256(request.body).hexdigest()
    ):
        raise _invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details."
        )
    return claim.access_key


def _invalid(message: str) -> SignatureRefusedError:
    return SignatureRefusedError("InvalidSignatureException", message)


def _incomplete(message: str) -> SignatureRefusedError:
    return SignatureRefusedError("IncompleteSignatureException", message)


# --- what the request says ---


def _claim(request: UrlRequest) -> _Claim:
    parameters = dict(_pairs(request.query))
    header = request.header("authorization") or ""
    if header.startswith(_ALGORITHM):
        return _header_claim(request, header.removeprefix(_ALGORITHM))
    if parameters.get("X-Amz-Algorithm") == _ALGORITHM:
        return _query_claim(parameters)
    message = f"Forbidden. For troubleshooting Function URL authorization issues, see: {_HELP}"
    raise SignatureRefusedError("AccessDeniedException", message, "Message")


def _header_claim(request: UrlRequest, header: str) -> _Claim:
    parts = dict(re.findall(r"(\w+)=([^,\s]+)", header))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in parts:
            raise _incomplete(f"Authorization header requires '{name}' parameter.")
    access_key, *scope = parts["Credential"].rsplit("/", 4)
    return _Claim(
        access_key,
        tuple(scope),
        tuple(parts["SignedHeaders"].lower().split(";")),
        parts["Signature"],
        _signing_time(request),
        None,
        request.header("x-amz-security-token"),
    )


def _query_claim(parameters: Mapping[str, str]) -> _Claim:
    names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")
    for name in names:
        if name not in parameters:
            raise _incomplete(f"AWS query-string parameters must include '{name}'.")
    credential, headers, signature, time, expires = (parameters[name] for name in names)
    if not re.fullmatch(r"[0-9]{1,6}", expires) or timedelta(seconds=int(expires)) > _MAX_PRESIGNED:
        raise _incomplete("X-Amz-Expires must be a number from 0 to 604800 seconds.")
    access_key, *scope = credential.rsplit("/", 4)
    lifetime = timedelta(seconds=int(expires))
    signed = tuple(headers.lower().split(";"))
    token = parameters.get("X-Amz-Security-Token")
    return _Claim(access_key, tuple(scope), signed, signature, time, lifetime, token)


def _signing_time(request: UrlRequest) -> str:
    time = request.header("x-amz-date")
    if time is not None:
        return time
    date = request.header("date")
    if date is None:
        raise _incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime(_TIME)
    except ValueError:
        raise _incomplete("The 'Date' header is no date.") from None


# --- whether it holds ---


def _check_scope(claim: _Claim, region: str) -> None:
    if len(claim.scope) != 4 or claim.scope[3] != "aws4_request":
        raise _incomplete("Credential must be 'ACCESS_KEY/DATE/REGION/SERVICE/aws4_request'.")
    date, scope_region, service, _ = claim.scope
    if scope_region != region:
        raise _invalid(f"Credential should be scoped to a valid region, here '{region}'.")
    if service != _SERVICE:
        raise _invalid(f"Credential should be scoped to correct service: '{_SERVICE}'.")
    if date != claim.time[:8]:
        raise _invalid("Date in Credential scope does not match the date of the request.")
    if "host" not in claim.signed_headers:
        raise _invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.")


def _check_time(claim: _Claim, now: datetime) -> None:
    try:
        time = datetime.strptime(claim.time, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise _incomplete("The time of the request must be in the form 20260131T120000Z.") from None
    if time > now + MAX_SKEW:
        latest = (now + MAX_SKEW).strftime(_TIME)
        raise _invalid(f"Signature not yet current: {claim.time} is still later than {latest}.")
    end = time + (MAX_SKEW if claim.lifetime is None else claim.lifetime)
    if now > end:
        raise _invalid(f"Signature expired: {end.strftime(_TIME)} is now earlier than {now.strftime(_TIME)}.")


class _Verifier(SigV4Auth):
    """botocore's signer, which signs what the request says that it signed."""

    def __init__(self, claim: _Claim, credentials: Credentials, region: str) -> None:
        keys = botocore.credentials.Credentials(credentials.access_key, credentials.secret_key)
        super().__init__(keys, _SERVICE, region)
        self._claim = claim

    def expected(self, request: UrlRequest) -> str:
        """The signature that the request must have."""
        url = f"http://host{request.path}?{_canonical_query(request.query)}"
        signed = AWSRequest(request.method, url, data=request.body)
        for name, value in request.headers:
            signed.headers[name] = value
        signed.context["timestamp"] = self._claim.time
        return self.signature(self.string_to_sign(signed, self.canonical_request(signed)), signed)

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Those that the request names; botocore itself would leave out some, such as User-Agent."""
        headers = HTTPHeaders()
        for name in self._claim.signed_headers:
            for value in request.headers.get_all(name, [""]):
                headers[name] = value
        return headers


def _canonical_query(query: str) -> str:
    """Names and values, percent-encoded anew, without the signature itself; botocore puts them in order."""
    pairs = [each.partition("=")[::2] for each in query.split("&") if each]
    encoded = [(_encoded(name), _encoded(value)) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = [each.partition("=")[::2] for each in query.split("&") if each]
    return [(unquote(name), unquote(value)) for name, value in pairs]

"""The contenders, one file a family."""

from benchmarks.contender import Contender
from benchmarks.contenders.lenient import (
    FURL,
    HTTPX,
    HYPERLINK,
    URL_NORMALIZE,
    URLLIB3,
    URLLIB_PARSE,
    W3LIB,
    YARL,
)
from benchmarks.contenders.strict import RFC3986, RFC3986_VALIDATED, URISCHEME, URITOOLS
from benchmarks.contenders.whatwg import ADA_URL, CAN_ADA, PYDANTIC_CORE

__all__ = ["CAN_ADA", "CONTENDERS", "URISCHEME"]

CONTENDERS: tuple[Contender, ...] = (
    URISCHEME,
    URLLIB_PARSE,
    RFC3986,
    RFC3986_VALIDATED,
    URITOOLS,
    HYPERLINK,
    HTTPX,
    URLLIB3,
    YARL,
    FURL,
    W3LIB,
    URL_NORMALIZE,
    CAN_ADA,
    ADA_URL,
    PYDANTIC_CORE,
)

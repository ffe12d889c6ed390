"""The libraries, one file a family."""

from conformance.libraries.lenient import Httpx, Hyperlink, Urllib3, UrllibParse, Yarl
from conformance.libraries.strict import Rfc3986, Urischeme, Uritools
from conformance.libraries.whatwg import CanAda, Pydantic
from conformance.library import Library

LIBRARIES: tuple[type[Library], ...] = (
    Urischeme,
    Rfc3986,
    Uritools,
    Hyperlink,
    Httpx,
    UrllibParse,
    Urllib3,
    Yarl,
    Pydantic,
    CanAda,
)

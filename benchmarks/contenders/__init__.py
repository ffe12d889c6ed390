"""The contenders, one file a family."""

from benchmarks.contender import Contender
from benchmarks.contenders.lenient import UrllibParse, Yarl
from benchmarks.contenders.strict import Rfc3986, Rfc3986Validated, Urischeme
from benchmarks.contenders.whatwg import CanAda, PydanticCore

CONTENDERS: tuple[type[Contender], ...] = (
    Urischeme,
    UrllibParse,
    Rfc3986,
    Rfc3986Validated,
    Yarl,
    CanAda,
    PydanticCore,
)

# What the ratios in the tables are to.
ANCHOR = CanAda.name

"""What every library has to say to stand in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Job: TypeAlias = Literal["parse", "read", "hot", "normalize", "join", "resolve"]

# Goes once over the inputs: one answer for each, None where the library refused.
Run: TypeAlias = "Callable[[Iterable[Any]], Iterator[Any]]"
# The same, for the clock: a list of the answers, or an empty one where none is kept.
Loop: TypeAlias = "Callable[[Iterable[Any]], list[Any]]"


class Components(NamedTuple):
    """The components of one URL in the notation that all answers are compared in.

    Absent is None, but for the path, which is never absent. A host has its brackets.
    """

    scheme: str
    userinfo: str | None
    host: str | None
    port: int | None
    path: str
    query: str | None
    fragment: str | None


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A library, and how each job is done with it.

    A job is Python as `timeit` takes it: statements, the last of which is an expression, the answer, with `; ` between
    them. It stands within the loop that is timed, so that nobody pays for a call that a user would not make, and on the
    page, so that a reader sees what was timed. It finds its input in `text` (and `base`); whatever it raises, the
    library has refused. A job that the library has no way to do is None.
    """

    name: str
    # What it is installed as; None where it comes with Python.
    distribution: str | None
    # What a user imports: the import that is timed.
    module: str
    # The imports that the jobs need.
    setup: str
    # A value.
    parse: str | None = None
    # Its scheme, user information, host, port, path, query and fragment, in the library's own notation.
    read: str | None = None
    # The same again of a URL that was read not long ago, where the library has another way for that.
    read_again: str | None = None
    # The normal form, as text.
    normalize: str | None = None
    # What `text` means at `base`, as text.
    join: str | None = None
    # The addresses of a target such as `ipv4:10.0.0.1:80,10.0.0.2:80`.
    resolve: str | None = None
    # Done before every round, so that no contender remembers the URLs of the last one.
    forget: str = "pass"
    # What `read` gave, in the common notation.
    components: Callable[[tuple[Any, ...]], Components] = Components._make
    # What a reader of the tables should know about it.
    note: str = ""

    @property
    def version(self) -> str:
        if self.distribution is None:
            return "with Python"
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return "this checkout"

    def code(self, job: Job) -> str | None:
        """How the job is done, None where it can't be."""
        if job == "hot":
            return self.read_again or self.read
        return cast("str | None", getattr(self, job))

    def load(self) -> None:
        """Raise ImportError where the library is not installed."""
        exec(self.setup, {})

    def run(self, job: Job) -> Run:
        """The loop over inputs that does the job, answer by answer, for whoever looks at them."""
        return cast("Run", self._compiled(job, "yield answer"))

    def loop(self, job: Job, *, keeps: bool = False) -> Loop:
        """The same statements in a loop that is timed.

        It is no generator: to hand out an answer takes a tenth of the time to find it, and that of the quickest
        contenders would look longest by it.
        """
        return cast("Loop", self._compiled(job, "answers.append(answer)" if keeps else "pass"))

    def _compiled(self, job: Job, then: str) -> object:
        code = self.code(job)
        if code is None:
            raise ValueError(f"{self.name} has no way to {job}")
        *steps, answer = code.split("; ")
        namespace: dict[str, Any] = {}
        exec(
            _LOOP.format(
                setup=self.setup,
                forget=self.forget,
                inputs="base, text" if job == "join" else "text",
                steps="; ".join(steps) or "pass",
                answer=answer,
                then=then,
            ),
            namespace,
        )
        return namespace["run"]


# To try costs nothing until something is raised.
_LOOP = """
{setup}

def run(inputs):
    {forget}
    answers = []
    for {inputs} in inputs:
        try:
            {steps}
            answer = {answer}
        except Exception:
            answer = None
        {then}
    return answers
"""

# Those that any of the libraries knows, of the schemes in the inputs.
_DEFAULT_PORTS = {
    "ftp": 21,
    "git": 9418,
    "hdl": 2641,
    "http": 80,
    "https": 443,
    "imap": 143,
    "ipps": 631,
    "irc": 194,
    "ldap": 389,
    "ldaps": 636,
    "nfs": 111,
    "redis": 6379,
    "sftp": 22,
    "smb": 445,
    "ssh": 22,
    "svn": 3690,
    "tftp": 69,
    "ws": 80,
    "wss": 443,
}


def userinfo(username: str | None, password: str | None) -> str | None:
    """The user information of a library that takes it apart and, absent or empty, makes no difference."""
    return f"{username or ''}:{password}" if password else username or None


def bracketed(host: str | None) -> str | None:
    """The host of a library that takes the brackets off an IPv6 address."""
    return f"[{host}]" if host and ":" in host and not host.startswith("[") else host


def unless_default(scheme: str, port: int | None) -> int | None:
    """The port of a library that gives the scheme's default where there is none."""
    return None if port == _DEFAULT_PORTS.get(scheme) else port

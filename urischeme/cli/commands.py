"""The commands."""

from __future__ import annotations

import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Final, Literal, ParamSpec

import click

import urischeme
from urischeme.cli import endpoints
from urischeme.cli.batch import Batch, json_line
from urischeme.cli.endpoints import Answered
from urischeme.cli.files.command import file_options, or_whole_file
from urischeme.cli.inputs import Inputs, inputs
from urischeme.cli.passwords import without_password

P = ParamSpec("P")

_DAY: Final = 86400.0

_ABOUT_ALL: Final = r"""Exit codes; of several inputs the largest counts:
  0  all good
  1  some input was refused
  2  usage: a bad option, a file that cannot be read
  3  not found: the answer is that nothing is there
  4  unavailable: no answer, a plugin that does not load, no room to write

With --json each input gives one object on one line, in order. A refused one gives
  {"text": ..., "error": {"position": ..., "component": ..., "reason": ...}}
where it is no URI; position counts the characters before the place. Other errors:
  {"text": ..., "error": {"kind": ..., "reason": ..., "retryable": ...}}
where kind is TargetError, UnknownScheme, NotFound, ResolveError or the like.

In a file a line ends at \n or \r\n and nowhere else, and each line is an input, an
empty one too. Passwords are shown as ***.
"""

_ABOUT_ONE: Final = "Errors in JSON, and exit codes: see urischeme --help.\n"


class _Command(click.Command):
    """A command whose help is printed as it is written: it has examples in it."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\n{textwrap.indent(inspect.cleandoc(self.help or ''), '  ')}\n")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\n{self.epilog or _ABOUT_ONE}")


class _Program(_Command, click.Group):
    command_class = _Command


@click.group(
    cls=_Program, no_args_is_help=False, epilog=_ABOUT_ALL, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="urischeme", prog_name="urischeme")
def program() -> None:
    """Strict RFC 3986 URIs, and the live endpoints that targets lead to.

    Examples:
      urischeme parse 'https://user@Example.COM:8443/a/./b?q=1#top'
      urischeme normalize --file urls.txt >normal.txt
      urischeme join http://a/b/c/d ../g '?y'
      urischeme resolve dns:///localhost:50051 --json
      urischeme demo
    """


def _takes(metavar: str) -> Callable[[Callable[Concatenate[Batch, P], int]], Callable[..., int]]:
    """The arguments and options of a command that works on several texts; it gets them as a Batch."""

    def decorate(command: Callable[Concatenate[Batch, P], int]) -> Callable[..., int]:
        @click.argument("texts", nargs=-1, metavar=f"[{metavar}]...")
        @click.option("--file", "-f", metavar="F", help=f"Take each {metavar} from a line of F; - is standard input.")
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
        @click.option("--show-password", is_flag=True, help="Print passwords in what was accepted, and in JSON.")
        @functools.wraps(command)
        def wrapped(
            texts: tuple[str, ...], file: str | None, as_json: bool, show_password: bool, *args: Any, **kwargs: Any
        ) -> int:
            return command(Batch(inputs(texts, file), as_json, show_password), *args, **kwargs)

        return wrapped

    return decorate


_zone_ids = click.option("--zone-ids", is_flag=True, help="Also take RFC 6874's zone ids, as in [fe80::1%25eth0].")


@program.command()
@_takes("URI")
@click.option("--reference", is_flag=True, help="Also take relative references, as in ../c?x.")
@_zone_ids
def parse(batch: Batch, reference: bool, zone_ids: bool) -> int:
    """Take URIs apart, and draw the parts under the text.

    Examples:
      urischeme parse 'https://user@Example.COM:8443/a/./b?q=1#top'
      urischeme parse --reference '../c?x'
      urischeme parse --json --file urls.txt | jq .host

    JSON: text, scheme, hierarchical, authority, userinfo, host, port (its digits,
    as text), path, query, fragment; null where absent.
    """
    from urischeme.cli.drawing import draw, parts
    from urischeme.cli.terminal import console, painted

    read = urischeme.parse_reference if reference else urischeme.parse

    def answer(text: str) -> urischeme.Reference:
        ref = read(text, zone_ids=zone_ids)
        return ref if batch.show_password else without_password(ref)

    def plain(ref: urischeme.Reference) -> str:
        return painted(draw(str(ref), parts(ref), console().width))

    return batch.run(answer, plain=plain, fields=_components, between="\n")


def _components(ref: urischeme.Reference) -> dict[str, object]:
    return {
        "scheme": ref.scheme,
        "hierarchical": ref.hierarchical,
        "authority": ref.authority,
        "userinfo": ref.userinfo,
        "host": ref.host,
        "port": ref.port_text,
        "path": ref.path,
        "query": ref.query,
        "fragment": ref.fragment,
    }


def _print_texts(batch: Batch, answer: Callable[[str], str]) -> int:
    """For the commands that make a text of each text."""
    return batch.run(lambda text: batch.shown(answer(text)), plain=str, fields=lambda result: {"result": result})


@program.command()
@or_whole_file
@_takes("URI")
@click.option(
    "--level",
    type=click.Choice(["syntax", "scheme"]),
    default="scheme",
    show_default=True,
    help="By RFC 3986 6.2.2 alone, or with the scheme's own rules (6.2.3).",
)
@_zone_ids
@file_options
def normalize(batch: Batch, level: Literal["syntax", "scheme"], zone_ids: bool) -> int:
    """Print the normal form of URIs and references, one a line.

    Examples:
      urischeme normalize 'HTTP://Example.COM:80/%7Eada/./a/../b'
      urischeme normalize --level syntax 'HTTP://Example.COM:80'
      urischeme normalize --file - <urls.txt | sort -u
      urischeme normalize --file urls.parquet --column url --out normal.parquet

    With --out a whole file is written: Parquet, CSV, JSON Lines or text by its
    name, the last three also .gz or .zst. It is done in parts, on all cores, and
    a run that was stopped goes on with --resume. Refused rows go to --rejects, or
    else to a file named as the output, with .rejects.jsonl after it.

    JSON: text, result.
    """
    return _print_texts(batch, lambda text: urischeme.normalize(text, level=level, zone_ids=zone_ids))


@program.command()
@click.argument("base")
@_takes("REF")
@_zone_ids
def join(batch: Batch, base: str, zone_ids: bool) -> int:
    """Print what references mean at BASE (RFC 3986 section 5).

    Examples:
      urischeme join http://a/b/c/d ../g '?y'
      urischeme join https://example.com/ --file links.txt

    JSON: text, result. Where BASE is no URI, that is the one refusal there is.
    """
    return _from_base(
        batch, base, zone_ids, lambda uri, text: str(uri.join(urischeme.parse_reference(text, zone_ids=zone_ids)))
    )


@program.command()
@click.argument("base")
@_takes("URI")
@_zone_ids
def relativize(batch: Batch, base: str, zone_ids: bool) -> int:
    """Print the shortest references that lead from BASE to URIs.

    This is the inverse of join.

    Examples:
      urischeme relativize http://h/a/b 'http://h/a/c?x'
      urischeme relativize https://example.com/docs/ --file pages.txt

    JSON: text, result. Where BASE is no URI, that is the one refusal there is.
    """
    return _from_base(
        batch, base, zone_ids, lambda uri, text: str(uri.relativize(urischeme.parse(text, zone_ids=zone_ids)))
    )


def _from_base(batch: Batch, base: str, zone_ids: bool, answer: Callable[[urischeme.URI, str], str]) -> int:
    try:
        uri = urischeme.parse(base, zone_ids=zone_ids)
    except urischeme.ParseError as error:
        return Batch(Inputs([base]), batch.as_json, batch.show_password).refuse(base, error)
    return _print_texts(batch, lambda text: answer(uri, text))


def _seconds(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 < value <= _DAY:
        raise click.BadParameter(f"seconds are a number above 0 and at most {_DAY:.0f}")
    return value


def _timeout(what: str) -> Callable[[Callable[P, int]], Callable[P, int]]:
    return click.option(
        "--timeout",
        type=float,
        default=10.0,
        show_default=True,
        callback=_seconds,
        metavar="SECONDS",
        help=what,
    )


_default_port = click.option(
    "--default-port", type=click.IntRange(0, 65535), metavar="N", help="The port where a target names none."
)


@program.command()
@_takes("TARGET")
@_timeout("How long each target may take.")
@_default_port
@click.option("--connect", is_flag=True, help="Connect to each address, and tell how long it took or why it failed.")
def resolve(batch: Batch, timeout: float, default_port: int | None, connect: bool) -> int:
    """Print the endpoints that targets lead to now.

    Examples:
      urischeme resolve dns:///localhost:50051
      urischeme resolve --timeout 2 dns://10.96.0.10/orders.prod.svc.cluster.local
      urischeme resolve k8s:///orders.prod:http
      urischeme resolve --connect localhost:22 unix:///run/orders.sock
      urischeme resolve --json --file targets.txt | jq -c .endpoints

    With --connect a target of which no address can be reached is unavailable; the
    timeout is for both, and nothing is sent.

    JSON: text, endpoints (each with addresses, as targets, and attributes), ttl
    (seconds, or null), authority (the name that TLS checks), service_config,
    attributes. With --connect each endpoint has connections too: of each address
    address, seconds and error, one of these two null.
    """

    def answer(text: str) -> Answered:
        if connect:
            from urischeme.cli.connecting import resolve_and_connect

            resolution, attempts = resolve_and_connect(text, timeout=timeout, default_port=default_port)
        else:
            resolution, attempts = urischeme.resolve(text, timeout=timeout, default_port=default_port), None
        return Answered(batch.shown(text), resolution, attempts)

    return batch.run(answer, plain=endpoints.plain, fields=endpoints.fields, between="\n")


@program.command()
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, on a terminal too.")
@click.option("--show-password", is_flag=True, help="Print passwords.")
@_timeout("How long one attempt to get an answer may take.")
@_default_port
def watch(target: str, as_json: bool, show_password: bool, timeout: float, default_port: int | None) -> int:
    """Show the endpoints that a target leads to, and every change, until Ctrl-C.

    On a terminal it is a table that lives: what came, what is gone, since when,
    and how long the last answer holds. Elsewhere each change is a line of JSON.

    Examples:
      urischeme watch k8s:///orders.prod:http
      urischeme watch dns:///orders.internal:50051 | jq -c .added

    JSON: text, time (UTC), added, gone, endpoints, ttl, authority and
    service_config; or text, time and error: the last good answer then holds.
    """
    from urischeme.cli.watching import run_watch

    batch = Batch(Inputs([target], None), as_json, show_password)
    return run_watch(batch, target, timeout=timeout, default_port=default_port)


@program.command()
@_takes("TARGET")
@_default_port
def check(batch: Batch, default_port: int | None) -> int:
    """Print the targets that resolve would accept.

    The others are refused. Nothing is asked over the network.

    Examples:
      urischeme check dns:///orders.internal:50051 unix:///run/orders.sock
      urischeme check --file targets.txt >good-targets.txt

    JSON: text, scheme, authority, endpoint and options, all decoded.
    """

    def answer(text: str) -> tuple[str, urischeme.Target]:
        target = urischeme.Target.parse(text, default_port=default_port)
        urischeme.check(text, default_port=default_port)
        return batch.shown(text), target

    return batch.run(answer, plain=lambda answered: answered[0], fields=lambda answered: _target(batch, answered[1]))


def _target(batch: Batch, target: urischeme.Target) -> Mapping[str, object]:
    authority = batch.shown(f"//{target.authority}").removeprefix("//")
    return {
        "scheme": target.scheme,
        "authority": authority,
        "endpoint": target.endpoint,
        "options": target.options,
    }


@program.command()
@click.option("--verbose", is_flag=True, help="Load each, and show where it is, whether it pushes, and its options.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def schemes(verbose: bool, as_json: bool) -> int:
    """List the schemes that can be resolved.

    With who brought each, and its status in IANA's registry; for one that cannot
    be used, why.

    JSON: scheme, origin, iana, error; null where there is none. With --verbose
    also resolver, pushes, and options: name, type and default of each.
    """
    from urischeme.cli import schemes_table
    from urischeme.cli.terminal import painted
    from urischeme.routing.registry import default_registry

    infos = urischeme.schemes()
    details = [default_registry.describe(info.scheme) for info in infos] if verbose else []
    if as_json:
        for row in map(schemes_table.with_details, details) if verbose else map(schemes_table.plain, infos):
            sys.stdout.write(json_line(row))
    elif verbose:
        sys.stdout.write(painted(schemes_table.detailed_table(details)) + "\n")
    else:
        sys.stdout.write(painted(schemes_table.table(infos)) + "\n")
    return 0


@program.command()
def demo() -> int:
    """Show the whole way from a string to a connection, on loopback.

    Starts a cluster's DNS server and three pods, resolves targets, and connects
    to every endpoint found. Ends by itself, with exit code 0 if all that it
    showed was so, else 1.
    """
    from urischeme.cli.demo import run_demo

    return run_demo()

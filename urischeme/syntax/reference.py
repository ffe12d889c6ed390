"""RFC 3986 section 5: from a reference and its base to a URI ("join"), and back ("relativize")."""

from __future__ import annotations

from urischeme.syntax.uri import parse, parse_reference

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    from collections.abc import Iterator

    from urischeme.syntax.uri import URI, Reference

__all__ = ["join"]


def join(base: str, reference: str, *, zone_ids: bool = False) -> str:
    """The URI that `reference` means in a document at `base` (RFC 3986 section 5.2, strict).

    Args:
        base: a URI; its fragment plays no part.
        reference: a URI or a relative reference.
        zone_ids: also take RFC 6874's zone identifiers, in both.

    Raises:
        ParseError: for a base that is no URI, or a reference that is none.
        TypeError: for anything but a str.

    >>> join("http://a/b/c/d;p?q", "../g")
    'http://a/b/g'

    A path that would begin with `//` where there is no authority is written `/.//`: section 3.3 forbids the other.

    >>> join("s:a", "/.//x")
    's:/.//x'
    """
    return resolve_reference(parse(base, zone_ids=zone_ids), parse_reference(reference, zone_ids=zone_ids))


def resolve_reference(base: URI, ref: Reference) -> str:
    """Section 5.2.2, "Transform References", as text."""
    if ref.scheme is not None:
        return compose(ref.scheme, ref.authority, remove_dot_segments(ref.path), ref.query, ref.fragment)
    if ref.authority is not None:
        return compose(base.scheme, ref.authority, remove_dot_segments(ref.path), ref.query, ref.fragment)
    if not ref.path:
        query = base.query if ref.query is None else ref.query
        return compose(base.scheme, base.authority, base.path, query, ref.fragment)
    path = ref.path if ref.path.startswith("/") else _merge(base, ref.path)
    return compose(base.scheme, base.authority, remove_dot_segments(path), ref.query, ref.fragment)


def _merge(base: URI, path: str) -> str:
    """Section 5.2.3, "Merge Paths"."""
    if base.authority is not None and not base.path:
        return "/" + path
    return base.path[: base.path.rfind("/") + 1] + path


def remove_dot_segments(path: str) -> str:
    """Section 5.2.4, in one pass over the segments.

    >>> remove_dot_segments("/a/b/c/./../../g"), remove_dot_segments("mid/content=5/../6")
    ('/a/g', 'mid/6')
    """
    if "/." not in path and path[:1] != ".":
        return path
    # Rule A: a prefix "../" or "./" goes, as often as it stands there.
    start = 0
    while path.startswith(("./", "../"), start):
        start = path.index("/", start) + 1
    head, *segments = path[start:].split("/")
    if not segments:
        # Rule D.
        return "" if head in {".", ".."} else head
    # Each output segment keeps the slash before it, as in the RFC; the first of a rootless path has none.
    output = [head] if head else []
    for segment in segments:
        if segment == "..":
            if output:
                output.pop()
        elif segment != ".":
            output.append("/" + segment)
    if segments[-1] in {".", ".."}:
        output.append("/")
    return "".join(output)


def compose(scheme: str | None, authority: str | None, path: str, query: str | None, fragment: str | None) -> str:
    """Section 5.3, "Component Recomposition", with the guard of section 3.3 for a path that begins with `//`."""
    text = "" if scheme is None else f"{scheme}:"
    if authority is not None:
        text = f"{text}//{authority}{path}"
    else:
        text = f"{text}/.{path}" if path[:2] == "//" else text + path
    if query is not None:
        text = f"{text}?{query}"
    return text if fragment is None else f"{text}#{fragment}"


def relative_reference(base: URI, target: URI) -> str:
    """The shortest reference that leads from `base` to `target`, or to `target` without its dot segments."""
    # Sorting is stable: of equals the first stays first, and the candidates come in the order of preference.
    candidates = sorted(_candidates(base, target), key=len)
    ends = {text: resolve_reference(base, parse_reference(text, zone_ids=True)) for text in candidates}
    # Only an empty path keeps dot segments, those of the base.
    for wanted in (str(target), resolve_reference(base, target)):
        for text, end in ends.items():
            if end == wanted:
                return text
    raise AssertionError("the target without its dot segments leads to itself")


def _candidates(base: URI, target: URI) -> Iterator[str]:
    """References that may lead from `base` to `target`: relative paths, an absolute one, a network path, a URI."""
    path, query, fragment = remove_dot_segments(target.path), target.query, target.fragment
    if target.scheme == base.scheme:
        if target.authority == base.authority:
            if target.path == base.path:
                yield compose(None, None, "", None, fragment)
                yield compose(None, None, "", query, fragment)
            yield compose(None, None, _relative_path(base, path), query, fragment)
            if path.startswith("/"):
                yield compose(None, None, path, query, fragment)
        if target.authority is not None:
            yield compose(None, target.authority, path, query, fragment)
    yield compose(target.scheme, target.authority, path, query, fragment)


def _relative_path(base: URI, path: str) -> str:
    """`path` as seen from the folder that relative references of `base` start from."""
    folder = remove_dot_segments(_merge(base, ""))
    here, there = folder.split("/")[:-1], path.split("/")
    common = 0
    if here and path.startswith("/") and not folder.startswith("/"):
        # Above the first segment of a rootless path is the root, by the letter of section 5.2.4.
        there = there[1:]
    else:
        while common < min(len(here), len(there) - 1) and here[common] == there[common]:
            common += 1
    up = [".."] * (len(here) - common)
    down = there[common:]
    if down == [""]:
        # The folder itself, or one above it: a last slash adds nothing.
        return "/".join(up or ["."])
    # What would read as an absolute path or a scheme needs a dot before it.
    if not up and (not down[0] or ":" in down[0]):
        up = ["."]
    return "/".join([*up, *down])

"""An independent reading of RFC 3986: its own ABNF text, made into automata.

A rule becomes a nondeterministic automaton by Thompson's construction; its sets of states are the states of a
deterministic one, made as they are met. A text is of a rule when it ends in the final state, and may still become of it
as long as the set is not empty, for every state leads to the end.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_GRAMMAR = Path(__file__).parent / "data" / "rfc3986.abnf"
_TOKENS = re.compile(r'"[^"]*"|%x[0-9A-F]+(?:-[0-9A-F]+)?|[0-9]*\*[0-9]*|[0-9]+|[A-Za-z][\w-]*|[()\[\]/]|<[^>]*>')

State = int
States = frozenset[State]


@cache
def grammar() -> dict[str, str]:
    """The right-hand side of every rule, by name."""
    # A comment runs from a semicolon to the end of the line, but not from one in quotes.
    text = re.sub(r'("[^"]*")|;.*', r"\1", _GRAMMAR.read_text(encoding="ascii"))
    rules = re.split(r"^([A-Za-z][\w-]*)\s+=", text, flags=re.MULTILINE)[1:]
    return dict(zip(rules[::2], (" ".join(body.split()) for body in rules[1::2]), strict=True))


class Automaton:
    """What accepts the texts of one rule."""

    def __init__(self, rule: str) -> None:
        self._silent: list[set[State]] = []
        self._edges: list[dict[str, set[State]]] = []
        start = self._state()
        self._end = self._rule(rule, start)
        self._start = self._closure({start})
        self._steps: dict[tuple[States, str], States] = {}

    def accepts(self, text: str) -> bool:
        """Whether the whole text is of the rule."""
        states = self._start
        for char in text:
            states = self._step(states, char)
        return self._end in states

    def longest_prefix(self, text: str) -> int:
        """The length of the longest prefix that some text of the rule begins with."""
        states = self._start
        for length, char in enumerate(text):
            states = self._step(states, char)
            if not states:
                return length
        return len(text)

    def _step(self, states: States, char: str) -> States:
        key = states, char
        if key not in self._steps:
            self._steps[key] = self._closure(set().union(*(self._edges[state].get(char, set()) for state in states)))
        return self._steps[key]

    def _closure(self, states: set[State]) -> States:
        reached, todo = set(states), list(states)
        while todo:
            new = self._silent[todo.pop()] - reached
            reached |= new
            todo.extend(new)
        return frozenset(reached)

    def _state(self) -> State:
        self._silent.append(set())
        self._edges.append({})
        return len(self._silent) - 1

    # Each of the following adds to `start` what its part of the grammar allows, and gives the state at its end.

    def _rule(self, name: str, start: State) -> State:
        tokens = _TOKENS.findall(grammar()[name])
        end = self._alternation(tokens, start)
        assert not tokens, f"{name}: left over: {tokens}"
        return end

    def _alternation(self, tokens: list[str], start: State) -> State:
        end = self._state()
        while True:
            self._silent[self._concatenation(tokens, start)].add(end)
            if not tokens or tokens[0] != "/":
                return end
            tokens.pop(0)

    def _concatenation(self, tokens: list[str], start: State) -> State:
        while tokens and tokens[0] not in {"/", ")", "]"}:
            start = self._repetition(tokens, start)
        return start

    def _repetition(self, tokens: list[str], start: State) -> State:
        least, most = 1, 1
        if tokens[0][0].isdigit() or tokens[0][0] == "*":
            low, star, high = tokens.pop(0).partition("*")
            least = int(low or "0")
            most = int(high) if high else (-1 if star else least)
        again = list(tokens)
        for _ in range(least):
            tokens[:] = again
            start = self._element(tokens, start)
        if most == -1:
            loop = self._state()
            self._silent[start].add(loop)
            tokens[:] = again
            self._silent[self._element(tokens, loop)].add(loop)
            return loop
        end = self._state()
        for _ in range(most - least):
            self._silent[start].add(end)
            tokens[:] = again
            start = self._element(tokens, start)
        self._silent[start].add(end)
        if not least and not most:
            tokens.pop(0)
        return end

    def _element(self, tokens: list[str], start: State) -> State:
        token = tokens.pop(0)
        if token == "(":
            end = self._alternation(tokens, start)
            tokens.pop(0)
            return end
        if token == "[":
            end = self._alternation(tokens, start)
            tokens.pop(0)
            self._silent[start].add(end)
            return end
        if token.startswith('"'):
            for char in token.strip('"'):
                start = self._chars({char.lower(), char.upper()}, start)
            return start
        if token.startswith("%x"):
            first, _, last = token[2:].partition("-")
            return self._chars({chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)}, start)
        return self._rule(token, start)

    def _chars(self, chars: set[str], start: State) -> State:
        end = self._state()
        for char in chars:
            self._edges[start].setdefault(char, set()).add(end)
        return end


@cache
def automaton(rule: str) -> Automaton:
    """The automaton of a rule of the grammar."""
    return Automaton(rule)


# RFC 3986 Appendix B, to the letter.
_APPENDIX_B = re.compile(r"^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?", re.DOTALL)


def components(text: str) -> list[tuple[str, str, int, str]]:
    """Component, rule, place and text of each component that is there, whatever stands in it."""
    match = _APPENDIX_B.match(text)
    assert match is not None
    found: list[tuple[str, str, int, str]] = []
    if match[2] is not None:
        found.append(("scheme", "scheme", 0, match[2]))
    if match[4] is not None:
        start, authority = match.start(4), match[4]
        if "@" in authority:
            found.append(("userinfo", "userinfo", start, authority.rpartition("@")[0]))
        rest = authority.rpartition("@")[2]
        start += len(authority) - len(rest)
        colon = re.search(r":[^:\]]*\Z", rest)
        if colon is None or (rest.startswith("[") and "]" not in rest):
            found.append(("host", "host", start, rest))
        else:
            found.append(("host", "host", start, rest[: colon.start()]))
            found.append(("port", "port", start + colon.start() + 1, rest[colon.start() + 1 :]))
    without_authority = "path-of-relative-ref" if match[2] is None else "path-of-URI"
    rule = without_authority if match[4] is None else "path-abempty"
    found.append(("path", rule, match.start(5), match[5]))
    if match[7] is not None:
        found.append(("query", "query", match.start(7), match[7]))
    if match[9] is not None:
        found.append(("fragment", "fragment", match.start(9), match[9]))
    return found


def refusal(text: str, *, need_scheme: bool, zone_ids: bool = False) -> tuple[str, int] | None:
    """The leftmost component that its rule refuses, and how far it could still have become valid; None for a URI."""
    found = components(text)
    if need_scheme and found[0][0] != "scheme":
        return "scheme", 0
    for name, rule, start, part in found:
        reader = automaton("host-with-zone" if zone_ids and rule == "host" else rule)
        if not reader.accepts(part):
            return name, start + reader.longest_prefix(part)
    return None

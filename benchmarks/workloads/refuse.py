from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.race import OURS, ways
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.timing import lap_of, measure
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contender import Contender
    from benchmarks.session import Session

_LIMIT = 10.0
_ACCEPTED = 2000


class Refuse(Workload):
    name = "refuse"
    title = "Refuse"

    def measure(self, session: Session) -> Report:
        contenders = session.able("read")
        refused = {contender.name: _refused(contender, session.real.invalid) for contender in contenders}
        accepted = session.real.sample(_ACCEPTED).valid
        refusing = [contender for contender in contenders if refused[contender.name]]
        laps = [lap_of(partial(contender.loop("read"), refused[contender.name])) for contender in refusing]
        laps += [lap_of(partial(contender.loop("read"), accepted)) for contender in refusing]
        timings = measure(laps, session.rounds)

        rows, ratios = [], {}
        pairs = zip(refusing, timings[: len(refusing)], timings[len(refusing) :], strict=True)
        for contender, refusing_timing, accepting_timing in pairs:
            count = len(refused[contender.name])
            refusal, median = (ns / count / 1000 for ns in (refusing_timing.minimum, refusing_timing.median))
            acceptance = accepting_timing.minimum / len(accepted) / 1000
            ratios[contender.name] = refusal / acceptance
            rows.append(
                [
                    contender.name,
                    contender.version,
                    f"{count:,}",
                    f"{refusal:.3f}",
                    f"{median:.3f}",
                    f"{acceptance:.3f}",
                    f"{refusal / acceptance:.1f}",
                ]
            )
        for contender in contenders:
            if not refused[contender.name]:
                rows.append([contender.name, contender.version, "0", "–", "–", "–", "–"])
        return Report(
            introduction=[
                f"{len(session.real.invalid):,} texts that people wrote for URLs, and that RFC 3986 refuses, are "
                "parsed and read. Each contender is timed on those that it refuses too, up to the moment that its "
                f"exception is caught, and, in the same rounds, on {len(accepted):,} URLs that people wrote well. A "
                "mistake must be cheap too: a table of a million rows may have a million of them.",
                f"Microseconds each over {session.rounds} rounds, in an order drawn anew each time. *× accept* is the "
                "minimum as a share of the contender's own for accepting.",
            ],
            tables=[
                Table(
                    ["contender", "version", "refuses", "minimum µs", "median µs", "accept µs", "× accept"],
                    sorted(rows, key=lambda row: -int(row[2].replace(",", ""))),
                    words=(0, 1),
                ),
                ways("read", contenders),
            ],
            panels=[
                Panel(
                    "A refusal, × the contender's own accept",
                    [Bar(name, value, _LIMIT if name == OURS else None) for name, value in sorted(ratios.items())],
                )
            ],
            goals=[Goal("Refusing, × accepting", ratios.get(OURS), _LIMIT)],
            notes=session.absent("read"),
        )


def _refused(contender: Contender, texts: Sequence[str]) -> list[str]:
    answers = contender.run("read")(texts)
    return [text for text, answer in zip(texts, answers, strict=True) if answer is None]

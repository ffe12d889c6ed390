"""What RFC 3986 says of hundreds of texts, and what every library of its kind makes of them: `python -m conformance`.

`cases/` holds the texts, each with its answer, the section that decides, and why. A library (`libraries/`) says how it
is asked. What differs stands in `docs/conformance.md`; beside it `docs/refusals.md` shows each mistake that urischeme
explains. To add a case, write a line in `cases/`; to add a library, write its class and name it in the `__init__`
beside it.
"""

"""Every parser of its kind, side by side, on the same real URLs, in one run: `python -m benchmarks`.

A contender (`contenders/`) is a library and says how each workload is done with it. A workload (`workloads/`) says what
is timed and what the right answer is. To add one of either, write its class and name it in the `__init__` beside it.
"""

"""pyarrow brings no types; here everything in it is of any."""

from typing import Any

def __getattr__(name: str) -> Any: ...

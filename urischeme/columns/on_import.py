"""What is to be done when a library is imported, by whomever, and not before."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def when_imported(library: str, then: Callable[[], object]) -> None:
    """Call `then` after the library is imported: now, where it was already."""
    if library in sys.modules:
        then()
    else:
        sys.meta_path.insert(0, _Finder(library, then))


class _Finder(MetaPathFinder):
    """Asked for every module; it knows one, once, and only where to find those who know all."""

    def __init__(self, library: str, then: Callable[[], object]) -> None:
        self._library = library
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._library:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader, execute = spec.loader, spec.loader.exec_module

            def execute_then(module: ModuleType) -> None:
                del loader.exec_module  # that of this loader alone; its class has its own
                execute(module)
                self._then()

            loader.exec_module = execute_then  # type: ignore[method-assign]
        return spec

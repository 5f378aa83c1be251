"""What can be changed: each change a small frozen record that goes through the door.

To add one: a frozen dataclass below `Command` with a `permission`, a `title`, fields, `validate` and `apply`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lib.domain.access import Permission
from lib.store.door import Change
from lib.text import Text

REGISTRY: dict[str, type[Command]] = {}


def every() -> Mapping[str, type[Command]]:
    """Every command by name, whichever of their modules have been imported so far."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return REGISTRY


@dataclass(frozen=True)
class Command:
    """An order to change something; subclasses register themselves by name, under which the audit knows them."""

    permission: ClassVar[Permission]
    title: ClassVar[Text]
    is_final: ClassVar[bool] = False
    """Whether no undo brings it back: it tells of something outside the ledger, or two people settled it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 (the hook's own signature)
        super().__init_subclass__(**kwargs)
        if cls.__name__ in REGISTRY and REGISTRY[cls.__name__].__module__ != cls.__module__:
            raise TypeError(f"two commands are called {cls.__name__}")
        REGISTRY[cls.__name__] = cls

    def validate(self) -> None:
        """Refuses: fields that are wrong in themselves. Looks at no rows."""

    def apply(self, change: Change) -> Any:  # noqa: ANN401
        """Check what needs rows, then write."""
        raise NotImplementedError

"""The one base class of the project's errors, and the one shape in which they are shown."""

from __future__ import annotations

from typing import ClassVar


class ClausegraphError(Exception):
    """Something went wrong that the caller can act on.

    A subclass sets `code`, a kebab-case name that never changes. `message` says what is wrong,
    `hint` what to do about it, and `value` is what was offered, where there is such a thing.
    """

    code: ClassVar[str] = "clausegraph-error"

    def __init__(self, message: str, *, hint: str = "", value: object | None = None) -> None:
        """Hold what is wrong, what to do and the offending value."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.value = value

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes whole, whatever the arguments of a subclass are."""
        return _revived, (type(self), self.args, self.__dict__)

    def as_dict(self) -> dict[str, object]:
        """Give the four keys `code`, `message`, `hint` and `value`, ready for JSON."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "value": _plain(self.value),
        }


def _revived(
    kind: type[ClausegraphError], args: tuple[object, ...], state: dict[str, object]
) -> ClausegraphError:
    """An error as it was in another process."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _plain(value: object) -> object:
    """Keep what JSON can say, and put everything else into words."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)

"""Stub by the lead: overwrite."""
from datetime import date


def announced_date(text: str) -> date | None:
    """Stub."""
    return None

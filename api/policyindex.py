"""placeholder"""
from pathlib import Path
from pyoxigraph import Store


def build(store: Store, path: Path) -> None:
    """Build."""

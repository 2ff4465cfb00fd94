"""Where what was worked out once is kept: the user's cache folder, which may be deleted at any time."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """The folder for one kind of entries; it need not exist yet. `MIGGUARD_CACHE` names another place for all."""
    named = os.environ.get("MIGGUARD_CACHE")
    if named:
        return Path(named) / kind
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "migguard" / kind

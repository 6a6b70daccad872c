"""Reads what the pages show."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def python_blocks(page: Path) -> list[str]:
    """Return the blocks of Python of a page, from top to bottom."""
    return PYTHON_BLOCK.findall(page.read_text(encoding="utf-8"))

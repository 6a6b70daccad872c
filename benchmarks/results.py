"""What was measured, kept as a line of JSON for each table: ``results/DATABASE.jsonl``."""

import json
from pathlib import Path
from typing import Any, Final

__all__ = ["FOLDER", "Table", "keep_line", "load_tables"]

FOLDER: Final = Path(__file__).resolve().parent / "results"

Table = dict[str, Any]
"""A line as it was written: ``group``, ``title``, ``made_with`` and what was measured."""


def load_tables(database: str) -> list[Table]:
    """Return all tables of a database, in the order in which they were first measured."""
    file = FOLDER / f"{database}.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def keep_line(database: str, line: str) -> Table:
    """Keep a table, in the place of the one that was measured before."""
    table: Table = json.loads(line)
    tables = {(one["group"], one["title"]): one for one in load_tables(database)}
    tables[table["group"], table["title"]] = table
    FOLDER.mkdir(exist_ok=True)
    text = "".join(f"{json.dumps(one)}\n" for one in tables.values())
    (FOLDER / f"{database}.jsonl").write_text(text)
    return table

"""Check that the tables of a PDF reference exactly the objects that were found."""

from ..codes import RefusalCode
from ..verdicts import Refusal
from .dimensions import refuse_damage
from .pdf_objects import DocumentReader, PlaceTable

__all__ = ["check_tables"]


def check_tables(content: bytes, reader: DocumentReader) -> None:
    """Compare what the tables say with what is there.

    Raises:
        Refusal: A table leads elsewhere, or there is none.
    """
    if not reader.starts or not reader.tables:
        raise Refusal(RefusalCode.TRUNCATED)
    begins = {table.place for table in reader.tables}
    # The first table of a file that is made for the web says 0.
    is_lost = [start not in begins for start in reader.starts if start]
    if reader.starts[-1] not in begins or any(is_lost):
        raise refuse_damage("it does not say where its table is")
    if not any("Root" in table.head for table in reader.tables):
        raise refuse_damage("it has no root")
    for table in reader.tables:
        _check_chain(table, begins)
        _check_places(content, table, reader)


def _check_chain(table: PlaceTable, begins: set[int]) -> None:
    for key in ("Prev", "XRefStm"):
        if key in table.head and table.head[key] not in (begins - {table.place}):
            raise refuse_damage("a table in it leads to where none is")


def _check_places(content: bytes, table: PlaceTable, reader: DocumentReader) -> None:
    for place, numbers in table.places.items():
        # Some programs write the place of the blank before an object.
        start = place if place in reader.places else reader.objects.skip_blanks(content, place)
        if any(reader.places.get(start) != number for number in numbers):
            raise Refusal(
                RefusalCode.AMBIGUOUS, problem="a table leads to where no object of its number is"
            )

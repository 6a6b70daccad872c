"""Draws rooms that look like rooms, tidy or not."""

from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw

__all__ = ["draw_room", "draw_thing"]

SIZE: Final = (480, 320)
WALLS: Final = ("#d9e2d5", "#e6ddcf", "#cfdce6", "#e8d9d9", "#dcd6e6")
FLOORS: Final = ("#a97c50", "#8d6b4a", "#b89468", "#7d6a58")
COVERS: Final = ("#46627f", "#7f4646", "#4f7f5a", "#80703f", "#6a4f7f")
MESS: Final = ("#c94f4f", "#e0b040", "#3f7fbf", "#6f6f6f", "#f2f2f2")


def draw_room(dice: Random, *, is_tidy: bool) -> bytes:
    """Return a JPEG of a bedroom, as small as a thumbnail of a phone.

    Args:
        dice: What colours and mess come from.
        is_tidy: Whether somebody has been there to clean.
    """
    picture = Image.new("RGB", SIZE, dice.choice(WALLS))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 210, 480, 320), fill=dice.choice(FLOORS))
    _draw_window(pen)
    _draw_bed(pen, dice.choice(COVERS), is_tidy=is_tidy)
    if not is_tidy:
        for _ in range(9):
            x, y = dice.randrange(10, 440), dice.randrange(215, 300)
            shape = (x, y, x + dice.randrange(12, 46), y + dice.randrange(6, 18))
            pen.ellipse(shape, fill=dice.choice(MESS))
    return _encode(picture)


def draw_thing(dice: Random) -> bytes:
    """Return a JPEG of something that a guest left on a table."""
    picture = Image.new("RGB", SIZE, dice.choice(FLOORS))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle(
        (150, 90, 330, 230), 40, fill=dice.choice(COVERS), outline="#222", width=5
    )
    pen.arc((190, 40, 290, 150), 180, 360, fill="#222", width=7)
    return _encode(picture)


def _draw_window(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((300, 35, 430, 145), fill="#bfe0f5", outline="#ffffff", width=7)
    pen.ellipse((385, 50, 412, 77), fill="#fbe38a")
    pen.line((365, 35, 365, 145), fill="#ffffff", width=5)
    pen.line((300, 90, 430, 90), fill="#ffffff", width=5)


def _draw_bed(pen: ImageDraw.ImageDraw, cover: str, *, is_tidy: bool) -> None:
    pen.rectangle((40, 120, 60, 270), fill="#5b4230")
    pen.rectangle((50, 190, 290, 250), fill="#f7f4ec")
    if is_tidy:
        pen.rectangle((130, 180, 290, 250), fill=cover)
        pen.rounded_rectangle((62, 170, 122, 198), 12, fill="#ffffff", outline="#dddddd")
    else:
        pen.polygon([(150, 178), (210, 206), (290, 188), (282, 262), (196, 284), (138, 244)], cover)
        pen.rounded_rectangle((76, 206, 138, 236), 12, fill="#ffffff", outline="#cccccc")
    pen.rectangle((50, 250, 58, 280), fill="#5b4230")
    pen.rectangle((280, 250, 290, 280), fill="#5b4230")


def _encode(picture: Image.Image) -> bytes:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=82)
    return stream.getvalue()

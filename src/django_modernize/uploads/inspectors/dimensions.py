"""The limits on dimensions that apply to every image."""

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal

__all__ = ["check_dimensions", "check_piece_count", "refuse_damage"]


def check_dimensions(
    width: int,
    height: int,
    policy: UploadPolicy,
    *,
    frames: int = 1,
    bytes_per_pixel: float = 4,
) -> None:
    """Compare what an image says of itself with the limits.

    Args:
        width: In pixels.
        height: In pixels.
        policy: The limits.
        frames: How many pictures of this size there are.
        bytes_per_pixel: What a decoder needs for each.

    Raises:
        Refusal: A side is empty, or beyond a limit.
    """
    if width < 1 or height < 1:
        raise refuse_damage("it has no width or no height")
    if max(width, height) > policy.max_side:
        raise Refusal(RefusalCode.SIDES, limit=policy.max_side)
    if frames > policy.max_frames:
        raise Refusal(RefusalCode.FRAMES, limit=policy.max_frames)
    pixels = width * height * frames
    most = min(policy.max_pixels, int(policy.max_bitmap_bytes / bytes_per_pixel))
    if pixels > most:
        raise Refusal(RefusalCode.PIXELS, limit=most)


def check_piece_count(count: int, policy: UploadPolicy) -> None:
    """Refuse a file of more pieces than the policy allows.

    Raises:
        Refusal: There are too many.
    """
    if count > policy.max_pieces:
        raise Refusal(RefusalCode.TOO_MANY_PIECES, limit=policy.max_pieces)


def refuse_damage(problem: str) -> Refusal:
    """Return the refusal of a damaged file.

    Args:
        problem: What is wrong; words of the inspector's own, never of the file.
    """
    return Refusal(RefusalCode.DAMAGED, problem=problem)

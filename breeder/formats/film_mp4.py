"""Frames to an MP4 file that every browser and phone plays: H.264, 4:2:0, its index in front.

Knows nothing of what the frames show. FFmpeg does the work, through PyAV; where its build has no
encoder for H.264, the film is VP9, which all current browsers play as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from breeder.errors import FormatError
from breeder.rendering.threads import CORES

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Frame = NDArray[np.uint8]

ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    # Frames of pure colour runs need no long search: against "medium" at 17, the same decibels at
    # the same size for half the work. aq-mode 3 spends bits on dark gradients, which band first.
    # Frames looked ahead at are held in memory.
    ("libx264", {"preset": "veryfast", "crf": "15", "aq-mode": "3", "rc-lookahead": "10"}),
    ("libopenh264", {}),
    ("h264_videotoolbox", {}),
    ("h264_mf", {}),
    ("libvpx-vp9", {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "4"}),
)
"""Tried in this order; the options are FFmpeg's."""

KEY_FRAME_SECONDS = 2
"""Between frames that stand alone: jumping about in a film stays quick."""

MOST_THREADS = 8
"""Each holds frames of its own."""

INDEX_BYTES = 4096
INDEX_BYTES_PER_FRAME = 48
"""Of the index, for which room is left in front; what is not needed stays empty."""

_BT709, _SRGB, _LIMITED = 1, 13, 1


def write_mp4(
    file: BinaryIO, frames: Iterator[Frame], *, size: tuple[int, int], fps: Fraction, count: int
) -> None:
    """Write a film.

    Args:
        file: Empty, open for writing in binary, able to seek.
        frames: Taken one by one, each uint8 of shape (H, W, 3).
        size: Width and height of the frames; an odd one is rounded up by repeating the last pixel,
            since colours are kept for two by two pixels.
        fps: Frames a second.
        count: How many frames there are at most.

    Raises:
        FormatError: FFmpeg has no encoder, or refuses the film.
        OSError: The file cannot be written.
    """
    import av

    room = INDEX_BYTES + INDEX_BYTES_PER_FRAME * count
    try:
        with av.open(file, "w", format="mp4", container_options={"moov_size": str(room)}) as film:
            stream = _stream(film, size, fps)
            for number, frame in enumerate(frames):
                film.mux(stream.encode(_prepared(frame, number, stream)))
            film.mux(stream.encode(None))
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise FormatError(f"The film cannot be written as MP4: {error.strerror}.") from error


def _stream(film: OutputContainer, size: tuple[int, int], fps: Fraction) -> VideoStream:
    name, options = _encoder()
    stream = cast("VideoStream", film.add_stream(name, rate=fps, options=dict(options)))
    stream.width, stream.height = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / fps
    context.thread_count = min(CORES, MOST_THREADS)
    context.gop_size = max(1, round(KEY_FRAME_SECONDS * fps))
    # Said in full, since players guess by the size of the picture, and then colours are off.
    context.colorspace = context.color_primaries = _BT709
    context.color_trc, context.color_range = _SRGB, _LIMITED
    return stream


def _encoder() -> tuple[str, dict[str, str]]:
    import av

    for name, options in ENCODERS:
        if name in av.codecs_available:
            return name, options
    raise FormatError(
        "FFmpeg has no encoder for MP4 on this machine; make a WebP or a GIF, or install PyAV from "
        "PyPI ('pip install --force-reinstall av')."
    )


def _prepared(frame: Frame, number: int, stream: VideoStream) -> VideoFrame:
    from av import VideoFrame
    from av.video.reformatter import Interpolation

    height, width = frame.shape[:2]
    if width % 2 or height % 2:
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    picture = VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=_BT709,
        dst_color_range=_LIMITED,
        dst_color_trc=_SRGB,
        dst_color_primaries=_BT709,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
        threads=1,
    )
    picture.pts = number
    picture.time_base = stream.codec_context.time_base
    return picture

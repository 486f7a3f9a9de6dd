"""Films read back by the libraries that browsers are built from: frames, times, sizes, colours."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from breeder.errors import CancelledError, FormatError
from breeder.formats.films import FILMS, Frame, durations, film_bytes, stream_film, write_film

KINDS = tuple(FILMS)
WIDTH, HEIGHT = 62, 48
FAITHFUL = {"mp4": 34.0, "webp": 34.0, "gif": 34.0}
"""Decibels between a frame and its source, both softened as an eye does."""


def smooth(number: int, count: int, *, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """Return a frame of a smooth closed film: waves of colour which turn once."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    turn = 2 * np.pi * number / count
    waves = [np.sin(3 * (x * np.cos(turn + k) + y * np.sin(turn + k)) + k) for k in range(3)]
    return (127.5 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


def frames(count: int, **size: int) -> Iterator[Frame]:
    return (smooth(number, count, **size) for number in range(count))


def read_back(data: bytes, kind: str) -> tuple[list[Frame], list[float]]:
    """Return the frames of a film and the seconds each is shown."""
    if kind == "mp4":
        with av.open(BytesIO(data), "r") as film:
            shown = list(film.decode(video=0))
            base = film.streams.video[0].time_base
            assert base is not None
            seconds = [float(each.duration * base) for each in shown]
            return [np.asarray(each.to_image()) for each in shown], seconds
    pictures, times = [], []
    with Image.open(BytesIO(data)) as film:
        count: int = getattr(film, "n_frames", 1)
        for number in range(count):
            film.seek(number)
            pictures.append(np.asarray(film.convert("RGB")))
            times.append(float(film.info["duration"]) / 1000)
    return pictures, times


def softened(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return means over windows of 4 by 4."""
    windows = np.lib.stride_tricks.sliding_window_view(frame.astype(float), (4, 4), axis=(0, 1))
    means: NDArray[np.float64] = windows.mean(axis=(-1, -2))
    return means


def decibels(one: Frame, other: Frame) -> float:
    error = float(np.mean((softened(one) - softened(other)) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_comes_back_in_order_with_its_colours_and_its_time(kind: str) -> None:
    count, fps = 11, 12.5
    shown, seconds = read_back(film_bytes(frames(count), format=kind, fps=fps, count=count), kind)
    assert len(shown) == count
    assert sum(seconds) == pytest.approx(count / fps, abs=0.0011)
    for number, frame in enumerate(shown):
        assert frame.shape == (HEIGHT, WIDTH, 3)
        assert decibels(frame, smooth(number, count)) > FAITHFUL[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_seamless_film_stays_seamless(kind: str) -> None:
    """The step from the last frame to the first is like any other step."""
    count = 24
    shown, _ = read_back(film_bytes(frames(count), format=kind, fps=24, count=count), kind)
    steps = [
        float(np.mean((softened(shown[n]) - softened(shown[n - 1])) ** 2)) for n in range(count)
    ]
    assert steps[0] < 1.3 * max(steps[1:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (31, 17), (33, 16)])
def test_odd_and_tiny_sizes_are_films_too(kind: str, size: tuple[int, int]) -> None:
    width, height = size
    data = film_bytes(frames(3, width=width, height=height), format=kind, fps=10, count=3)
    shown, _ = read_back(data, kind)
    even = (height + height % 2, width + width % 2)
    assert shown[0].shape[:2] == (even if kind == "mp4" else (height, width))
    if min(size) > 4:
        source = smooth(1, 3, width=width, height=height)
        assert decibels(shown[1][:height, :width], source) > 30
    if kind == "mp4" and height % 2:  # the row that was added continues the picture
        last, added = shown[1][height - 1].astype(int), shown[1][height].astype(int)
        assert np.abs(last - added).mean() < 12


@pytest.mark.parametrize("kind", KINDS)
def test_one_frame_and_very_slow_films_are_films(kind: str) -> None:
    shown, seconds = read_back(film_bytes(frames(1), format=kind, fps=0.5, count=1), kind)
    assert len(shown) == 1
    if kind != "webp":  # Pillow tells no duration of a single WebP frame
        assert seconds == [pytest.approx(2)]


def test_a_gif_keeps_few_colours_exactly_and_many_without_bands() -> None:
    flat = np.zeros((20, 20, 3), dtype=np.uint8)
    flat[5:15, 5:15] = (250, 1, 77)
    shown, _ = read_back(film_bytes([flat, flat[::-1]], format="gif", fps=5, count=2), "gif")
    np.testing.assert_array_equal(shown[0], flat)
    ramp = np.linspace(0, 255, 256).astype(np.uint8)
    wheel = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], ramp[::-1, None]), axis=-1)
    [shown_wheel], _ = read_back(film_bytes([wheel], format="gif", fps=5, count=1), "gif")
    plain = np.asarray(Image.fromarray(wheel).quantize(256).convert("RGB"))
    assert decibels(shown_wheel, wheel) > decibels(plain, wheel) + 3


def test_mp4_is_what_browsers_play_from_the_first_bytes_on() -> None:
    data = film_bytes(frames(30), format="mp4", fps=30, count=30)
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(BytesIO(data), "r") as film:
        stream = film.streams.video[0]
        context = stream.codec_context
        assert context.name == "h264"
        assert context.pix_fmt == "yuv420p"
        assert stream.average_rate == 30
        said = (context.colorspace, context.color_primaries, context.color_trc)
        assert said == (1, 1, 13)  # BT.709 with the curve of sRGB
        assert context.color_range == 1


@pytest.mark.parametrize("count", [1, 700])
def test_the_index_of_an_mp4_always_finds_room(count: int) -> None:
    tiny = np.zeros((2, 2, 3), dtype=np.uint8)
    file = BytesIO()
    stream_film(file, (tiny for _ in range(count)), format="mp4", fps=120, count=count)
    assert len(read_back(file.getvalue(), "mp4")[0]) == count


@pytest.mark.parametrize("kind", ["gif", "webp"])
@pytest.mark.parametrize("loop", [True, False])
def test_moving_pictures_repeat_if_wanted(kind: str, *, loop: bool) -> None:
    file = BytesIO()
    stream_film(file, frames(3), format=kind, fps=10, count=3, loop=loop)
    with Image.open(file) as film:
        assert film.info.get("loop", 1) == (0 if loop else 1)


def test_a_webp_says_its_length_as_the_format_asks() -> None:
    data = film_bytes(frames(5), format="webp", fps=10, count=5)
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8


@pytest.mark.parametrize("fps", [0.1, 7, 23.976, 29.97, 30, 49, 50])
def test_durations_add_up_and_differ_by_one_tick_at_most(fps: float) -> None:
    from fractions import Fraction

    rate = Fraction(fps).limit_denominator(1001)
    for ticks in (100, 1000):
        told = durations(rate, 250, ticks=ticks)
        assert sum(told) == round(250 * ticks / rate)
        assert max(told) - min(told) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_taken_one_by_one_and_told(kind: str) -> None:
    alive, most = 0, 0
    told: list[int] = []

    class Watched(np.ndarray):
        def __array_finalize__(self, _: object) -> None:
            pass

    import weakref

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def watched() -> Iterator[Frame]:
        nonlocal alive, most
        for number in range(60):
            frame = smooth(number, 60).view(Watched)
            alive += 1
            most = max(most, alive)
            weakref.finalize(frame, gone)
            yield frame
            del frame

    stream_film(BytesIO(), watched(), format=kind, fps=30, count=60, advance=told.append)
    assert sum(told) == 60
    assert most < 30


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancelled_film_leaves_the_old_file_and_nothing_beside(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"loop.{kind}"
    path.write_bytes(b"the film of yesterday")
    drawn: list[int] = []

    def counted() -> Iterator[Frame]:
        for number in range(100):
            drawn.append(number)
            yield smooth(number, 100)

    with pytest.raises(CancelledError):
        write_film(path, counted(), fps=10, count=100, cancelled=lambda: len(drawn) > 20)
    assert len(drawn) < 30
    assert path.read_bytes() == b"the film of yesterday"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_written_whole_by_its_suffix(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"loop.{kind.upper()}"
    write_film(path, frames(4), fps=10, count=4)
    assert len(read_back(path.read_bytes(), kind)[0]) == 4
    assert list(tmp_path.iterdir()) == [path]


def _broken(count: int, *, at: int, frame: Frame) -> Iterator[Frame]:
    for number in range(count):
        yield frame if number == at else smooth(number, count)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: {"frames": [], "count": 1}, "at least one frame"),
        (lambda: {"frames": frames(3), "count": 4}, "ended after 3 of 4"),
        (lambda: {"frames": frames(5), "count": 4}, "more than the 4 frames"),
        (lambda: {"frames": frames(5), "count": 0}, "from 1 to 100,000 frames"),
        (lambda: {"frames": frames(5), "count": 5, "fps": 51}, "to 50 frames a second"),
        (lambda: {"frames": frames(5), "count": 5, "fps": float("nan")}, "frames a second"),
        (lambda: {"frames": frames(5), "count": 5, "format": "avi"}, "one of mp4, webp, gif"),
        (
            lambda: {"frames": _broken(3, at=1, frame=smooth(0, 1, width=9)), "count": 3},
            "Frame 2 is uint8 of shape",
        ),
        (
            lambda: {"frames": _broken(3, at=2, frame=smooth(0, 1) / 2.0), "count": 3},  # type: ignore[arg-type]
            "Frame 3 is float64",
        ),
        (
            lambda: {"frames": frames(1, width=5000, height=2), "count": 1, "format": "mp4"},
            "at most 4,096 pixels along a side, not 5,000 x 2",
        ),
    ],
)
def test_what_cannot_be_a_film_gets_one_sentence(
    make: Callable[[], dict[str, object]], told: str, tmp_path: Path
) -> None:
    wanted = {"format": "gif", "fps": 10.0} | make()
    with pytest.raises(FormatError, match=told) as caught:
        write_film(tmp_path / "film", **wanted)  # type: ignore[arg-type]
    assert len(str(caught.value).splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_told_as_such(kind: str, tmp_path: Path) -> None:
    class Full(BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        stream_film(Full(), frames(5), format=kind, fps=10, count=5)
    with pytest.raises(FormatError, match="Cannot write"):
        write_film(tmp_path / "no" / f"film.{kind}", frames(5), fps=10, count=5)

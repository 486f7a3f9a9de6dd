"""Random weights by name: the same numbers from the same seed, on every machine, for ever.

The bits come from PCG64, whose stream NumPy promises to keep; what is made of them is plain IEEE
arithmetic, since NumPy promises neither how its distributions use the bits nor the last digit of
its logarithms. All are rounded to the 32 bits that pictures are drawn with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from breeder.lab.settings import Initialisation

Array = NDArray[np.float64]
Single = NDArray[np.float32]

ROW_BITS = 1 << 20
"""Where the numbers of one neuron begin, counted from those of the neuron before.

So a weight depends on the seed, its layer, its neuron and what it reads: a wider layer keeps the
weights of the narrower one, and a network with one layer more keeps all others."""

TURNS = 4
"""Rounds of rotations, times log2 of the size, that make an orthogonal matrix well mixed."""


class Source:
    """The random numbers of one layer.

    Args:
        path: The seed, and what tells the layer from others: whole numbers.
    """

    def __init__(self, *path: int) -> None:
        self._path = path

    def uniform(self, rows: int, columns: int) -> Array:
        """Return numbers between 0 and 1, never 0 or 1, shape (rows, columns)."""
        generator = np.random.PCG64(list(self._path))
        found = np.empty((rows, columns), dtype=np.uint64)
        for row in range(rows):
            found[row] = generator.random_raw(columns)
            generator.advance(ROW_BITS - columns)
        return np.asarray(((found >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52)

    def normal(self, rows: int, columns: int) -> Array:
        """Return numbers of mean 0 and standard deviation 1, shape (rows, columns)."""
        return _quantile(self.uniform(rows, columns))


def draw(
    initialisation: Initialisation, shape: tuple[int, int], source: Source, *, first: bool = False
) -> Single:
    """Return the weights of a layer.

    Args:
        initialisation: How they are drawn.
        shape: Neurons M, and the values N that each reads.
        source: The layer's random numbers.
        first: Whether the layer reads the inputs, which SIREN treats apart.

    Returns:
        float32, shape (M, N).
    """
    drawn = _DRAWN[initialisation.name](source, shape, initialisation.numbers, first)
    return drawn.astype(np.float32)


def draw_biases(
    initialisation: Initialisation, shape: tuple[int, int], source: Source, *, first: bool = False
) -> Single:
    """Return the biases of a layer whose weights have a shape; N counts as for the weights.

    Returns:
        float32, shape (M,).
    """
    rows, reads = shape
    if initialisation.name == "orthogonal":  # a column of what has orthogonal columns
        return draw(initialisation, (rows, 1), source)[:, 0]
    numbers = _BIASES.get(initialisation.name, _DRAWN[initialisation.name])
    column = numbers(_Column(source), (rows, reads), initialisation.numbers, first)
    return column[:, 0].astype(np.float32)


class _Column(Source):
    """Random numbers of which only the first of each row is wanted."""

    def __init__(self, source: Source) -> None:
        super().__init__(*source._path)

    def uniform(self, rows: int, columns: int) -> Array:
        return super().uniform(rows, 1)


def _uniform(source: Source, shape: tuple[int, int], bound: float) -> Array:
    return (2.0 * source.uniform(*shape) - 1.0) * bound


def _normal(source: Source, shape: tuple[int, int], std: float, mean: float = 0.0) -> Array:
    return source.normal(*shape) * std + mean


def _siren(source: Source, shape: tuple[int, int], omega: float, *, first: bool) -> Array:
    # Sitzmann et al. 2020: sin(omega (W x + b)) with W uniform in ±1/N at first and in
    # ±sqrt(6/N)/omega later; omega is multiplied in.
    return _uniform(source, shape, omega / shape[1] if first else math.sqrt(6.0 / shape[1]))


def _orthogonal(source: Source, shape: tuple[int, int], gain: float) -> Array:
    """Return a part of an orthogonal matrix: the product of rotations of random pairs of axes.

    A decomposition would ask a library of linear algebra, whose last digits differ by machine.
    """
    size = max(shape)
    matrix = np.eye(size)
    rounds = TURNS * max(1, (size - 1).bit_length()) if size > 1 else 0
    order = source.uniform(max(rounds, 1), size)
    angles = source.normal(2 * max(rounds, 1), 2 * size)
    for number in range(rounds):
        pairs = np.argsort(order[number], kind="stable")[: size // 2 * 2].reshape(-1, 2)
        one, other = angles[2 * number, : len(pairs)], angles[2 * number + 1, : len(pairs)]
        length = np.sqrt(one * one + other * other)
        cos, sin = (one / length)[:, None], (other / length)[:, None]
        a, b = matrix[pairs[:, 0]], matrix[pairs[:, 1]]
        matrix[pairs[:, 0]], matrix[pairs[:, 1]] = cos * a - sin * b, sin * a + cos * b
    return matrix[: shape[0], : shape[1]] * gain


_Rule = Callable[[Source, tuple[int, int], tuple[float, ...], bool], Array]

_DRAWN: Mapping[str, _Rule] = {
    "pytorch": lambda source, shape, _, first: _uniform(source, shape, 1.0 / math.sqrt(shape[1])),
    "uniform": lambda source, shape, n, first: _uniform(source, shape, n[0]),
    "normal": lambda source, shape, n, first: _normal(source, shape, n[1], n[0]),
    "beta_variance": lambda source, shape, n, first: _normal(
        source, shape, math.sqrt(2.0 ** n[0] / shape[1])
    ),
    "beta_std": lambda source, shape, n, first: _normal(source, shape, 2.0 ** n[0] / shape[1]),
    "glorot_uniform": lambda source, shape, _, first: _uniform(
        source, shape, math.sqrt(6.0 / sum(shape))
    ),
    "glorot_normal": lambda source, shape, _, first: _normal(
        source, shape, math.sqrt(2.0 / sum(shape))
    ),
    "he": lambda source, shape, _, first: _normal(source, shape, math.sqrt(2.0 / shape[1])),
    "lecun": lambda source, shape, _, first: _normal(source, shape, math.sqrt(1.0 / shape[1])),
    "siren": lambda source, shape, n, first: _siren(source, shape, n[0], first=first),
    "orthogonal": lambda source, shape, n, first: _orthogonal(source, shape, n[0]),
    "constant": lambda source, shape, n, first: np.full(shape, n[0]),
}

_BIASES: Mapping[str, _Rule] = {
    "siren": lambda source, shape, n, first: _uniform(
        source, shape, (n[0] if first else 1.0) * 1.0 / math.sqrt(shape[1])
    ),
}
"""What is another rule for biases."""


def _log(value: Array) -> Array:
    """Return the logarithm of numbers between 0 and 1 in plain arithmetic, to 1e-12."""
    mantissa, exponent = np.frexp(value)
    low = mantissa < math.sqrt(0.5)
    mantissa, exponent = np.where(low, 2.0 * mantissa, mantissa), exponent - low
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square, total = s * s, np.zeros_like(s)
    for power in range(17, 0, -2):
        total = total * square + 2.0 / power
    return s * total + exponent * 0.6931471805599453


# The rational approximations of M. J. Wichura, "Algorithm AS 241: The percentage points of the
# normal distribution", Applied Statistics 37 (1988): PPND16, relative error 1e-16.
_MIDDLE = (
    (
        *(3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3),
        *(1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4),
        *(3.3430575583588128105e4, 2.5090809287301226727e3),
    ),
    (
        *(1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
        *(2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4),
        5.2264952788528545610e3,
    ),
)
_TAIL = (
    (
        *(1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0),
        *(3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1),
        *(2.27238449892691845833e-2, 7.74545014278341407640e-4),
    ),
    (
        *(1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1),
        *(1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4),
        1.05075007164441684324e-9,
    ),
)
_FAR = (
    (
        *(6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0),
        *(2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3),
        *(2.71155556874348757815e-5, 2.01033439929228813265e-7),
    ),
    (
        *(1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2),
        *(7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7),
        2.04426310338993978564e-15,
    ),
)


def _ratio(parts: tuple[tuple[float, ...], tuple[float, ...]], value: Array) -> Array:
    over, under = (np.full_like(value, coefficients[-1]) for coefficients in parts)
    for above, below in zip(parts[0][-2::-1], parts[1][-2::-1], strict=True):
        over, under = over * value + above, under * value + below
    return over / under


def _quantile(share: Array) -> Array:
    """Return the normal number below which a share of all lies."""
    q = share - 0.5
    found = q * _ratio(_MIDDLE, 0.180625 - q * q)
    outer = np.abs(q) > 0.425
    tail = np.minimum(share[outer], 1.0 - share[outer])
    depth = np.sqrt(-_log(tail))
    far = np.where(depth <= 5.0, _ratio(_TAIL, depth - 1.6), _ratio(_FAR, depth - 5.0))
    found[outer] = np.where(q[outer] < 0.0, -far, far)
    return found

"""The Kalman filter: what is known of a moving thing, after each look at it.

The thing has a **state** x, its position and velocity, say. It moves by ``x' = F x + w``, and one
sees ``z = H x + v`` of it; w and v are normal noise of covariances Q and R. What is known of x is a
normal distribution, a :class:`Belief`. Time widens it (predict), a look narrows it (update).
"""

from __future__ import annotations  # help() says ArrayLike, not what it stands for

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from imgkit.images import require_number, require_positive, require_whole
from imgkit.metrics.gates import as_numbers

Numbers = npt.NDArray[np.float64]

LOPSIDED = 1e-8  # a covariance this far from symmetric, or from positive, is a mistake
MOST = 64  # numbers of a state or a measurement


class Belief(NamedTuple):
    """Where a thing is believed to be: a normal distribution, or a whole batch of them."""

    mean: Numbers
    "float64 (..., n)"
    covariance: Numbers
    "float64 (..., n, n), symmetric"


@dataclass(frozen=True, eq=False)
class Kalman:
    """How a thing moves and how one sees it; with that, the two steps of the Kalman filter.

    The filter itself remembers nothing: its steps take a belief and return the next one. Leading
    axes of a belief are a batch, so one call moves many things.

    Parameters
    ----------
    transition : F (n, n), takes the state one time step on
    process_noise : Q (n, n), covariance of what the motion does besides; may be 0
    observation : H (m, n), what of the state is seen
    observation_noise : R (m, m), covariance of the errors of what is seen; positive definite

    Raises
    ------
    TypeError
        If a matrix holds no real numbers.
    ValueError
        If shapes do not fit, a value is not finite, or a covariance is not symmetric or negative.

    Notes
    -----
    In float64. The update is Joseph's form, which keeps the covariance symmetric and positive where
    the shorter ``(I - K H) P`` loses that by rounding: after a vague start, or with very small
    noise. OpenCV's ``KalmanFilter`` has the shorter form, in float32 unless asked.

    References
    ----------
    Kalman, A new approach to linear filtering and prediction problems, Journal of Basic
    Engineering, 1960. Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and
    Navigation, 2001, sections 5.2 and 6.3. Szeliski, Computer Vision, 2nd ed., section 7.1.5.

    Examples
    --------
    A point on a line, seen at 0, 1.1, 1.9 and 3.0 with errors of 0.1:

    >>> kalman = Kalman.constant_velocity(1, acceleration=0.1, noise=0.1)
    >>> belief = kalman.start([0.0], spread=10)
    >>> for place in (1.1, 1.9, 3.0):
    ...     belief = kalman.update(kalman.predict(belief), [place])
    >>> belief.mean.round(2)  # place and velocity
    array([2.97, 0.99])
    """

    transition: Numbers
    process_noise: Numbers
    observation: Numbers
    observation_noise: Numbers

    def __post_init__(self) -> None:
        for field in fields(self):
            matrix = _matrix(getattr(self, field.name), field.name)
            object.__setattr__(self, field.name, matrix)
        n, m = len(self.transition), len(self.observation)
        wanted = {"transition": (n, n), "process_noise": (n, n)}
        wanted |= {"observation": (m, n), "observation_noise": (m, m)}
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name} has shape {getattr(self, name).shape}; with transition {n} by {n} and "
                    f"observation of {m} rows it is {shape}"
                )
        _require_covariance(self.process_noise, "process_noise", definite=False)
        _require_covariance(self.observation_noise, "observation_noise", definite=True)

    @classmethod
    def constant_velocity(
        cls, dimensions: int = 2, *, acceleration: float, noise: float, step: float = 1.0
    ) -> Kalman:
        """Places that move on at their velocity, but for small pushes; places are seen.

        The state is ``(places, velocities)``: in the plane (row, column, row velocity, column
        velocity). During a step of length t an acceleration a is at work, which is another one in
        the next: it adds ``a t² / 2`` to the place and ``a t`` to the velocity.

        Parameters
        ----------
        dimensions : how many places: 2 for a point in the plane, 4 for the sides of a box
        acceleration : standard deviation of a; 0 for a velocity that never changes
        noise : standard deviation of the error of a place that is seen, > 0
        step : time from one look to the next, > 0

        Examples
        --------
        >>> Kalman.constant_velocity(1, acceleration=1, noise=2).transition
        array([[1., 1.],
               [0., 1.]])
        """
        require_whole(1, MOST // 2, dimensions=dimensions)
        require_number(acceleration=acceleration)
        if acceleration < 0:
            raise ValueError(f"acceleration must be at least 0, got {acceleration!r}")
        require_positive(noise=noise, step=step)
        each = np.eye(dimensions)
        push = acceleration * np.array([step**2 / 2, step])
        return cls(
            np.kron([[1, step], [0, 1]], each),
            np.kron(np.outer(push, push), each),
            np.kron([[1, 0]], each),
            noise**2 * each,
        )

    def start(self, measurement: npt.ArrayLike, *, spread: float) -> Belief:
        """The belief after a first look: what was seen, and nothing but a guess of the rest.

        Parameters
        ----------
        measurement : z (..., m)
        spread : standard deviation of what the look does not tell, around 0: of the velocity, in
            the model of constant velocity

        Examples
        --------
        >>> kalman = Kalman.constant_velocity(1, acceleration=1, noise=2)
        >>> kalman.start([7], spread=10).covariance
        array([[  4.,   0.],
               [  0., 100.]])
        """
        seen = self._measurement(measurement)
        require_positive(spread=spread)
        back = np.linalg.pinv(self.observation)
        unseen = np.eye(len(self.transition)) - back @ self.observation
        covariance = back @ self.observation_noise @ back.T + spread**2 * unseen @ unseen.T
        mean = seen @ back.T
        return Belief(mean, np.broadcast_to(covariance, (*mean.shape, mean.shape[-1])).copy())

    def predict(self, belief: Belief) -> Belief:
        """One time step on: ``x = F x``, ``P = F P F^T + Q``."""
        mean, covariance = self._belief(belief)
        moved = self.transition @ covariance @ self.transition.T + self.process_noise
        return Belief(mean @ self.transition.T, _symmetric(moved))

    def update(self, belief: Belief, measurement: npt.ArrayLike) -> Belief:
        """What a look teaches: ``x = x + K (z - H x)``, ``K = P H^T (H P H^T + R)^-1``.

        Parameters
        ----------
        belief : before the look
        measurement : z (..., m), one for each belief of a batch. Nothing seen? Then do not update.

        Returns
        -------
        The belief after it, ``P = (I - K H) P (I - K H)^T + K R K^T``.
        """
        mean, covariance = self._belief(belief)
        surprise, expected = self._surprise(mean, covariance, measurement)
        gain = _turned(np.linalg.solve(expected, self.observation @ covariance))  # (..., n, m)
        left = np.eye(len(self.transition)) - gain @ self.observation
        covariance = left @ covariance @ _turned(left)
        covariance += gain @ self.observation_noise @ _turned(gain)
        return Belief(mean + (gain @ surprise[..., None])[..., 0], _symmetric(covariance))

    def distance(self, belief: Belief, measurement: npt.ArrayLike) -> Numbers:
        """How surprising a look would be: ``y^T S^-1 y``, ``y = z - H x``, ``S = H P H^T + R``.

        The squared Mahalanobis distance: 1 at one standard deviation, whatever the units.

        Returns
        -------
        float64 (...). Compare it with :meth:`gate`.
        """
        surprise, expected = self._surprise(*self._belief(belief), measurement)
        return (surprise * np.linalg.solve(expected, surprise[..., None])[..., 0]).sum(axis=-1)

    def gate(self, probability: float = 0.99) -> float:
        """The squared distance that a look at the right thing stays within, so likely.

        Parameters
        ----------
        probability : above 0 and below 1

        Notes
        -----
        The quantile of the chi-square distribution with m degrees of freedom.

        Examples
        --------
        >>> kalman = Kalman.constant_velocity(2, acceleration=1, noise=2)
        >>> round(kalman.gate(0.99), 2)
        9.21
        """
        require_number(probability=probability)
        if not 0 < probability < 1:
            raise ValueError(f"probability must lie above 0 and below 1, got {probability!r}")
        return float(2 * gammaincinv(len(self.observation) / 2, probability))

    def _surprise(
        self, mean: Numbers, covariance: Numbers, measurement: npt.ArrayLike
    ) -> tuple[Numbers, Numbers]:
        """What is seen less what was expected, and the covariance of that."""
        seen = self._measurement(measurement)
        try:
            np.broadcast_shapes(seen.shape[:-1], mean.shape[:-1])
        except ValueError:
            raise ValueError(
                f"measurement has shape {seen.shape} and the belief's mean {mean.shape}: their "
                "leading axes, the batch, do not go together"
            ) from None
        expected = self.observation @ covariance @ self.observation.T + self.observation_noise
        return seen - mean @ self.observation.T, expected

    def _belief(self, belief: Belief) -> Belief:
        n = len(self.transition)
        try:
            mean, covariance = belief
        except (TypeError, ValueError):
            raise TypeError(
                f"belief must be a Belief or a pair (mean, covariance), got {belief!r}"
            ) from None
        mean = as_numbers(mean, "mean").astype(np.float64, copy=False)
        covariance = as_numbers(covariance, "covariance").astype(np.float64, copy=False)
        if mean.shape[-1:] != (n,) or covariance.shape != (*mean.shape, n):
            raise ValueError(
                f"the belief's mean has shape {mean.shape} and its covariance {covariance.shape}; "
                f"with a state of {n} numbers they are (..., {n}) and (..., {n}, {n})"
            )
        return Belief(mean, covariance)

    def _measurement(self, measurement: npt.ArrayLike) -> Numbers:
        seen = as_numbers(measurement, "measurement").astype(np.float64, copy=False)
        m = len(self.observation)
        if seen.shape[-1:] != (m,):
            raise ValueError(f"measurement has shape {seen.shape}; this filter sees (..., {m})")
        return seen


def _matrix(values: npt.ArrayLike, name: str) -> Numbers:
    matrix = as_numbers(values, name).astype(np.float64)
    if matrix.ndim != 2 or not 1 <= min(matrix.shape) <= max(matrix.shape) <= MOST:
        raise ValueError(
            f"{name} has shape {matrix.shape}; it is a matrix of 1 to {MOST} rows and columns"
        )
    matrix.flags.writeable = False
    return matrix


def _require_covariance(matrix: Numbers, name: str, *, definite: bool) -> None:
    scale = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > LOPSIDED * scale:
        raise ValueError(f"{name} is not symmetric, as a covariance is: {matrix.tolist()}")
    least = np.linalg.eigvalsh(matrix).min()
    if least < -LOPSIDED * scale or (definite and least <= 0):
        kind = "positive definite" if definite else "positive or 0"
        raise ValueError(f"{name} must be {kind}; its smallest eigenvalue is {least:.3g}")


def _turned(matrix: Numbers) -> Numbers:
    return np.swapaxes(matrix, -1, -2)


def _symmetric(matrix: Numbers) -> Numbers:
    return (matrix + _turned(matrix)) / 2

"""Noise as cameras make it, to try a remedy on: random, but the same again for the same seed."""

from __future__ import annotations  # help() says AnyImage, not what it stands for

from typing import TYPE_CHECKING

import cv2
import numpy as np

from imgkit.capabilities import routine
from imgkit.images import (
    AnyImage,
    as_dtype,
    as_float,
    is_tensor,
    require_image,
    require_seed,
    require_within,
)

if TYPE_CHECKING:
    import torch

Seed = int | np.random.Generator


@routine(float32=1e-6, float64=1e-15)
def gaussian_noise(image: AnyImage, *, sigma: float, seed: Seed) -> AnyImage:
    """Add noise with a bell-shaped law, as a sensor's electronics do.

    ``out = image + sigma * n``, a number n from the normal law for every value

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    sigma : standard deviation of the noise, a fraction of full scale, 0..1000
    seed : a whole number: the same one gives the same noise again. Or a NumPy generator, which
        goes on: for many images make one ``np.random.default_rng(0)`` and hand it to each call, or
        they will all get the same noise.

    Returns
    -------
    Same shape and dtype; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError
        If sigma or seed is out of range, or a float image leaves 0..1.
    TypeError
        If seed is neither a whole number nor a NumPy generator, or the image has another dtype.

    Notes
    -----
    Clipping makes the noise smaller near black and white; where its law matters, keep 4 sigma away
    from both. For a seed all dtypes get the same noise, drawn in float32. A tensor's noise comes
    from torch's generator on its own device: other numbers of the same law, and other ones on
    other devices. The tolerance is that of the arithmetic. Gradients flow where nothing is clipped.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.2.

    Examples
    --------
    >>> grey = np.full((200, 300), 0.5)
    >>> noisy = gaussian_noise(grey, sigma=0.1, seed=0)
    >>> f"{noisy.mean():.2f} {noisy.std():.2f}"
    '0.50 0.10'
    """
    require_image(image, intensities=True, tensor=True)
    require_within(0, 1000, sigma=sigma)
    values = as_float(image)
    noise = _normal(values, seed)
    noise *= float(sigma)
    return as_dtype(values + noise, like=image)


@routine(float32=1e-6, float64=1e-15)
def speckle(image: AnyImage, *, sigma: float, seed: Seed) -> AnyImage:
    """Add noise in proportion to brightness, as radar and ultrasound show it.

    ``out = image * (1 + sigma * n)``, a number n from the normal law for every value

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    sigma : standard deviation of the noise, a fraction of the pixel's own brightness, 0..1000
    seed : a whole number or a NumPy generator, as for :func:`gaussian_noise`

    Returns
    -------
    Same shape and dtype; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError, TypeError
        As :func:`gaussian_noise`.

    Notes
    -----
    What :func:`gaussian_noise` says of clipping, dtypes and engines holds here too.

    References
    ----------
    Jain, Fundamentals of Digital Image Processing, section 8.13.

    Examples
    --------
    >>> halves = np.repeat([[0.0, 0.5]], [300, 300], axis=1).repeat(100, axis=0)  # (100, 600)
    >>> noisy = speckle(halves, sigma=0.2, seed=0)
    >>> f"{noisy[:, :300].std():.2f} {noisy[:, 300:].std():.2f}"
    '0.00 0.10'
    """
    require_image(image, intensities=True, tensor=True)
    require_within(0, 1000, sigma=sigma)
    values = as_float(image)
    gain = _normal(values, seed)
    gain *= float(sigma)
    gain += 1
    return as_dtype(values * gain, like=image)


@routine(float32=1e-6, float64=1e-15, differentiable=False)
def poisson_noise(image: AnyImage, *, photons: float, seed: Seed) -> AnyImage:
    """Count photons: the noise of light itself, strong where there is little of it.

    ``out = k / photons``, with k from the Poisson law of mean ``image * photons``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    photons : what a white pixel collects on average, 1e-6..1e9
    seed : a whole number or a NumPy generator, as for :func:`gaussian_noise`

    Returns
    -------
    Same shape and dtype; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError
        If photons or seed is out of range, or a float image leaves 0..1.
    TypeError
        If seed is neither a whole number nor a NumPy generator, or the image has another dtype.

    Notes
    -----
    The standard deviation is ``sqrt(image / photons)``: a signal-to-noise ratio of
    ``sqrt(image * photons)``. Counts above ``photons`` are clipped, so a white pixel darkens a
    little. scikit-image's ``random_noise`` guesses the photons from the number of different values
    in the image; here you say them. Counting has no gradient.

    References
    ----------
    Szeliski, Computer Vision, 2nd ed., section 2.3.1.

    Examples
    --------
    >>> noisy = poisson_noise(np.full((200, 300), 0.25), photons=100, seed=0)
    >>> f"{noisy.mean():.2f} {noisy.std():.2f}"  # 25 photons, give or take 5
    '0.25 0.05'
    """
    require_image(image, intensities=True, tensor=True)
    require_within(1e-6, 1e9, photons=photons)
    values = as_float(image)
    if is_tensor(image):
        import torch

        mean = values.detach().clamp(min=0) * float(photons)
        return as_dtype(torch.poisson(mean, _torch_generator(image, seed)) / photons, like=image)
    counts = require_seed(seed).poisson(np.maximum(values, 0) * float(photons))
    return as_dtype(np.divide(counts, photons, dtype=values.dtype, casting="same_kind"), like=image)


@routine(float32=1e-6, float64=1e-15)
def salt_and_pepper(image: AnyImage, *, fraction: float, seed: Seed) -> AnyImage:
    """Turn some values black or white, as dead sensor cells and broken bits do.

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    fraction : how likely a value is hit, 0..1; one half of the hits is white and one half black
    seed : a whole number or a NumPy generator, as for :func:`gaussian_noise`

    Returns
    -------
    Same shape and dtype. Each channel of a pixel is hit by itself.

    Raises
    ------
    ValueError
        If fraction or seed is out of range, or a float image leaves 0..1.
    TypeError
        If seed is neither a whole number nor a NumPy generator, or the image has another dtype.

    Notes
    -----
    For a seed the same values are hit in every dtype. A tensor's hits come from torch's generator
    on its own device; gradients flow through the values that were not hit.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.2.

    Examples
    --------
    >>> salt_and_pepper(np.full((2, 6), 100, np.uint8), fraction=0.5, seed=1)
    array([[100, 100, 255, 255,   0,   0],
           [255, 255,   0, 100, 255, 100]], dtype=uint8)
    """
    require_image(image, intensities=True, tensor=True)
    require_within(0, 1, fraction=fraction)
    half = float(fraction) / 2
    if is_tensor(image):
        import torch

        chance = torch.rand(
            image.shape, generator=_torch_generator(image, seed), device=image.device
        )
        spoiled = image.masked_fill(chance < half, 0).masked_fill(chance >= 1 - half, 1)
        return as_dtype(spoiled, like=image)
    chance = require_seed(seed).random(image.shape, dtype=np.float32)
    spoiled = np.array(image, order="C")
    np.putmask(spoiled, chance < half, 0)
    np.putmask(spoiled, chance >= 1 - half, 255 if image.dtype == np.uint8 else 1)
    return spoiled if image.dtype == np.uint8 else as_dtype(spoiled, like=image)


@routine(float32=2e-6, float64=1e-12)
def stripes(
    image: AnyImage, *, amplitude: float, frequency: tuple[float, float], phase: float = 0.0
) -> AnyImage:
    """Add a wave over the whole image, as electrical hum does: the simplest periodic noise.

    ``out[r, c] = image[r, c] + amplitude * sin(2 pi (fr * r + fc * c) + phase)``

    Parameters
    ----------
    image : array (H, W) or (H, W, C), or tensor (..., H, W); floats in 0..1
    amplitude : height of the wave, a fraction of full scale, -1000..1000
    frequency : ``(fr, fc)``, cycles per pixel along rows and along columns, each -0.5..0.5;
        ``(0.1, 0)`` gives level stripes that repeat every 10 rows
    phase : where the wave stands at pixel (0, 0), in radians, -1000..1000

    Returns
    -------
    Same shape and dtype; clipped to full scale, uint8 rounded.

    Raises
    ------
    ValueError
        If an option is out of range, or a float image leaves 0..1.
    TypeError
        If an option is not a number, or the image has another dtype.

    Notes
    -----
    Nothing is random here: both engines give the same. Waves beyond half a cycle per pixel would
    look like slower ones, so they are refused.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 4th ed., section 5.2.

    Examples
    --------
    >>> stripes(np.full((1, 6), 0.5), amplitude=0.2, frequency=(0, 0.25)).round(3)
    array([[0.5, 0.7, 0.5, 0.3, 0.5, 0.7]])
    """
    require_image(image, intensities=True, tensor=True)
    require_within(-1000, 1000, amplitude=amplitude, phase=phase)
    if not isinstance(frequency, tuple | list | np.ndarray) or len(frequency) != 2:
        raise TypeError(f"frequency must be two numbers (rows, columns), got {frequency!r}")
    require_within(-0.5, 0.5, **{"frequency[0]": frequency[0], "frequency[1]": frequency[1]})
    values = as_float(image)
    tensor = is_tensor(image)
    h, w = image.shape[-2:] if tensor else image.shape[:2]
    down = 2 * np.pi * float(frequency[0]) * np.arange(h) + float(phase)
    along = 2 * np.pi * float(frequency[1]) * np.arange(w)
    # sin(a + b) = sin a cos b + cos a sin b: a product of two thin matrices
    rows = float(amplitude) * np.stack([np.sin(down), np.cos(down)], axis=1)  # (h, 2)
    columns = np.stack([np.cos(along), np.sin(along)])  # (2, w)
    if tensor:
        import torch

        like = {"dtype": image.dtype, "device": image.device}
        wave = torch.as_tensor(rows, **like) @ torch.as_tensor(columns, **like)
    else:
        columns = np.repeat(columns, image.size // (h * w), axis=1)
        wave = (rows.astype(values.dtype) @ columns.astype(values.dtype)).reshape(image.shape)
    return as_dtype(values + wave, like=image)


# --- seeds and draws ------------------------------------------------------------------------------


def _normal(values: AnyImage, seed: Seed) -> AnyImage:
    """Numbers from the normal law, of an image's shape; in float32 they are the same for all."""
    if is_tensor(values):
        import torch

        generator = _torch_generator(values, seed)
        draws = torch.randn(values.shape, generator=generator, device=values.device)
        return draws.to(values.dtype)
    # Box and Muller's way, three times as quick as NumPy's own: two even numbers make a point in
    # the plane whose two coordinates are normal. It ends at 5.8 sigma, beyond which lies one of
    # 100 million.
    half = (values.size + 1) // 2
    radius, angle = require_seed(seed).random((2, 1, half), dtype=np.float32)
    np.subtract(1, radius, out=radius)
    cv2.log(radius, dst=radius)
    np.sqrt(np.multiply(radius, -2, out=radius), out=radius)
    angle *= 2 * np.pi
    draws = np.concatenate(cv2.polarToCart(radius, angle), axis=None)
    return draws[: values.size].reshape(values.shape)


def _torch_generator(image: torch.Tensor, seed: Seed) -> torch.Generator:
    """A generator where the image lies; a NumPy generator draws its seed."""
    import torch

    rng = require_seed(seed)
    number = int(rng.integers(2**63) if rng is seed else seed)
    return torch.Generator(image.device).manual_seed(number)

"""Images from files and into files."""

from __future__ import annotations  # help() says Image, not what it stands for

import os
from pathlib import Path

import cv2
import numpy as np

from imgkit.images.arrays import Image, as_float, as_uint8, require_image
from imgkit.places import write_whole

_LZW = [cv2.IMWRITE_TIFF_COMPRESSION, 5]  # else OpenCV 4.11 writes colour floats as LogLuv, lossy

# the suffixes that write knows, with OpenCV's settings
SUFFIXES = {
    ".png": [],
    ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95],
    ".jpeg": [cv2.IMWRITE_JPEG_QUALITY, 95],
    ".tif": _LZW,
    ".tiff": _LZW,
    ".webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # above 100: lossless
    ".bmp": [],
}


def read(path: str | os.PathLike) -> Image:
    """Read an image file: png, jpg, tif, webp, bmp.

    Parameters
    ----------
    path : the file. What it is, its content says, not its name.

    Returns
    -------
    (H, W) for a grey file and (H, W, 3), RGB, for a colour file. 8 bits come as uint8; 16 bits as
    float32 in 0..1; a floating point tif as it is.

    Transparency is laid over white, as on a page. A photograph is turned upright as its EXIF
    orientation says. Of several pages or frames, the first is read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not an image, or only half of one.

    Examples
    --------
    >>> read("nowhere.png")
    Traceback (most recent call last):
    FileNotFoundError: there is no file nowhere.png
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    data = np.frombuffer(path.read_bytes(), np.uint8)
    pixels = None
    if data[:3].tobytes() != b"\xff\xd8\xff":  # a JPEG knows no transparency
        pixels = _decoded(data, cv2.IMREAD_UNCHANGED, path)
    if pixels is None or pixels.ndim == 2 or pixels.shape[2] != 4:
        # unlike UNCHANGED these flags turn a photograph upright
        pixels = _decoded(data, cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH, path)
        image = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])
        return image if image.dtype == np.uint8 else as_float(image)
    return _over_white(pixels, grey=_is_grey_png(data))


def _decoded(data: np.ndarray, flags: int, path: Path) -> np.ndarray:
    try:
        pixels = cv2.imdecode(data, flags) if data.size else None
    except cv2.error as error:  # a size beyond OpenCV's limits
        raise ValueError(f"{path} cannot be read as an image: {error.err}") from None
    if pixels is None:
        raise ValueError(f"{path} is not an image, or is cut off: imgkit reads png, jpg, tif, webp")
    return pixels


def _over_white(bgra: np.ndarray, *, grey: bool) -> Image:
    values = as_float(bgra)
    alpha = values[..., 3:]
    rgb = values[..., 2::-1] * alpha + (1 - alpha)
    image = rgb[..., 0] if grey else rgb
    return as_uint8(image) if bgra.dtype == np.uint8 else np.ascontiguousarray(image)


def _is_grey_png(data: np.ndarray) -> bool:
    """Whether a PNG's header says grey with alpha, which OpenCV decodes as colour."""
    return data[:4].tobytes() == b"\x89PNG" and data[25] == 4


def write(path: str | os.PathLike, image: Image) -> None:
    """Write an image file; the suffix says which kind.

    Parameters
    ----------
    path : ends in .png, .webp, .bmp (exact), .jpg (quality 95) or .tif. The folder must be there;
        a file that is there is replaced whole, or not at all.
    image : array (H, W) or (H, W, 3), RGB; floats in 0..1, rounded to 8 bits. A .tif keeps floats
        as they are, any finite value: the place for derivatives and other signed results.

    Raises
    ------
    ValueError
        If the suffix is unknown, the image has other channels than 1 or 3, or leaves 0..1.
    FileNotFoundError
        If the folder does not exist.

    Examples
    --------
    >>> write("photo.xyz", np.zeros((2, 2), np.uint8))
    Traceback (most recent call last):
    ValueError: photo.xyz: imgkit writes .png, .jpg, .jpeg, .tif, .tiff, .webp, .bmp
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"{path}: imgkit writes {', '.join(SUFFIXES)}")
    require_image(image, channels=(1, 3))
    if not suffix.startswith(".tif"):
        image = as_uint8(image)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} into")
    bgr = image if image.ndim == 2 else image[..., ::-1]
    done, data = cv2.imencode(suffix, np.ascontiguousarray(bgr), SUFFIXES[suffix])
    if not done:
        raise ValueError(f"{path}: an image of shape {image.shape} does not fit into {suffix}")
    write_whole(path, data.tobytes())

"""How good a result is, in numbers.

- ``metrics.quality``: an image against the true one: :func:`mse`, :func:`psnr`, :func:`ssim`,
  :func:`ms_ssim`

Two arrays give one number, the mean over all pixels and channels. Two tensors ``(..., H, W)`` give
one number for each plane, a tensor ``(...)``: every leading axis is a batch, channels too.
"""

from imgkit.metrics.quality import ms_ssim, mse, psnr, ssim

__all__ = ["ms_ssim", "mse", "psnr", "ssim"]

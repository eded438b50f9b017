"""Brighter, darker, steeper: what becomes of a value, whatever its neighbours, and of a histogram.

- curves: :func:`gamma`, :func:`rescale`
- histograms: :func:`histogram`, :func:`equalize`, :func:`match_histogram`
- curves that change over the image: :func:`clahe`

Where a routine treats colour as one thing, a tensor is ``(..., C, H, W)``, else ``(..., H, W)``.
"""

from imgkit.contrast.adaptive import clahe
from imgkit.contrast.curves import gamma, rescale
from imgkit.contrast.histograms import equalize, histogram, match_histogram

__all__ = ["clahe", "equalize", "gamma", "histogram", "match_histogram", "rescale"]

"""Images as sums of waves: look at them, filter them, mend and resize images by them.

Frequencies are in cycles per pixel, ``(rows, columns)`` where there are two: a wave that repeats
every 8 pixels down the rows has (0.125, 0). An image of pixels holds 0..0.5 along each axis. The
cutoffs of filters are radial, ``sqrt(rows² + columns²)``.

A filter in the frequency domain takes the image for one period of an endless pattern; ``mode`` says
which, ``mirror`` unless told. Here for a row ``a b c d``:

======  ===========================  ======================  =====================================
mode    the pattern                  transform               in words
======  ===========================  ======================  =====================================
mirror  d c b | a b c d | c b a      cosine transform I      reflected about the edge pixel
reflect c b a | a b c d | d c b      cosine transform II     reflected about the edge itself
wrap    b c d | a b c d | a b c      Fourier transform       the image begins again
======  ===========================  ======================  =====================================

``wrap`` is what textbooks and other libraries compute. It joins the left edge to the right and the
top to the bottom, so that brightness leaks from one to the other.
"""

from imgkit.frequency.filters import band_pass, high_pass, low_pass
from imgkit.frequency.notches import notch
from imgkit.frequency.periodic import remove_periodic_noise
from imgkit.frequency.resampling import resample
from imgkit.frequency.views import spectrum

__all__ = [
    "band_pass",
    "high_pass",
    "low_pass",
    "notch",
    "remove_periodic_noise",
    "resample",
    "spectrum",
]

"""What stands out in an image: edges, corners, lines, keypoints, texture, and where it is again.

Points are ``(N, 2)`` arrays of (row, column), boxes ``(row0, column0, row1, column1)``, half-open.

- ``features.edges``: :func:`canny`
- ``features.corners``: :func:`harris` and :func:`shi_tomasi`, responses; ``features.fast``:
  :func:`fast`, points
- ``features.peaks``: :func:`peaks` of any response, :func:`subpixel` corners
- ``features.hough``: :func:`hough_lines`; ``features.segments``: :func:`hough_segments`
- ``features.circles``: :func:`hough_circles`; ``features.ellipses``: :func:`hough_ellipses`
"""

from imgkit.features.blobs import Blobs, blobs_dog, blobs_log
from imgkit.features.circles import Circles, hough_circles
from imgkit.features.cooccurrence import Haralick, glcm, haralick
from imgkit.features.corners import harris, shi_tomasi
from imgkit.features.edges import canny
from imgkit.features.ellipses import Ellipses, hough_ellipses
from imgkit.features.faces import faces
from imgkit.features.fast import fast
from imgkit.features.hog import hog, hog_picture
from imgkit.features.hough import Lines, hough_lines
from imgkit.features.integral import box_sums, integral
from imgkit.features.keypoints import Keypoints, orb, sift
from imgkit.features.matching import match
from imgkit.features.peaks import peaks, subpixel
from imgkit.features.segments import hough_segments
from imgkit.features.templates import match_template
from imgkit.features.texture import lbp
from imgkit.features.windows import pyramid, sliding_windows

__all__ = [
    "Blobs",
    "Circles",
    "Ellipses",
    "Haralick",
    "Keypoints",
    "Lines",
    "blobs_dog",
    "blobs_log",
    "box_sums",
    "canny",
    "faces",
    "fast",
    "glcm",
    "haralick",
    "harris",
    "hog",
    "hog_picture",
    "hough_circles",
    "hough_ellipses",
    "hough_lines",
    "hough_segments",
    "integral",
    "lbp",
    "match",
    "match_template",
    "orb",
    "peaks",
    "pyramid",
    "shi_tomasi",
    "sift",
    "sliding_windows",
    "subpixel",
]

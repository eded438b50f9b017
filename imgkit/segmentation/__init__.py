"""Which pixels belong together: thresholds, morphology, labels, regions and their measurements.

A **mask** is a bool array ``(H, W)``; **labels** are int32 ``(H, W)``, 0 is background, objects are
1, 2, ... A **threshold** lies on the image's own scale (0..255 for uint8), so that
``image > otsu(image)`` is a mask; parameters that are brightness stay fractions of full scale.

- ``segmentation.thresholds``: :func:`otsu`, :func:`multi_otsu`, :func:`li`, :func:`triangle`
- ``segmentation.local_thresholds``: :func:`adaptive`, :func:`sauvola`, :func:`niblack`
- ``segmentation.hysteresis``: :func:`hysteresis`
- ``segmentation.growing``: :func:`flood`, :func:`grow`
- ``segmentation.clustering``: :func:`kmeans` and :func:`mean_shift`, by colour
- ``segmentation.superpixels``: :func:`slic` and :func:`felzenszwalb`
- ``segmentation.graphs``: :func:`grabcut` and :func:`random_walker`
- ``segmentation.contours``: :func:`active_contour` and :func:`chan_vese`
- ``segmentation.labels``: :func:`label`, :func:`relabel`, :func:`distance_transform`
- ``segmentation.regions``: :func:`regions`, which measures them into a :class:`Table`
- ``segmentation.watershed``: :func:`watershed`
- ``segmentation.pictures``: :func:`paint` and :func:`outline`
- ``segmentation.footprints``: :func:`disk`, :func:`diamond`, :func:`rectangle`
- ``segmentation.morphology``: :func:`erode`, :func:`dilate`, :func:`open`, :func:`close`, and what
  they take away: :func:`top_hat`, :func:`black_hat`, :func:`gradient`
- ``segmentation.binary``: :func:`fill_holes`, :func:`remove_small`, :func:`convex_hull`,
  :func:`skeletonize`
- ``segmentation.reconstruction``: :func:`reconstruct`, :func:`h_maxima`, :func:`h_minima`
"""

from imgkit.segmentation.binary import convex_hull, fill_holes, remove_small, skeletonize
from imgkit.segmentation.clustering import kmeans, mean_shift
from imgkit.segmentation.contours import active_contour, chan_vese
from imgkit.segmentation.footprints import diamond, disk, rectangle
from imgkit.segmentation.graphs import grabcut, random_walker
from imgkit.segmentation.growing import flood, grow
from imgkit.segmentation.hysteresis import hysteresis
from imgkit.segmentation.labels import distance_transform, label, relabel
from imgkit.segmentation.local_thresholds import adaptive, niblack, sauvola
from imgkit.segmentation.morphology import black_hat, close, dilate, erode, gradient, open, top_hat
from imgkit.segmentation.pictures import outline, paint
from imgkit.segmentation.reconstruction import h_maxima, h_minima, reconstruct
from imgkit.segmentation.regions import regions
from imgkit.segmentation.superpixels import felzenszwalb, slic
from imgkit.segmentation.table import Table
from imgkit.segmentation.thresholds import li, multi_otsu, otsu, triangle
from imgkit.segmentation.watershed import watershed

__all__ = [
    "Table",
    "active_contour",
    "adaptive",
    "black_hat",
    "chan_vese",
    "close",
    "convex_hull",
    "diamond",
    "dilate",
    "disk",
    "distance_transform",
    "erode",
    "felzenszwalb",
    "fill_holes",
    "flood",
    "grabcut",
    "gradient",
    "grow",
    "h_maxima",
    "h_minima",
    "hysteresis",
    "kmeans",
    "label",
    "li",
    "mean_shift",
    "multi_otsu",
    "niblack",
    "open",
    "otsu",
    "outline",
    "paint",
    "random_walker",
    "reconstruct",
    "rectangle",
    "regions",
    "relabel",
    "remove_small",
    "sauvola",
    "skeletonize",
    "slic",
    "top_hat",
    "triangle",
    "watershed",
]

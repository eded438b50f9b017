"""Which pixels belong together: thresholds, morphology, labels, regions and their measurements.

A **mask** is a bool array ``(H, W)``; **labels** are int32 ``(H, W)``, 0 is background, objects are
1, 2, ... A **threshold** lies on the image's own scale (0..255 for uint8), so that
``image > otsu(image)`` is a mask; parameters that are brightness stay fractions of full scale.
"""

__all__: list[str] = []

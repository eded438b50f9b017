"""How good a result is, in numbers.

- ``metrics.quality``: an image against the true one: :func:`mse`, :func:`psnr`, :func:`ssim`,
  :func:`ms_ssim`
- ``metrics.classification``: labels against true ones: :func:`confusion`, :func:`accuracy`,
  :func:`precision`, :func:`recall`, :func:`f1`
- ``metrics.curves``: scores at every threshold: :func:`roc`, :func:`roc_auc`, :func:`pr`,
  :func:`average_precision`
- ``metrics.calibration``: whether a classifier is as sure as it is right: :func:`reliability`,
  :func:`calibration_error`, :func:`brier_score`, :func:`log_loss`, :func:`softmax`,
  :func:`fit_temperature`
- ``metrics.boxes``: detected boxes: :func:`box_iou`, :func:`nms`, :func:`detection_ap`
- ``metrics.losses``: what networks are trained on: :func:`dice_loss`, :func:`iou_loss`,
  :func:`focal_loss`
- ``metrics.overlap``: a mask against the true one: :func:`dice`, :func:`iou`, :func:`boundary_f1`
- ``metrics.objects``: label images against true ones, object by object: :func:`match_objects`,
  :func:`object_f1`, :func:`object_ap`, :func:`panoptic_quality`, :func:`adapted_rand`
- ``metrics.tracking``: tracks against true ones, frame by frame: :func:`tracking_quality`
- ``metrics.intervals``: how sure a number is: :func:`interval`, :func:`wilson`,
  :func:`clopper_pearson`, :func:`student_t`, :func:`bootstrap`
- ``metrics.comparisons``: whether one method is better than another: :func:`compare`,
  :func:`mcnemar`, :func:`paired_t`, :func:`permutation`, :func:`holm`

The result comes first, the truth second. Of images and masks, two arrays give one number, for
images the mean over all pixels and channels; two tensors ``(..., H, W)`` give one for each plane, a
tensor ``(...)``: every leading axis is a batch, channels too.
"""

from imgkit.metrics.boxes import box_iou, detection_ap, nms
from imgkit.metrics.calibration import (
    Reliability,
    brier_score,
    calibration_error,
    fit_temperature,
    log_loss,
    reliability,
    softmax,
)
from imgkit.metrics.classification import accuracy, confusion, f1, precision, recall
from imgkit.metrics.comparisons import (
    Comparison,
    compare,
    holm,
    mcnemar,
    paired_t,
    permutation,
)
from imgkit.metrics.curves import (
    PrecisionRecallCurve,
    RocCurve,
    average_precision,
    pr,
    roc,
    roc_auc,
)
from imgkit.metrics.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    interval,
    student_t,
    wilson,
)
from imgkit.metrics.losses import dice_loss, focal_loss, iou_loss
from imgkit.metrics.objects import (
    AdaptedRand,
    Matching,
    PanopticQuality,
    adapted_rand,
    match_objects,
    object_ap,
    object_f1,
    panoptic_quality,
)
from imgkit.metrics.overlap import boundary_f1, dice, iou
from imgkit.metrics.quality import ms_ssim, mse, psnr, ssim
from imgkit.metrics.tracking import TrackingQuality, tracking_quality

__all__ = [
    "AdaptedRand",
    "Comparison",
    "Interval",
    "Matching",
    "PanopticQuality",
    "PrecisionRecallCurve",
    "Reliability",
    "RocCurve",
    "TrackingQuality",
    "accuracy",
    "adapted_rand",
    "average_precision",
    "bootstrap",
    "boundary_f1",
    "box_iou",
    "brier_score",
    "calibration_error",
    "clopper_pearson",
    "compare",
    "confusion",
    "detection_ap",
    "dice",
    "dice_loss",
    "f1",
    "fit_temperature",
    "focal_loss",
    "holm",
    "interval",
    "iou",
    "iou_loss",
    "log_loss",
    "match_objects",
    "mcnemar",
    "ms_ssim",
    "mse",
    "nms",
    "object_ap",
    "object_f1",
    "paired_t",
    "panoptic_quality",
    "permutation",
    "pr",
    "precision",
    "psnr",
    "recall",
    "reliability",
    "roc",
    "roc_auc",
    "softmax",
    "ssim",
    "student_t",
    "tracking_quality",
    "wilson",
]

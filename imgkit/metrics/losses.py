"""What networks are trained on where masks are rare or small: Dice, IoU and focal loss.

All take logits, the raw output of a network, as torch tensors, and what is true of every pixel:

- two classes: ``logits (N, H, W)`` and ``truth`` of the same shape, bool or 0..1; the probability
  is ``sigmoid(logits)``. ``(N, C, H, W)`` with a truth of that shape is C such questions at once.
- C classes of which one is true: ``logits (N, C, H, W)`` and ``truth (N, H, W)``, class numbers
  from 0 on; the probabilities are ``softmax(logits, dim=1)``.

They run on any device, gradients flow to the logits, and logits of ±100 are fine in float32.
``reduction`` has torch's words: ``mean``, ``sum``, ``none``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from imgkit.images import is_tensor, require_choice, require_number

if TYPE_CHECKING:
    import torch

Reduction: TypeAlias = Literal["mean", "sum", "none"]
REDUCTIONS = ("mean", "sum", "none")
LARGEST_GAMMA = 100


def dice_loss(
    logits: torch.Tensor,
    truth: torch.Tensor,
    *,
    smooth: float = 1.0,
    reduction: Reduction = "mean",
) -> torch.Tensor:
    """One less the soft Dice coefficient: ``1 - (2 sum(p t) + s) / (sum(p) + sum(t) + s)``.

    The sums run over the pixels of one plane, so a small object counts as much as a large one.

    Parameters
    ----------
    logits : tensor (..., H, W), float32 or float64; for C classes (N, C, H, W)
    truth : tensor of the same shape, bool or 0..1; for C classes (N, H, W), whole numbers
    smooth : s, at least 0, in pixels: it rounds the loss off where there is little to find
    reduction : ``mean`` and ``sum`` over all planes; ``none``: a loss for each

    Returns
    -------
    A tensor of rank 0; with ``none`` (...), or (N, C): one loss for each image and class, the
    background's too. In 0..1, and 0 if nothing is true and nothing was predicted.

    Raises
    ------
    TypeError
        If logits or truth are no tensors, of another dtype, or on different devices.
    ValueError
        If shapes do not fit, logits are not finite, or the truth is out of range.

    Notes
    -----
    With sure logits and ``smooth=0`` it is ``1 - dice(mask, truth)``. A plane in which nothing is
    true gives ``sum(p) / (sum(p) + s)``: it asks for small probabilities, and with ``smooth=0`` it
    is 1 and asks for nothing.

    References
    ----------
    Milletari, Navab and Ahmadi, "V-Net: fully convolutional neural networks for volumetric medical
    image segmentation", 3DV 2016, which squares p and t in the denominator; here as in Drozdzal et
    al., "The importance of skip connections in biomedical image segmentation", 2016.

    Examples
    --------
    >>> import torch
    >>> truth = torch.tensor([[[True, True, False, False]]])
    >>> float(dice_loss(torch.zeros(1, 1, 4), truth, smooth=0))  # every probability is 0.5
    0.5
    >>> round(float(dice_loss(torch.where(truth, 50.0, -50.0), truth)), 6)
    0.0
    """
    shared, apart = _sums(logits, truth, smooth)
    return _reduced(_ratio(apart, 2 * shared + apart + smooth), reduction)


def iou_loss(
    logits: torch.Tensor,
    truth: torch.Tensor,
    *,
    smooth: float = 1.0,
    reduction: Reduction = "mean",
) -> torch.Tensor:
    """One less the soft intersection over union (Jaccard index).

    ``1 - (sum(p t) + s) / (sum(p) + sum(t) - sum(p t) + s)``, summed over the pixels of one plane.

    Parameters
    ----------
    logits : tensor (..., H, W), float32 or float64; for C classes (N, C, H, W)
    truth : tensor of the same shape, bool or 0..1; for C classes (N, H, W), whole numbers
    smooth : s, at least 0, in pixels: it rounds the loss off where there is little to find
    reduction : ``mean`` and ``sum`` over all planes; ``none``: a loss for each

    Returns
    -------
    A tensor of rank 0; with ``none`` (...), or (N, C): one loss for each image and class, the
    background's too. In 0..1, and 0 if nothing is true and nothing was predicted.

    Raises
    ------
    TypeError, ValueError
        As :func:`dice_loss`.

    Notes
    -----
    With sure logits and ``smooth=0`` it is ``1 - iou(mask, truth)``. With ``smooth=0`` and a Dice
    loss D it is ``2 D / (1 + D)``: the same order, a steeper slope near 0.

    References
    ----------
    Rahman and Wang, "Optimizing intersection-over-union in deep neural networks for image
    segmentation", ISVC 2016.

    Examples
    --------
    >>> import torch
    >>> truth = torch.tensor([[[True, True, False, False]]])
    >>> round(float(iou_loss(torch.zeros(1, 1, 4), truth, smooth=0)), 4)
    0.6667
    """
    shared, apart = _sums(logits, truth, smooth)
    return _reduced(_ratio(apart, shared + apart + smooth), reduction)


def focal_loss(
    logits: torch.Tensor,
    truth: torch.Tensor,
    *,
    gamma: float = 2.0,
    alpha: float | Sequence[float] | None = None,
    reduction: Reduction = "mean",
) -> torch.Tensor:
    """Cross-entropy in which easy pixels count less: ``-(1 - p)^gamma log(p)``, p of what is true.

    With gamma 2, a pixel that is right with 90 % counts a hundredth: the many easy ones no longer
    drown the few hard ones.

    Parameters
    ----------
    logits : tensor (N, ...), float32 or float64; for C classes (N, C, ...)
    truth : tensor of the same shape, bool or 0..1; for C classes (N, ...), whole numbers
    gamma : 0 to 100; 0 is cross-entropy
    alpha : weights against rare classes: for two, that of the positive one in 0..1, the other has
        ``1 - alpha``; for C classes a sequence of C weights. None: all count the same.
    reduction : ``mean`` and ``sum`` over all pixels; ``none``: a loss for each

    Returns
    -------
    A tensor of rank 0; with ``none`` one of the truth's shape.

    Raises
    ------
    TypeError
        If logits or truth are no tensors, of another dtype, or on different devices.
    ValueError
        If shapes do not fit, logits are not finite, truth or gamma are out of range,
        or alpha does not fit.

    Notes
    -----
    A mean divides by the number of pixels, whatever alpha. Where the truth is a fraction t, it is
    ``t`` times the loss of a positive and ``1 - t`` times that of a negative. torchvision's
    ``sigmoid_focal_loss`` has two classes only, ``alpha=0.25`` and ``reduction="none"`` unless
    told; its ``alpha=-1`` is None here.

    References
    ----------
    Lin, Goyal, Girshick, He and Dollár, "Focal loss for dense object detection", ICCV 2017.

    Examples
    --------
    >>> import torch
    >>> logits, truth = torch.tensor([[2.0, 2.0]]), torch.tensor([[True, False]])
    >>> focal_loss(logits, truth, reduction="none")
    tensor([[0.0018, 1.6501]])
    """
    require_number(gamma=gamma)
    if not 0 <= gamma <= LARGEST_GAMMA:
        raise ValueError(f"gamma must lie in 0..{LARGEST_GAMMA}, got {gamma!r}")
    many = _require_pair(logits, truth, planes=False)
    weights = _class_weights(alpha, logits) if many else _two_weights(alpha, logits)
    if truth.dtype.is_floating_point:
        negative, positive = weights
        losses = positive * truth * _focal(logits, gamma)
        losses = losses + negative * (1 - truth) * _focal(-logits, gamma)
    else:
        index = truth.long()
        margin = _margin(logits, index) if many else logits.where(index == 1, -logits)
        losses = weights[index] * _focal(margin, gamma)
    return _reduced(losses.to(logits.dtype), reduction)


def _focal(margin: torch.Tensor, gamma: float) -> torch.Tensor:
    """Of a probability ``p = sigmoid(margin)``; ``(1 - p)^gamma`` is safe as a power of e."""
    from torch.nn.functional import logsigmoid

    return -(gamma * logsigmoid(-margin)).exp() * logsigmoid(margin)


def _margin(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """By how much the true logit exceeds all others together: p of softmax is its sigmoid."""
    index = classes.unsqueeze(1)
    ahead = logits - logits.gather(1, index)
    return -ahead.scatter(1, index, -float("inf")).logsumexp(1)


def _sums(
    logits: torch.Tensor, truth: torch.Tensor, smooth: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each plane what p and t share, ``sum(p t)``, and what only one of them has."""
    require_number(smooth=smooth)
    if smooth < 0:
        raise ValueError(f"smooth must be at least 0, got {smooth!r}")
    if _require_pair(logits, truth, planes=True):
        p = logits.softmax(1)
        t = p.new_zeros(p.shape).scatter(1, truth.long().unsqueeze(1), 1)
    else:
        p, t = logits.sigmoid(), truth.to(logits.dtype)
    shared = p * t
    return shared.sum((-2, -1)), (p + t - 2 * shared).sum((-2, -1))


def _ratio(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """``part / whole``, and 0 where there is nothing at all."""
    import torch

    return part / whole.clamp(min=torch.finfo(whole.dtype).tiny)


def _reduced(losses: torch.Tensor, reduction: Reduction) -> torch.Tensor:
    require_choice(REDUCTIONS, reduction=reduction)
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def _two_weights(alpha: object, logits: torch.Tensor) -> torch.Tensor:
    """(2,), of negatives and of positives."""
    if alpha is None:
        return logits.new_ones(2)
    require_number(alpha=alpha)
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha must lie in 0..1, got {alpha!r}")
    return logits.new_tensor([1 - alpha, alpha])


def _class_weights(alpha: object, logits: torch.Tensor) -> torch.Tensor:
    """(C,), of each class."""
    count = logits.shape[1]
    weights = [1.0] * count if alpha is None else alpha
    if not isinstance(weights, list | tuple) or len(weights) != count:
        raise ValueError(f"alpha must be a list of {count} weights, one a class, got {alpha!r}")
    for weight in weights:
        require_number(alpha=weight)
    return logits.new_tensor(weights)


def _require_pair(logits: object, truth: object, *, planes: bool) -> bool:
    """The gate. Whether the truth names one of C classes, or answers yes or no everywhere."""
    for name, tensor in {"logits": logits, "truth": truth}.items():
        if not is_tensor(tensor):
            raise TypeError(
                f"{name} is of type {type(tensor).__name__}; a loss takes torch tensors: "
                f"use torch.as_tensor({name})"
            )
    if _kind(logits) not in ("float32", "float64"):
        raise TypeError(
            f"logits is a tensor of {_kind(logits)}; a loss takes float32 or float64: "
            "use logits.float()"
        )
    if logits.device != truth.device:
        raise TypeError(
            f"logits is on {logits.device} and truth on {truth.device}: use truth.to(logits.device)"
        )
    classes = _one_of_many(tuple(logits.shape), tuple(truth.shape), planes)
    if not logits.detach().isfinite().all():
        raise ValueError("logits has values that are NaN or infinite: see torch.isfinite(logits)")
    _require_truth(truth, logits.shape[1] if classes else None)
    return classes


def _one_of_many(logits: tuple[int, ...], truth: tuple[int, ...], planes: bool) -> bool:
    """What the two shapes say."""
    if len(logits) < (2 if planes else 1) or 0 in logits:
        wanted = "(..., H, W)" if planes else "(N, ...)"
        raise ValueError(f"logits has shape {logits}; this takes {wanted}, and not an empty one")
    if truth == logits:
        return False
    several = len(logits) >= (4 if planes else 2) and logits[1] > 1
    if several and truth == (logits[0], *logits[2:]):
        return True
    classes = f", or {(logits[0], *logits[2:])} with class numbers" if several else ""
    raise ValueError(
        f"logits has shape {logits} and truth {truth}; the truth of these is "
        f"{logits} with yes or no{classes}"
    )


def _require_truth(truth: torch.Tensor, count: int | None) -> None:
    """Values that fit; a class that is not there would stop a GPU for good."""
    if truth.dtype.is_complex or (count and truth.dtype.is_floating_point):
        wanted = "whole numbers, one class a pixel" if count else "bool or 0..1"
        raise TypeError(f"truth is a tensor of {_kind(truth)}; this takes {wanted}")
    if _kind(truth) == "bool":
        return
    low, high = (value.item() for value in truth.detach().aminmax())
    if not (low >= 0 and high <= (count - 1 if count else 1)):
        wanted = f"classes 0 to {count - 1}" if count else "0..1"
        raise ValueError(f"truth has values from {low:g} to {high:g}; this takes {wanted}")


def _kind(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")

"""Where pixels lie: resize, warp, register, and what a camera sees.

Points are ``(N, 2)`` arrays of (row, column). A **matrix** acts on such points and leads from the
input to the output: ``warp_affine(image, M)`` moves what is at p to M p. Angles are in radians, 0
points right and pi/2 down, so a positive rotation is clockwise on the screen.

- ``geometry.resizing``: :func:`resize`
- ``geometry.warps``: :func:`rotate`, :func:`warp_affine`, :func:`warp_perspective`
- ``geometry.remapping``: :func:`remap`, :func:`polar`, :func:`log_polar`
- ``geometry.transforms``: :func:`transform_points`, :func:`homography`, :func:`affine`,
  :func:`similarity`, :func:`fundamental`
- ``geometry.ransac``: :func:`ransac`
- ``geometry.registration``: :func:`phase_correlation`, :func:`ecc`
- ``geometry.panorama``: :func:`panorama`
- ``geometry.cameras``: :class:`Camera`
- ``geometry.calibration``: :func:`find_checkerboard`, :func:`calibrate`
- ``geometry.rectification``: :func:`undistort`, :func:`calibrate_stereo`, :class:`Rig`,
  :func:`rectify`
- ``geometry.stereo``: :func:`disparity`, :func:`depth`
- ``geometry.flow``: :func:`lucas_kanade`, :func:`dense_flow`
- ``geometry.flow_pictures``: :func:`flow_picture`
- ``geometry.kalman``: :class:`Kalman`; ``geometry.tracking``: :class:`Tracker`
- ``geometry.roads``: :func:`birds_eye`, :func:`birds_eye_matrix`, :func:`fit_lane`
"""

from imgkit.geometry.calibration import calibrate, find_checkerboard
from imgkit.geometry.cameras import Camera
from imgkit.geometry.flow import Tracked, dense_flow, lucas_kanade
from imgkit.geometry.flow_pictures import flow_picture
from imgkit.geometry.kalman import Belief, Kalman
from imgkit.geometry.panorama import panorama
from imgkit.geometry.ransac import Consensus, ransac
from imgkit.geometry.rectification import Rectified, Rig, calibrate_stereo, rectify, undistort
from imgkit.geometry.registration import Shift, ecc, phase_correlation
from imgkit.geometry.remapping import log_polar, polar, remap
from imgkit.geometry.resizing import resize
from imgkit.geometry.roads import LaneLine, birds_eye, birds_eye_matrix, fit_lane
from imgkit.geometry.stereo import depth, disparity
from imgkit.geometry.tracking import Tracker, Tracks
from imgkit.geometry.transforms import affine, fundamental, homography, similarity, transform_points
from imgkit.geometry.warps import rotate, warp_affine, warp_perspective

__all__ = [
    "Belief",
    "Camera",
    "Consensus",
    "Kalman",
    "LaneLine",
    "Rectified",
    "Rig",
    "Shift",
    "Tracked",
    "Tracker",
    "Tracks",
    "affine",
    "birds_eye",
    "birds_eye_matrix",
    "calibrate",
    "calibrate_stereo",
    "dense_flow",
    "depth",
    "disparity",
    "ecc",
    "find_checkerboard",
    "fit_lane",
    "flow_picture",
    "fundamental",
    "homography",
    "log_polar",
    "lucas_kanade",
    "panorama",
    "phase_correlation",
    "polar",
    "ransac",
    "rectify",
    "remap",
    "resize",
    "rotate",
    "similarity",
    "transform_points",
    "undistort",
    "warp_affine",
    "warp_perspective",
]

"""OpenCV's operations on 8-bit pixels, typed as what they give: 8-bit pixels."""

from __future__ import annotations

import cv2
import numpy as np

from models.page import Pixels


def scaled(image: Pixels, alpha: float, beta: float = 0.0) -> Pixels:
    """`alpha * image + beta`, made positive and cut off at 255."""
    return np.asarray(cv2.convertScaleAbs(image, alpha=alpha, beta=beta), np.uint8)


def product(one: Pixels, other: Pixels) -> Pixels:
    """Both multiplied, where 255 counts as 1."""
    return np.asarray(cv2.multiply(one, other, scale=1 / 255), np.uint8)


def brighter(one: Pixels, other: Pixels) -> Pixels:
    """The larger value at each place."""
    return np.asarray(cv2.max(one, other), np.uint8)


def blurred(image: Pixels, across: float, down: float = 0.0) -> Pixels:
    """Blurred by a normal curve of these standard deviations, pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigmaX=across, sigmaY=down), np.uint8)


def stretched(image: Pixels, size: tuple[int, int]) -> Pixels:
    """At another size (width, height), smoothly."""
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def merged(channels: list[Pixels]) -> Pixels:
    """Channels beside each other in the last dimension."""
    return np.asarray(cv2.merge(channels), np.uint8)

"""The lens: light is neither made nor lost, near hides far as rays say, and a tilt has no seams."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postfocus.synth.aperture import BLADES, Aperture, kernel
from postfocus.synth.model import Layer, Plane, SceneModel
from postfocus.synth.rays import render_rays
from postfocus.synth.thin_lens import render

W, H, M = 96, 64, 32


def spot(values, sigma, shape):
    """Smooth random picture of a given coarseness."""
    rng = np.random.default_rng(values)
    return cv2.normalize(cv2.GaussianBlur(rng.random(shape, dtype=np.float32), (0, 0), sigma), None, 0, 1, 32)


def scene_of(far: Plane, near: Plane, alpha_kind: str = "bar") -> SceneModel:
    shape = (H + 2 * M, W + 2 * M, 3)
    back = np.dstack([spot(1, 1.6, shape), np.ones(shape[:2], np.float32)])
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    inside = (
        np.abs(x - M - W / 2 - 0.2 * y) < 14 if alpha_kind == "bar" else np.hypot(x - M - 40, y - M - 30) < 18
    )
    alpha = inside.astype(np.float32)[..., None]
    front = np.dstack([spot(2, 1.6, shape) * alpha, alpha])
    layers = (Layer("far", back, -M, -M, far, True), Layer("near", front, -M, -M, near))
    return SceneModel("two", W, H, M, layers, -1.0, 2.0)


@given(
    shape=st.sampled_from(sorted(BLADES)),
    radius=st.floats(-40, 40, allow_nan=False),
    turn=st.floats(0, 360),
)
@settings(deadline=None, max_examples=40)
def test_kernels_keep_the_light_and_have_the_promised_width(shape, radius, turn):
    k = kernel(Aperture(shape, float(round(turn))), radius).astype(float)
    assert k.min() >= 0
    assert k.sum() == pytest.approx(1, abs=1e-5)
    half = len(k) // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    variance = (k * (x * x + y * y)).sum() / 2 - ((k * x).sum() ** 2 + (k * y).sum() ** 2) / 2
    assert variance == pytest.approx(radius * radius / 4, rel=0.05, abs=0.03)


def test_a_point_turns_upside_down_through_the_focus():
    five = Aperture("pentagon", 10)
    np.testing.assert_allclose(kernel(five, 9.0), kernel(five, -9.0)[::-1, ::-1], atol=2e-4)
    assert np.abs(kernel(five, 9.0) - kernel(five, -9.0)).max() > 1e-3


@pytest.mark.parametrize("focus", [0.0, 1.0])
@pytest.mark.parametrize("shape", ["disc", "pentagon"])
def test_two_layers_agree_with_rays_when_one_of_them_is_sharp(focus, shape):
    scene = scene_of(Plane(1.0), Plane(0.0))
    fast = render(scene, focus, 5.0, shape=Aperture(shape))
    exact = render_rays(scene, focus, 5.0, shape=Aperture(shape), rays=700)
    assert np.abs(fast - exact).max() < 0.03
    assert np.abs(fast - exact).mean() < 0.003


def test_two_blurred_layers_stay_close_to_rays():
    scene = scene_of(Plane(1.0), Plane(0.0), "disc")
    fast, exact = render(scene, 0.4, 8.0), render_rays(scene, 0.4, 8.0, rays=500)
    # Not exact: the layered render treats the two blurs as independent.
    assert np.sqrt(np.mean((fast - exact) ** 2)) < 0.01


@pytest.mark.parametrize("tilt", [(0.0, 0.0), (1.2, -0.7)])
def test_a_slanted_layer_agrees_with_rays_and_shows_no_seams(tilt):
    scene = scene_of(Plane(0.6, 0.9, -1.4), Plane(0.1, -0.5, 0.3))
    fast = render(scene, 0.5, 9.0, tilt=tilt)
    exact = render_rays(scene, 0.5, 9.0, tilt=tilt, rays=500)
    assert np.sqrt(np.mean((fast - exact) ** 2)) < 0.012
    white = np.ones((H + 2 * M, W + 2 * M, 4), np.float32)
    flat = SceneModel("white", W, H, M, (Layer("white", white, -M, -M, Plane(0.5, 1.0, -1.5), True),))
    for focus in (0.5, 0.0, -3.0, -8.0):
        assert np.abs(render(flat, focus, 2.0, tilt=tilt) - 1).max() < 0.007


@pytest.mark.parametrize("radius", [3.0, 7.0, 20.0, 30.0])
def test_shrinking_before_a_wide_blur_changes_little(radius):
    scene = scene_of(Plane(1.0), Plane(0.0))
    fast = render(scene, 0.0, radius)
    exact = render_rays(scene, 0.0, radius, rays=1500)
    inner = np.s_[:, :]
    assert np.sqrt(np.mean((fast[inner] - exact[inner]) ** 2)) < 0.012


@given(focus=st.floats(-0.5, 1.5), aperture=st.floats(0, 25))
@settings(deadline=None, max_examples=15)
def test_a_picture_is_finite_and_between_its_darkest_and_brightest(focus, aperture):
    picture = render(scene_of(Plane(1.0), Plane(0.2, 0.3, 0.3)), focus, aperture)
    assert picture.shape == (H, W, 3)
    assert np.isfinite(picture).all()
    assert picture.min() >= -1e-4
    assert picture.max() <= 1.02

"""Colours can be read in both themes: WCAG 2.2 1.4.3 (text, 4.5:1) and 1.4.11 (edges of controls, 3:1)."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

import podatelna.web

CSS = (Path(podatelna.web.__file__).parent / "static" / "podatelna" / "app.css").read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
} | {"on-accent": ("#ffffff", "#ffffff")}
PAPERS = ("paper", "paper-list", "paper-rail", "paper-raised", "paper-sunken", "accent-soft", "note")

TEXT = [
    *product(("ink", "ink-2", "ink-3", "accent", "error"), PAPERS),
    *((name, f"{name}-soft") for name in ("ok", "warn", "error")),
    *(("on-accent", name) for name in ("accent-fill", "accent-fill-2", "error-fill")),
    *(("accent", name) for name in ("accent-soft", "accent-soft-2")),
    ("ink", "mark"),
]
EDGES = [("control", paper) for paper in PAPERS[:5]]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (EDGES, 3.0)], ids=["text", "edges"])
def test_colours_stand_out_from_what_they_stand_on(pairs: list[tuple[str, str]], least: float, theme: int) -> None:
    ratios = {pair: contrast(COLOURS[pair[0]][theme], COLOURS[pair[1]][theme]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_initials_can_be_read_in_every_hue(theme: int) -> None:
    hues = re.findall(
        r"\.hue-\d \{ --hue-soft: light-dark\((#\w+), (#\w+)\); --hue-ink: light-dark\((#\w+), (#\w+)\)", CSS
    )
    assert len(hues) == 8
    assert all(contrast(hue[theme], hue[theme + 2]) >= 4.5 for hue in hues)

"""A page of the site on a phone that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from playwright.sync_api import Browser, expect

from tools.lab import ROOT
from tools.site import example
from tools.site.__main__ import main
from tools.site.frames import LambdaFrame
from tools.site.pages import gallery

ARTIFACTS = ROOT / ".artifacts" / "site"
PHONE = {"width": 375, "height": 800}
SIZES = """all => all.filter(e => e.innerText.trim())
  .map(e => parseFloat(getComputedStyle(e).fontSize))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    example.write(folder)
    assert main([f"--notebooks={folder}", f"--out={folder / 'site'}"]) == 0
    return folder / "site"


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 720}], ids=str)
def test_the_slider_shows_another_lambda_by_keyboard(
    tmp_path: Path, chromium: Browser, size: Any
) -> None:
    wide = '<svg viewBox="0 0 740 360" role="img" aria-label="curves"></svg>'
    values = (("average", "77 %"), ("forgetting", "5 %"), ("learned", "80 %"))
    moving = [
        LambdaFrame(lam, values, 4 * (Markup(wide),), "It fell.", lam == "0.1")
        for lam in ("0", "0.1", "10")
    ]
    (tmp_path / "index.html").write_text(gallery([], moving), encoding="utf-8")
    context = chromium.new_context(viewport=size)
    context.set_offline(True)
    page, heard = context.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    try:
        page.goto((tmp_path / "index.html").as_uri())
        slider, shown = page.get_by_label("λ ="), page.locator(".frame:visible")
        expect(shown).to_have_attribute("data-lam", "0.1")
        for key, lam in (("ArrowRight", "10"), ("Home", "0")):
            slider.press(key)
            expect(shown).to_have_attribute("data-lam", lam)
            expect(slider).to_have_attribute("aria-valuetext", f"λ = {lam}")
            expect(page.locator("#lam-value")).to_have_text(lam)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.locator(".frame:visible svg:visible").count() == 3  # curves once
    finally:
        context.close()
    assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "01_example"])
def test_a_page_on_a_phone_without_a_network(
    site: Path, chromium: Browser, name: str, scheme: str
) -> None:
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme, device_scale_factor=2)
    context.set_offline(True)
    page, heard, asked = context.new_page(), [], []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto((site / f"{name}.html").as_uri())
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}_{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert min(page.locator("p, li, pre, figcaption, td").evaluate_all(SIZES)) >= 14
        pictures = page.locator("img")
        assert pictures.count() > 0
        assert all(pictures.evaluate_all("all => all.map(e => e.naturalWidth > 300)"))
        assert all(pictures.evaluate_all("all => all.map(e => e.clientWidth <= innerWidth)"))
        assert page.locator("math mi").first.bounding_box()["height"] > 0  # type: ignore[index]
    finally:
        context.close()
    assert heard == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []

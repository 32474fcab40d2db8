"""A page of the site on a phone that has no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.lab import ROOT
from tools.site import example
from tools.site.__main__ import main

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

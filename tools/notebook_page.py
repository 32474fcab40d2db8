"""A notebook on a page of JupyterLab: run it, press keys, read what is shown."""

from __future__ import annotations

import json
import re
import time

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

NOISE = ("favicon.ico", "status of 404")  # JupyterLab's own messages, with or without our widgets
SECONDS = 1000  # in milliseconds, as playwright counts
expect.set_options(timeout=20 * SECONDS)


class Notebook:
    """A notebook on a page, and the playground in it."""

    def __init__(self, page: Page) -> None:
        """Keep the page, and what its console says from now on."""
        self.page = page
        self._heard: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._heard.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.append(f"{message.text} {message.location}")

    def complaints(self) -> list[str]:
        """Return the errors in the browser's console, but for JupyterLab's own."""
        return [text for text in self._heard if not any(known in text for known in NOISE)]

    def run_all(self) -> None:
        """Run every cell, and scroll to the top."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator(".lm-Menu").get_by_text("Run All Cells", exact=True).click()
        self.page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()

    def hide_sidebar(self) -> None:
        """Leave the whole width to the notebook."""
        self.page.locator(".jp-Notebook").click(position={"x": 5, "y": 5})
        if self.page.locator("#jp-left-stack").is_visible():
            self.page.keyboard.press("Control+b")
        self.page.locator("#jp-left-stack").wait_for(state="hidden")

    def wait_for_last_cell(self) -> None:
        """Wait until all cells have run, or the first of them has failed."""
        numbers = self.page.locator(".jp-CodeCell .jp-InputArea-prompt")
        finished = numbers.last.filter(has_text=re.compile(r"\[\d+\]:"))
        error = self.page.locator("[data-mime-type='application/vnd.jupyter.error']")
        expect(finished.or_(error).first).to_be_attached(timeout=300 * SECONDS)
        assert error.all_inner_texts() == []

    def switch_theme(self, theme: str) -> None:
        """Switch the theme by the menu: no cell has to run again."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        for name in ("Theme", theme):
            self.page.locator(".lm-Menu").get_by_text(name, exact=True).click()
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)  # it dims the page

    @property
    def pictures(self) -> Locator:
        """Return the playground's curves, matrix and Ω, in this order."""
        return self.page.locator(".mas-playground svg")

    def picture(self, place: int) -> str:
        """Return a picture's SVG: another one whenever the picture changes."""
        return str(self.pictures.nth(place).evaluate("e => e.outerHTML"))

    def changed(self, place: int, before: str, patience: float = 30) -> float:
        """Wait for another picture, patience in seconds; return how long it took."""
        begun = time.monotonic()
        while self.picture(place) == before:
            assert time.monotonic() < begun + patience, "the picture does not change"
            time.sleep(0.01)
        return time.monotonic() - begun

    def count_frames(self, place: int) -> None:
        """Count from now on how often a picture changes, and note when."""
        self.pictures.nth(place).evaluate(COUNT_FRAMES)

    def frames_a_second(self) -> float:
        """Return how often the picture changed a second, from its first change to its last."""
        times = self.page.evaluate("window.masFrames")
        passed = times[-1] - times[0] if len(times) > 1 else 0
        return SECONDS * (len(times) - 1) / passed if passed else 0.0

    def overlaps(self) -> list[str]:
        """Return the pairs of texts in a picture that cover each other, or leave the picture."""
        return list(self.page.evaluate(OVERLAPS))

    def height(self) -> float:
        """Return the height of the playground."""
        return float(self.page.locator(".mas-playground").first.evaluate("e => e.offsetHeight"))

    @property
    def status(self) -> Locator:
        """Return the line that says how training goes."""
        return self.page.locator(".widget-html [role=status]")

    def passes(self, status: Locator, words: str) -> None:
        """Wait until a status line says this, if only for a frame; `expect` looks once a second."""
        line = status.locator("xpath=..").element_handle()  # the line within is written anew
        self.page.wait_for_function(SAYS, arg=[line, words], timeout=20 * SECONDS)

    def finished(self, run: str, patience: int = 30) -> None:
        """Wait until a run has ended, or is recalled, and is shown; patience in seconds."""
        ended = re.compile(rf"{re.escape(run)}.*: (finished|remembered)")
        expect(self.status).to_have_text(ended, timeout=patience * SECONDS)

    def caption(self, text: str) -> Locator:
        """Return the first sentence of the playground with this text in it."""
        return self.page.locator(".widget-html").get_by_text(text).first

    def key(self, description: str, key: str) -> None:
        """Press a key on the control with that description, and leave it.

        A list is opened with Enter first, and closed likewise: JupyterLab takes the arrows
        that are pressed on a closed list.
        """
        label = self.page.locator(
            f".widget-label:text-is({json.dumps(description, ensure_ascii=False)})"
        )
        control = label.locator("xpath=..").locator("select, input, .noUi-handle").first
        control.focus()
        is_list = control.evaluate("e => e.tagName") == "SELECT"
        for pressed in ("Enter", key, "Enter") if is_list else (key, "Tab"):
            self.page.keyboard.press(pressed)
            self.page.wait_for_timeout(200)  # the list is a window of its own, and has no event

    def press(self, button: str) -> None:
        """Press a button of the playground by keyboard."""
        found = self.page.locator(".widget-button").filter(has_text=button).first
        expect(found).to_be_enabled()
        found.focus()
        found.press("Enter")

    def focused(self) -> str:
        """Return the text of what has the keyboard's focus; of the page as a whole: "page"."""
        script = "() => { const e = document.activeElement; return [e.tagName, e.innerText]; }"
        tag, text = self.page.evaluate(script)
        return "page" if tag == "BODY" else str(text).strip()

    def cut_off(self) -> list[str]:
        """Return the labels and sentences that are wider than the room they have."""
        return list(self.page.evaluate(CUT_OFF))

    def scrollbars(self) -> list[str]:
        """Return the parts of figures that show a scroll bar."""
        return list(self.page.evaluate(SCROLLBARS))

    def contrast(self) -> float:
        """Return the least contrast of the widgets' text with its background, by WCAG 2."""
        return float(self.page.evaluate(CONTRAST))


# One script each finds the elements and reads them: a widget that is drawn again between two calls
# would leave elements that belong to no page, and have no colour.
SAYS = "([line, words]) => line.innerText.toLowerCase().includes(words)"
COUNT_FRAMES = """svg => {
  window.masFrames = [];
  new MutationObserver(() => window.masFrames.push(performance.now()))
    .observe(svg.parentElement, {childList: true});
}"""
CUT_OFF = """() => [...document.querySelectorAll(
  ".widget-label, .widget-html-content, .widget-readout, .mas-line"
)].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"""
SCROLLBARS = """() => [...document.querySelectorAll(
  ":is(.jp-OutputArea-output:has(.mas-picture svg), .mas-playground), "
  + ":is(.jp-OutputArea-output:has(.mas-picture svg), .mas-playground) *"
)].filter(e => {
  const style = getComputedStyle(e), bar = how => how === "auto" || how === "scroll";
  return bar(style.overflowX) && e.scrollWidth > e.clientWidth
    || bar(style.overflowY) && e.scrollHeight > e.clientHeight;
}).map(e => `${e.className}: ${e.scrollWidth} x ${e.scrollHeight} in `
  + `${e.clientWidth} x ${e.clientHeight}`)"""
OVERLAPS = """() => [...document.querySelectorAll(".mas-playground svg")].flatMap(svg => {
  const frame = svg.getBoundingClientRect(), found = [];
  const texts = [...svg.querySelectorAll("text")]
    .map(e => [e.textContent, e.getBoundingClientRect()]);
  const beyond = b => b.left < frame.left - 1 || b.right > frame.right + 1
    || b.top < frame.top - 1 || b.bottom > frame.bottom + 1;
  texts.forEach(([words, b], k) => {
    if (beyond(b)) found.push(`${words} leaves the picture`);
    for (const [other, o] of texts.slice(k + 1)) {
      const wide = Math.min(b.right, o.right) - Math.max(b.left, o.left);
      const high = Math.min(b.bottom, o.bottom) - Math.max(b.top, o.top);
      if (wide > 1 && high > 3) found.push(`${words} / ${other}`);  // lines have some leading
    }
  });
  return found;
})"""
CONTRAST = """() => {
  const words = ".widget-label, .widget-html-content div, .widget-readout, "
    + ".mas-playground svg > text, .mas-hint";
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, [, , , alpha = 1] = parts(colour);
      if (alpha > 0.5) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const ratio = e => {
    const style = getComputedStyle(e), ink = e.tagName === "text" ? style.fill : style.color;
    const pair = [light(ink), light(behind(e))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const all = [...document.querySelectorAll(words)].filter(e => e.textContent.trim());
  return all.length ? Math.min(...all.map(ratio)) : 0;
}"""

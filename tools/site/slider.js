// The start page's λ: the slider shows one of the frames that are in the page.
const slider = document.getElementById("lam");
const frames = [...document.querySelectorAll(".frame")];
function show() {
  const chosen = frames[slider.valueAsNumber];
  for (const frame of frames) frame.hidden = frame !== chosen;
  document.getElementById("lam-value").textContent = chosen.dataset.lam;
  slider.setAttribute("aria-valuetext", `λ = ${chosen.dataset.lam}`);
}
slider.addEventListener("input", show);
show(); // a browser may bring back where the slider stood

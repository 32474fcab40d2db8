"""Exercise 07.2, `repaired`."""

from __future__ import annotations

from typing import Any

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.classroom.exercises.lesson_07.figures import IMPORT, to_mend, two_omegas
from mas_edu.classroom.exercises.lesson_07.map_faults import find_faults, see_maps


def repaired(axes: Any) -> None:
    """Mend two maps of Ω in place.

    axes: a list of two matplotlib Axes of one figure, each with one image, `ax.images[0]`; rows
    are units, columns inputs, the same in both. `image.get_array()` are the numbers.
    """
    from matplotlib.colors import Normalize

    images = [ax.images[0] for ax in axes]
    norm = Normalize(0, max(image.get_array().max() for image in images))
    for ax, image in zip(axes, images, strict=True):
        image.set_norm(norm)
        image.set_cmap("cividis")
        ax.set_xlabel("input")
        ax.set_ylabel("unit")
        ax.set_ylim(len(image.get_array()) - 0.5, -0.5)
    axes[0].figure.colorbar(images[0], ax=axes, label="Ω")


def _observe_maps(answer: Any, case: Case) -> dict[str, Any]:
    """Draw the figure of a seed; return what there is to see in it after the call."""
    axes = list(to_mend(case["seed"]).axes)
    try:
        answer(list(axes))
        return see_maps(axes)
    except ValueError as error:
        if "Invalid vmin or vmax" not in str(error):
            raise
        raise FormError(
            "a log scale cannot begin at 0: give both images a linear norm, or begin above 0"
        ) from error


LEFT = {  # what is still wrong, in the order in which it is told
    "other numbers": "The numbers of a map are others than before: mend the drawing, not the data.",
    "own limits": "The two maps differ in limits or scale: the same colour must mean the same Ω in "
    "both.",
    "not from zero": "The linear scale does not begin at 0, where Ω begins: small values look like "
    "none.",
    "beyond the limits": "The limits leave out some values: take in those of both maps, up to the "
    "largest.",
    "rainbow": "The colours do not get steadily brighter (or darker), or differ between the maps: "
    "choose another colour map.",
    "zeros": "Zeros have the colour of the smallest number above 0: give them a colour of their "
    "own, or use a linear scale from 0.",
    "no bar": "There is no colour bar: nobody can tell which number a colour means.",
    "bar without a label": "A colour bar does not say what it measures: label it with Ω.",
    "no axis names": "An axis has no name: say in both maps what rows and columns are.",
    "upside down": "Unit 0 is not in the first row of both maps: turn the one that is upside down.",
}


def _judge_maps(case: Case, found: Any) -> str:
    wrong = find_faults(found, two_omegas(case["seed"]))
    return next((words for name, words in LEFT.items() if wrong[name]), "")


def _repaired_if(norm: str = "", left: str = "") -> Any:
    """Return a function that takes another norm, or leaves something as it was."""

    def wrong(axes: Any) -> None:
        from matplotlib.colors import LogNorm, Normalize

        images = [ax.images[0] for ax in axes]
        rows = [ax.get_ylim() for ax in axes]
        repaired(axes)
        data = [image.get_array() for image in images]
        least, largest = min(one[one > 0].min() for one in data), max(one.max() for one in data)
        for ax, image, omega, limits in zip(axes, images, data, rows, strict=True):
            norms = {
                "own": Normalize(0, omega.max()),
                "first": Normalize(0, data[0].max()),
                "not from zero": Normalize(least, largest),
                "zeros": LogNorm(least, largest, clip=True),
            }
            image.set_norm(norms.get(norm, image.norm))
            if left == "colours":
                image.set_cmap("jet")
            if left == "names":
                ax.set(xlabel="", ylabel="")
            if left == "rows":
                ax.set_ylim(limits)
            if left == "sizes":
                image.set_data(omega / omega.max() * largest)
        if left == "bar":
            images[0].colorbar.remove()
        if left == "label":
            images[0].colorbar.set_label("")

    return wrong


REPAIRED = Exercise(
    id="07.2",
    name="repaired",
    points=3,
    asks="Much is wrong with these two maps of Ω, each on a log scale of its own. Write a function "
    "that mends them in place, whatever their numbers. Afterwards a colour bar tells Ω; equal "
    "colours mean equal Ω, also for those who cannot tell red from green; no zero has the colour "
    "of another number; unit 0 is in the first row; rows and columns have names. The cell below "
    "your answer shows what it did.",
    before=IMPORT + "me.plots.show(figures.to_mend(), alt=figures.TO_MEND_IN_WORDS)",
    after="me.plots.show(figures.mended(repaired), alt=figures.MENDED_IN_WORDS)",
    returns=False,
    solution=repaired,
    why="With one norm, equal colours are equal numbers; on a linear scale from 0, the dark cells "
    "are the small ones; names and labels say what the numbers are.",
    hints=(
        "What must be the same in both maps, so that a cell of one can be compared with one of the "
        "other?",
        "An image has a norm and a colour map; axes have labels and limits. Two images may share a "
        "norm, and with it a colour bar.",
        "Use one Normalize from 0 to the largest of all values, set_cmap with a sequential map, "
        "axis labels, set_ylim with row 0 on top, and figure.colorbar with a label.",
    ),
    mistakes={
        "own limits": (_repaired_if("own"), LEFT["own limits"]),
        "limits of the first": (_repaired_if("first"), LEFT["beyond the limits"]),
        "not from zero": (_repaired_if("not from zero"), LEFT["not from zero"]),
        "rainbow": (_repaired_if(left="colours"), LEFT["rainbow"]),
        "zeros": (_repaired_if("zeros"), LEFT["zeros"]),
        "no bar": (_repaired_if(left="bar"), LEFT["no bar"]),
        "bar without a label": (_repaired_if(left="label"), LEFT["bar without a label"]),
        "no axis names": (_repaired_if(left="names"), LEFT["no axis names"]),
        "upside down": (_repaired_if(left="rows"), LEFT["upside down"]),
        "other numbers": (_repaired_if(left="sizes"), LEFT["other numbers"]),
    },
    cases=lambda seed: [{"seed": seed}],
    observe=_observe_maps,
    judge=_judge_maps,
    by_property=True,
)

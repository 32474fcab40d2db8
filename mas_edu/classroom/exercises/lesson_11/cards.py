"""Exercise 11.1, `cards`."""

from __future__ import annotations

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Exercise

CARDS = {
    "1": ("task", "A user picks an album, pets or plants; the network names what is on the photo."),
    "2": ("domain", "One question, stop sign or not, in Spain, then in Norway, then in Japan."),
    "3": ("class", "Ten new birds each year; a photo may show any bird learned so far."),
    "4": ("domain", "Two digits a task. Asked: is it even or odd?"),
    "5": ("class", "Two digits a task. Asked: which of the ten digits is it?"),
    "6": ("task", "Two digits a task; the pair is told. Asked: which of the two is it?"),
    "7": ("domain", "Ten digits in each task, pixels permuted anew; nobody says by which order."),
    "8": ("task", "An output layer for each alphabet; a switch on the scanner chooses one."),
}
SORTED = {card: scenario for card, (scenario, _) in CARDS.items()}
WHY_NOT = {  # (right, chosen)
    ("task", "domain"): "its labels mean something else in each task, and the task is told",
    ("task", "class"): "the task is told, so only that task's classes compete",
    ("domain", "task"): "nobody tells the task, and nobody needs to: the question stays the same",
    ("domain", "class"): "the labels mean the same in every task, so no new classes come up",
    ("class", "task"): "nobody tells the task, so all classes learned so far compete",
    ("class", "domain"): "each task brings classes of its own, and they have to be told apart",
}
WRONG_CARDS = {
    (card, chosen): f"Card {card} is not {chosen}-incremental: {why}."
    for card, scenario in SORTED.items()
    for (right, chosen), why in WHY_NOT.items()
    if right == scenario
}

CARDS_SORTED = Exercise(
    id="11.1",
    name="cards",
    points=1,
    asks='Which scenario is it: "task", "domain" or "class"?\n\n'
    + "\n".join(f"- **{card}** {text}" for card, (_, text) in CARDS.items()),
    solution=SORTED,
    why="Ask twice: is the task known in use? Then it is task-incremental. If not: do the labels "
    "mean the same in every task? Yes: domain; no: class.",
    hints=(
        "Does anyone tell the network, in use, which task it is in?",
        "If nobody does: does the question stay the same, or do new answers come up?",
        "Told: task. Not told, the same question: domain. Not told, more answers: class.",
    ),
    mistakes=wrong_choices(SORTED, WRONG_CARDS),
    judge=judge_choices(SORTED, WRONG_CARDS),
    by_property=True,
    start="cards = {\n" + "".join(f'    "{card}": ...,\n' for card in CARDS) + "}",
)

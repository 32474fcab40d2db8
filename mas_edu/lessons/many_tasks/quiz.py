"""Questions and words of lesson 06."""

from mas_edu.widgets import Question

WORDS = (
    "task",
    "stream",
    "Ω",
    "λ",
    "θ*",
    "penalty",
    "anchor",
    "average",
    "learned",
    "forgetting",
    "stability",
    "plasticity",
    "validation part",
    "seed",
    "interval",
)

QUIZ = (
    Question(
        "MAS has learned a hundred tasks. What does it store besides the network?",
        (
            "A hundred copies of Ω and of the weights.",
            False,
            "The Ω are merged into one, and only the last θ* is kept.",
        ),
        (
            "Two numbers for each weight, as after one task.",
            True,
            "One merged Ω and one θ*. That is why memory does not grow with the tasks.",
        ),
        (
            "A few of the training samples of each task.",
            False,
            "That is rehearsal. MAS never looks at the old data again.",
        ),
    ),
    Question(
        "With one λ for both, summing is far ahead of the mean. What have you shown?",
        (
            "Summing is the better rule: the mean forgets what mattered for task 1.",
            False,
            "Sum and mean rank the weights in the same way; they differ only by the factor T.",
        ),
        (
            "A stronger penalty does better at this λ. Now give each its own λ.",
            True,
            "Only when λ is chosen for each rule does the rule itself remain as the difference.",
        ),
        (
            "Nothing: to compare two rules you need the results of many more seeds.",
            False,
            "Seeds help against chance. But with any number of them, one penalty is T times as "
            "strong.",
        ),
    ),
    Question(
        "Ω is summed over more and more tasks, and λ stays. What do you expect of new tasks?",
        (
            "They are learned less and less well.",
            True,
            "λΣΩ grows with every task, fewer weights are soft, and the network becomes stiff.",
        ),
        (
            "They are learned as well as the first.",
            False,
            "With every task more weights are held, and more firmly. New tasks need them.",
        ),
        (
            "They are learned well, but push out the oldest tasks.",
            False,
            "That happens when Ω of old tasks fades, as with 'last'. A sum keeps it.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "merge Ω": ("rules", "memory", "quiz 1"),
    "explain why": ("stiff-claim", "quiz 3"),
    "tell a difference": ("order", "own-claim", "quiz 2"),
}

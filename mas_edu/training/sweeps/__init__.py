"""Train many runs: every λ with every seed, batched or in parallel."""

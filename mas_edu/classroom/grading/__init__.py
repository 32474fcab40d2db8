"""Grade a folder of submissions: each in a process of its own, judged away from its code."""

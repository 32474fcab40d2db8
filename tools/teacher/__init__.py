"""The teacher pack: pages that follow from lessons and exercises, sample submissions, memory."""

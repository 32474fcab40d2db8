"""Results of runs: records, their metrics, the choice of λ, comparisons, studies."""

from mas_edu.results.arguments import as_record, as_records
from mas_edu.results.comparison import Comparison, as_comparison, compare
from mas_edu.results.curves import Array, Curves, accuracy_curves
from mas_edu.results.frontier import Point, frontier_points
from mas_edu.results.intervals import Interval, interval
from mas_edu.results.record import Record
from mas_edu.results.selection import choose_lam, validation_scores
from mas_edu.results.settings import same_settings
from mas_edu.results.storage import TENSORS, TEXT, check_writable
from mas_edu.results.studies.checklist import Checklist, review_evidence, review_study
from mas_edu.results.studies.evidence import Evidence
from mas_edu.results.studies.saving import save_study
from mas_edu.results.summary import MEASURES, Row
from mas_edu.results.tables import table_lines

__all__ = [
    "MEASURES",
    "TENSORS",
    "TEXT",
    "Array",
    "Checklist",
    "Comparison",
    "Curves",
    "Evidence",
    "Interval",
    "Point",
    "Record",
    "Row",
    "accuracy_curves",
    "as_comparison",
    "as_record",
    "as_records",
    "check_writable",
    "choose_lam",
    "compare",
    "frontier_points",
    "interval",
    "review_evidence",
    "review_study",
    "same_settings",
    "save_study",
    "table_lines",
    "validation_scores",
]

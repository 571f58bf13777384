"""What the staff did that belongs to no floor below."""

from support.desk.models.errands import Errand
from support.desk.models.looks import Look, LookEnd
from support.desk.models.suspensions import Suspension

__all__ = ["Errand", "Look", "LookEnd", "Suspension"]

"""Which villages lie downstream of a point of a river, how far, and about how long the water takes.

Distances are along the drawn line. The speed and the two distances are engineering assumptions and are shown as such.
"""

from anlan.sensing.rivers.course import Course, nearest_course
from anlan.sensing.rivers.downstream import ASSUMPTIONS, Downstream, downstream_of

__all__ = ["ASSUMPTIONS", "Course", "Downstream", "downstream_of", "nearest_course"]

"""Reading sensing. What a person sees is narrowed to the jurisdiction; stations that speak for its villages count in."""

from anlan.sensing.queries.links import villages_of_binding

__all__ = ["villages_of_binding"]

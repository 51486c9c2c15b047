"""The evidence tables: read as text, checked against their dictionary, typed."""

from .load import Evidence, Topic, load_evidence

__all__ = ["Evidence", "Topic", "load_evidence"]

"""Names for what public functions take and return. Nothing heavy is imported for them when the library runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes as _Axes
    from matplotlib.figure import Figure as _Figure

    from .results import Result


class OtherFrame(Protocol):
    """A table of polars, pyarrow or another library that hands its columns over through Arrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return the table as a stream of Arrow arrays."""


Array: TypeAlias = "np.ndarray"
Axes: TypeAlias = "_Axes"
Figure: TypeAlias = "_Figure"
Frame: TypeAlias = "pd.DataFrame"
Series: TypeAlias = "pd.Series"
Number: TypeAlias = "float | np.ndarray"  # a float gives a float, an array an array
Table: TypeAlias = "pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]] | OtherFrame"  # what `gate` takes
Studies: TypeAlias = "Table | Result"  # a table of studies, or a result that carries one

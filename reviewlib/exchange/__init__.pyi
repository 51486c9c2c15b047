"""The public names and where they live: read when a name is first used, and by editors and type checkers."""

from .exporting import export as export
from .importing import import_file as import_file
from .incoming import Wishes as Wishes
from .quickpool import draw_forest as draw_forest, pool_file as pool_file

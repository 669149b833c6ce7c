"""Arrow's IPC streams and files, by the names of pyarrow.ipc."""

from _arrow import ipc as _ipc
from _arrow.ipc import *

__all__ = _ipc.__all__

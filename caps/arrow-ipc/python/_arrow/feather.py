"""Feather files, version 2: Arrow's files under the name of pyarrow.feather."""

from . import ipc
from .table import table

__all__ = ["read_feather", "read_table", "write_feather"]


def write_feather(df, dest, compression="lz4", compression_level=None, chunksize=None):
    """Writes a table to a path or a binary file."""
    made = table(df)
    if compression == "uncompressed":
        compression = None
    with ipc.new_file(dest, made.schema, options=ipc.IpcWriteOptions(compression=compression, compression_level=compression_level)) as writer:
        writer.write_table(made, chunksize)


def read_table(source, columns=None):
    """A file as a table, or only some of its columns."""
    made = ipc.open_file(source).read_all()
    return made if columns is None else made.select(columns)


read_feather = read_table

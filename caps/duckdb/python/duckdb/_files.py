"""Options of files: what read_csv, read_json, read_parquet, to_csv and to_parquet take, as SQL takes it."""

import os

from . import _engine, _enums, _errors, _names, _types, _values


class _Option:
    """An option: its name in SQL, the types that it takes, and what is said of another one."""

    def __init__(self, name, types, said):
        self.name, self.types, self.said = name, types, said


_TEXT, _NUMBER, _YES_NO = (str,), (int,), (bool,)
_READ_FILES = {
    "hive_partitioning": _Option("hive_partitioning", _YES_NO, "a boolean"),
    "union_by_name": _Option("union_by_name", _YES_NO, "a boolean"),
    "hive_types_autocast": _Option("hive_types_autocast", _YES_NO, "a boolean"),
    "filename": _Option("filename", (bool, str), "a boolean or a string"),
    "hive_types": _Option("hive_types", (dict,), "a dict[str, str]"),
}
_READ_CSV = _READ_FILES | {
    "header": _Option("header", (bool, int), "an integer, or a boolean"),
    "strict_mode": _Option("strict_mode", (bool, int), "an integer, or a boolean"),
    "auto_detect": _Option("auto_detect", (bool, int), "an integer, or a boolean"),
    "compression": _Option("compression", _TEXT, "a string"),
    "sep": _Option("delim", _TEXT, "a string"),
    "delimiter": _Option("delim", _TEXT, "a string"),
    "files_to_sniff": _Option("files_to_sniff", _NUMBER, "an integer"),
    "comment": _Option("comment", _TEXT, "a string"),
    "thousands": _Option("thousands", _TEXT, "a string"),
    "dtype": _Option("dtypes", (dict, list), "a dictionary or a list of strings"),
    "na_values": _Option("nullstr", (str, list), "a string or a list of strings"),
    "skiprows": _Option("skip", _NUMBER, "an integer"),
    "quotechar": _Option("quote", _TEXT, "a string"),
    "escapechar": _Option("escape", _TEXT, "a string"),
    "encoding": _Option("encoding", _TEXT, "a string"),
    "parallel": _Option("parallel", _YES_NO, "a boolean"),
    "date_format": _Option("dateformat", _TEXT, "a string"),
    "timestamp_format": _Option("timestampformat", _TEXT, "a string"),
    "sample_size": _Option("sample_size", _NUMBER, "an integer"),
    "all_varchar": _Option("all_varchar", _YES_NO, "a boolean"),
    "normalize_names": _Option("normalize_names", _YES_NO, "a boolean"),
    "null_padding": _Option("null_padding", _YES_NO, "a boolean"),
    "names": _Option("names", (list,), "a list of strings"),
    "lineterminator": _Option("new_line", (str, _enums.CSVLineTerminator), "a string or CSVLineTerminator"),
    "columns": _Option("columns", (dict,), "a dict[str, str]"),
    "auto_type_candidates": _Option("auto_type_candidates", (list,), "a list[str]"),
    "max_line_size": _Option("max_line_size", (str, int), "a string or an integer"),
    "ignore_errors": _Option("ignore_errors", _YES_NO, "a bool"),
    "store_rejects": _Option("store_rejects", _YES_NO, "a bool"),
    "rejects_table": _Option("rejects_table", _TEXT, "a string"),
    "rejects_scan": _Option("rejects_scan", _TEXT, "a string"),
    "rejects_limit": _Option("rejects_limit", _NUMBER, "an int"),
    "force_not_null": _Option("force_not_null", (list,), "a list[str]"),
    "buffer_size": _Option("buffer_size", _NUMBER, "an int"),
    "decimal": _Option("decimal_separator", _TEXT, "a string"),
    "allow_quoted_nulls": _Option("allow_quoted_nulls", _YES_NO, "a bool"),
}
_READ_JSON = _READ_FILES | {
    "columns": _Option("columns", (dict,), "a dict[str, str]"),
    "sample_size": _Option("sample_size", _NUMBER, "an integer"),
    "maximum_depth": _Option("maximum_depth", _NUMBER, "an integer"),
    "records": _Option("records", _TEXT, "a string"),
    "format": _Option("format", _TEXT, "a string"),
    "date_format": _Option("date_format", _TEXT, "a string"),
    "timestamp_format": _Option("timestamp_format", _TEXT, "a string"),
    "compression": _Option("compression", _TEXT, "a string"),
    "maximum_object_size": _Option("maximum_object_size", _NUMBER, "an unsigned integer"),
    "ignore_errors": _Option("ignore_errors", _YES_NO, "a boolean"),
    "convert_strings_to_integers": _Option("convert_strings_to_integers", _YES_NO, "a boolean"),
    "field_appearance_threshold": _Option("field_appearance_threshold", (float,), "a float"),
    "map_inference_threshold": _Option("map_inference_threshold", _NUMBER, "an integer"),
    "maximum_sample_files": _Option("maximum_sample_files", _NUMBER, "an integer"),
}
_READ_PARQUET = {
    "binary_as_string": _Option("binary_as_string", _YES_NO, "a boolean"),
    "file_row_number": _Option("file_row_number", _YES_NO, "a boolean"),
    "filename": _Option("filename", (bool, str), "a boolean or a string"),
    "hive_partitioning": _Option("hive_partitioning", _YES_NO, "a boolean"),
    "union_by_name": _Option("union_by_name", _YES_NO, "a boolean"),
    "compression": _Option("compression", _TEXT, "a string"),
}
_WRITE_FILES = {
    "compression": _Option("compression", _TEXT, "a string"),
    "overwrite": _Option("overwrite_or_ignore", _YES_NO, "a boolean"),
    "per_thread_output": _Option("per_thread_output", _YES_NO, "a boolean"),
    "use_tmp_file": _Option("use_tmp_file", _YES_NO, "a boolean"),
    "partition_by": _Option("partition_by", (list,), "a list of strings"),
    "write_partition_columns": _Option("write_partition_columns", _YES_NO, "a boolean"),
}
_WRITE_CSV = _WRITE_FILES | {
    "sep": _Option("delimiter", _TEXT, "a string"),
    "na_rep": _Option("null", _TEXT, "a string"),
    "header": _Option("header", _YES_NO, "a boolean"),
    "quotechar": _Option("quote", _TEXT, "a string"),
    "escapechar": _Option("escape", _TEXT, "a string"),
    "date_format": _Option("dateformat", _TEXT, "a string"),
    "timestamp_format": _Option("timestampformat", _TEXT, "a string"),
    "quoting": _Option("force_quote", (str, int), "a string or a constant from the 'csv' package"),
    "encoding": _Option("encoding", _TEXT, "a string"),
}
_WRITE_PARQUET = _WRITE_FILES | {
    "field_ids": _Option("field_ids", (dict, str), "a dictionary or 'auto'"),
    "row_group_size_bytes": _Option("row_group_size_bytes", (int, str), "an integer or 'auto' string"),
    "row_group_size": _Option("row_group_size", _NUMBER, "an integer"),
    "append": _Option("append", _YES_NO, "a boolean"),
    "filename_pattern": _Option("filename_pattern", _TEXT, "a string"),
    "file_size_bytes": _Option("file_size_bytes", (int, str), "an integer or string"),
}


def path(name):
    """A file's name as text."""
    return os.fsdecode(os.fspath(name))


def csv_read(files, options):
    """The table function that reads CSV files."""
    if options.get("sep") is not None and options.get("delimiter") is not None:
        raise _errors.make(_errors.InvalidInputException, "read_csv takes either 'delimiter' or 'sep', not both")
    for name in ("header", "strict_mode", "auto_detect"):
        if type(value := options.get(name)) is int:
            if value != 0:
                raise _errors.make(_errors.InvalidInputException, f"read_csv only accepts 0 if '{name}' is given as an integer")
            options[name] = True
    if isinstance(encoding := options.get("encoding"), str):
        if encoding.lower() not in ("utf8", "utf-8"):
            raise _errors.make(_errors.BinderException, "Copy is only supported for UTF-8 encoded files, ENCODING 'UTF-8'")
        del options["encoding"]
    if isinstance(options.get("max_line_size"), int):
        options["max_line_size"] = str(options["max_line_size"])
    if isinstance(options.get("na_values"), str):
        options["na_values"] = [options["na_values"]]
    if options.get("lineterminator") is not None:
        options["lineterminator"] = _line_end(options["lineterminator"])
    return _call("read_csv_auto", "read_csv", files, _READ_CSV, options)


def _line_end(value):
    """As SQL names the end of a line."""
    if isinstance(value, str):
        named = {"\\n": "LINE_FEED", "\\r\\n": "CARRIAGE_RETURN_LINE_FEED", "\n": "LINE_FEED", "\r\n": "CARRIAGE_RETURN_LINE_FEED"}.get(value, value)
        try:
            value = _enums.CSVLineTerminator(named)
        except ValueError:
            raise _errors.make(_errors.InvalidInputException, f"'{value}' is not a recognized type for 'lineterminator'") from None
    if not isinstance(value, _enums.CSVLineTerminator):
        return value
    return "\\r\\n" if value is _enums.CSVLineTerminator.CARRIAGE_RETURN_LINE_FEED else "\\n"


def json_read(files, options):
    """The table function that reads JSON files."""
    return _call("read_json" if options.get("columns") is not None else "read_json_auto", "read_json", files, _READ_JSON, options)


def parquet_read(files, options):
    """The table function that reads Parquet files."""
    return _call("parquet_scan", "from_parquet", files, _READ_PARQUET, options)


def _call(function, method, files, known, options):
    """A table function with its options."""
    if isinstance(files, (list, tuple)):
        if not files:
            raise _errors.make(_errors.InvalidInputException, "Please provide a non-empty list of paths or file-like objects")
        named = "[" + ", ".join(_names.text(path(name)) for name in files) + "]"
    else:
        named = _names.text(path(files))
    written = [f"{known[name].name} = {_literal(value)}" for name, value in _checked(method, known, options)]
    return f"{function}({', '.join([named, *written])})"


def _checked(method, known, options):
    """The options that are given, each of a type that it takes."""
    for name, value in options.items():
        if name not in known:
            raise _errors.make(_errors.InvalidInputException, f'The methods read_csv and read_csv_auto do not have the "{name}" argument.' if method == "read_csv"
                               else f"{method} does not have the '{name}' argument")
        if value is None:
            continue
        option = known[name]
        if not isinstance(value, option.types) or (isinstance(value, bool) and bool not in option.types):
            kind = _errors.BinderException if method == "read_json" or name in _READ_FILES or name in _NEWER else _errors.InvalidInputException
            tail = f", not '{type(value)}'" if kind is _errors.BinderException else ""
            raise _errors.make(kind, f"{method} only accepts '{name}' as {option.said}{tail}")
        if isinstance(value, list) and name != "dtype" and any(not isinstance(item, str) for item in value):
            raise _errors.make(_errors.InvalidInputException, f"{method} '{name}' list has to consist of only strings")
        yield name, value


# Options of read_csv whose complaints DuckDB's own client words as the binder's.
_NEWER = {"lineterminator", "columns", "auto_type_candidates", "max_line_size", "ignore_errors", "store_rejects", "rejects_table", "rejects_scan",
          "rejects_limit", "force_not_null", "buffer_size", "decimal", "allow_quoted_nulls"}


def _literal(value):
    """The value of an option as SQL."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return _names.text(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_names.text(str(name))}: {_literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (_types.DuckDBPyType, type)):
        return _names.text(str(_types.of(value)))
    return _engine.call(None, _engine.cap().literal, _values.document(value))


def csv_written(**options):
    """The options of COPY to a CSV file."""
    if (quoting := options.get("quoting")) is not None:
        if isinstance(quoting, str) and quoting.lower() not in ("force", "all"):
            raise _errors.make(_errors.InvalidInputException, "to_csv 'quoting' supported options are ALL or FORCE (both set FORCE_QUOTE=True)")
        if isinstance(quoting, int) and quoting != 1:
            raise _errors.make(_errors.InvalidInputException, "Only csv.QUOTE_ALL is a supported option for 'quoting' currently")
    if isinstance(encoding := options.get("encoding"), str):
        if encoding.lower() not in ("utf-8", "utf8"):
            raise _errors.make(_errors.InvalidInputException, "The only supported encoding option is 'UTF8")
        del options["encoding"]
    return _written("CSV", "to_csv", _WRITE_CSV, options)


def parquet_written(**options):
    """The options of COPY to a Parquet file."""
    return _written("PARQUET", "to_parquet", _WRITE_PARQUET, options)


def _written(form, method, known, options):
    items = [f"FORMAT {form}"]
    for name, value in _checked(method, known, options):
        if name == "quoting":
            items.append("FORCE_QUOTE *")
        elif name == "partition_by":
            items.append(f"PARTITION_BY ({', '.join(map(_names.quoted, value))})")
        else:
            items.append(f"{known[name].name.upper()} {_literal(value)}")
    return ", ".join(items)

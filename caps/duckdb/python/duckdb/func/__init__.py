"""How functions of Python are made functions of SQL (`create_function`)."""

from .._enums import ARROW, DEFAULT, NATIVE, SPECIAL, FunctionNullHandling, PythonUDFType

__all__ = ["ARROW", "DEFAULT", "NATIVE", "SPECIAL", "FunctionNullHandling", "PythonUDFType"]

"""Conversions between camelCase, snake_case, kebab-case, Title Case and others, for all of Unicode.

case.snake("parseHTTPResponse") is "parse_http_response"; case.convert(text, "snake") is the same."""

import _case_cap as _cap

styles = tuple(style.name.lower() for style in _cap.Style)


def words(text):
    """The words of a text in any of the styles."""
    return _cap.words(text)


def convert(text, style):
    """The text in another style; `styles` names them all."""
    try:
        return _cap.convert(text, _cap.Style[style.upper()])
    except (KeyError, AttributeError):
        raise ValueError(f"unknown style {style!r}; known: {', '.join(styles)}") from None


def _define(style):
    def function(text, /):
        return _cap.convert(text, style)

    function.__name__ = function.__qualname__ = style.name.lower()
    function.__doc__ = f"The text in the style {_cap.convert('in this style', style)}."
    return function


globals().update({style.name.lower(): _define(style) for style in _cap.Style})
__all__ = ["convert", "styles", "words", *styles]

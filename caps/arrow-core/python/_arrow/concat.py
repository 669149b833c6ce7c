"""Several arrays as one: children are put together as children, values never become Python objects."""

import itertools

import _arrow_core_cap as _cap

from .array import Array, from_made
from .errors import ArrowInvalid, translated

__all__ = ["concat_arrays"]


def concat_arrays(arrays):
    """Several arrays of one type as one."""
    arrays = list(arrays)
    if not arrays:
        raise ArrowInvalid("no arrays to put together")
    type = arrays[0].type
    if any(one.type != type for one in arrays):
        raise ArrowInvalid(f"arrays of different types: {', '.join(dict.fromkeys(str(one.type) for one in arrays))}")
    if len(arrays) == 1:
        return arrays[0]
    if type.value_type is not None:
        return _dictionaries(arrays, type)
    if type.kind in _KINDS:
        return _KINDS[type.kind](arrays, type, sum(map(len, arrays)))
    with translated():
        return from_made(type, sum(map(len, arrays)), _cap.values.concat([one.column() for one in arrays]))


def _bitmap(arrays):
    if not any(one.null_count for one in arrays):
        return None
    return _cap.values.pack_bits(b"".join(one.valid_bytes() or bytes([1]) * len(one) for one in arrays))


def _offsets(values, code):
    with translated():
        return _cap.values.from_integers("l" if code == "q" else "i", values).buffers[1]


def _null(arrays, type, length):
    return Array(type, length, [], length)


def _fixed(arrays, type, length):
    return Array(type, length, [_bitmap(arrays), b"".join(one.raw() for one in arrays)])


def _lists(arrays, type, length):
    views = [one.offsets_view() for one in arrays]
    child = concat_arrays([one.children[0].slice(view[0], view[-1] - view[0]) for one, view in zip(arrays, views)])
    bases = itertools.accumulate((view[-1] - view[0] for view in views), initial=0)
    ends = [at - view[0] + base for view, base in zip(views, bases) for at in view.tolist()[1:]]
    return Array(type, length, [_bitmap(arrays), _offsets([0, *ends], type.code)], children=[child])


def _fixed_size_lists(arrays, type, length):
    child = concat_arrays([one.children[0].slice(one.offset * type.width, len(one) * type.width) for one in arrays])
    return Array(type, length, [_bitmap(arrays)], children=[child])


def _children(arrays, type):
    return [concat_arrays([one.children[place].slice(one.offset, len(one)) for one in arrays]) for place in range(len(type.fields))]


def _structs(arrays, type, length):
    return Array(type, length, [_bitmap(arrays)], children=_children(arrays, type))


def _codes(arrays):
    return b"".join(one.buffer_views[0][one.offset:one.offset + len(one)] for one in arrays)


def _sparse(arrays, type, length):
    return Array(type, length, [_codes(arrays)], children=_children(arrays, type))


def _dense(arrays, type, length):
    places = {code: place for place, code in enumerate(type.type_codes)}
    bases, offsets = [0] * len(type.fields), []
    for one in arrays:
        codes = one.buffer_views[0][one.offset:one.offset + len(one)].cast("b")
        own = one.buffer_views[1][one.offset * 4:(one.offset + len(one)) * 4].cast("i")
        try:
            offsets += [at + bases[places[code]] for code, at in zip(codes, own)]
        except KeyError as error:
            raise ArrowInvalid(f"a value of type {type} has the type code {error}") from None
        bases = [base + len(child) for base, child in zip(bases, one.children)]
    children = [concat_arrays([one.children[place] for one in arrays]) for place in range(len(type.fields))]
    return Array(type, length, [_codes(arrays), _offsets(offsets, "i")], children=children)


def _dictionaries(arrays, type):
    """One dictionary of all; the same values that are in several dictionaries are there once."""
    if all(one.dictionary is arrays[0].dictionary for one in arrays):
        places, values = concat_arrays([one.indices for one in arrays]), arrays[0].dictionary
    else:
        from .build import array
        known, lists = {}, []
        for one in arrays:
            own = [known.setdefault(value, len(known)) for value in map(_hashable, one.dictionary.to_pylist())]
            lists += [None if place is None else own[place] for place in _checked(one.indices.to_pylist(), len(own))]
        values = concat_arrays([one.dictionary for one in arrays]).take(_firsts(arrays))
        places = array(lists, type.index_type)
    return Array(type, len(places), places.buffer_views, places.null_count, places.offset, dictionary=values)


def _checked(places, length):
    from .values import check_places
    check_places(places, length, ArrowInvalid)
    return places


def _firsts(arrays):
    """Where each different value is first among all dictionaries."""
    first = {}
    for place, value in enumerate(_hashable(value) for one in arrays for value in one.dictionary.to_pylist()):
        first.setdefault(value, place)
    return list(first.values())


def _hashable(value):
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return tuple((key, _hashable(inner)) for key, inner in value.items()) if isinstance(value, dict) else value


_KINDS = {"null": _null, "fixed": _fixed, "list": _lists, "map": _lists, "fixed_size_list": _fixed_size_lists, "struct": _structs, "sparse_union": _sparse, "dense_union": _dense}

"""The cap, once it is needed: importing this package does not touch it."""

_engine = None


def engine():
    """The module of the cap."""
    global _engine, Problem
    if _engine is None:
        import _sqlite_cap as cap
        from _sqlite3.calls import Calls

        cap.set_callbacks("calls", Calls(cap.calls))
        Problem = cap.ProblemError
        _engine = cap
    return _engine


def documents():
    """What writes and reads rows: (dumps, loads)."""
    from _pylon_caps import dumps, loads

    return dumps, loads

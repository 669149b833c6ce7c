"""Values with a type of SQL."""

"""A scan to its reading, with no database: what workers and the read command both call."""

"""Kinds: what may stand in a field, and the reading of a sighting that the kind allows.

`table.kind_for(form, field)` names the kind of a field; `decode.read(kind, sightings)` reads it.
Shapes are in `data/kinds.toml`, which field has which kind in `data/fields.csv`, look-alike
characters in `data/lookalikes.csv`.
"""

"""Pixels to fields: ink, strips, readers, kinds, forms."""

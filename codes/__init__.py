"""Code lists and check digits: what a code on a claim may be, and when it was valid.

Pure functions over tables that are free to ship (`data/`); lists that others own are shapes here,
and tables where `codes.tables` has been given a file. Nothing here knows what a field is.
"""

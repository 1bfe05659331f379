"""Claim forms drawn by our own code, with made-up claims, printed and scanned."""

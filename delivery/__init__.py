"""Claim JSON out: files, and the HTTP API."""

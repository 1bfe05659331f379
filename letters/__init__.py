"""Asking the provider."""

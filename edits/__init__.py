"""Is the claim complete? Rules as data, findings out."""

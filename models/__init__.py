"""The words: what a claim, a page, a reading and a finding is. No I/O, imports nothing of ours."""

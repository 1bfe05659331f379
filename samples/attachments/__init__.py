"""Papers that come with claims, drawn by our own code with made-up content.

`facts.make(rng)` makes a case up, `papers.draw(kind, facts, rng, split)` puts a paper about it on a
sheet and says where each value stands. What a kind of paper says is data (`attachments.toml`), and
so is how families of layouts look (`attachment_families.csv`).
"""

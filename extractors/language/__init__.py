"""What papers say: a spaCy pipeline over the words of a page, and over free text on forms.

Patterns propose what may be a value (`candidates`), the trained components say what it is in its
surroundings (`pipeline`), usual captions decide where there is one (`captions`), what nothing
around it says is a guess (`surroundings`), and the kinds of form fields give a value its normal
form (`labels`). The page is laid out as text with the captions of columns beside the values below
them (`lay`).
`make train` makes the components from nothing.
"""

"""The paper: where every item of every form is, as data, in inches from the top left corner."""

"""One module for each figure: what is measured, with its counterpart."""

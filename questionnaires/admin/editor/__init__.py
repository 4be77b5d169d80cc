"""The editor: one screen for a whole version, its tree on the left and one part of it, open for editing, on the right.

trees.py    what the tree shows, in a constant number of queries
cards.py    which columns are edited together, their forms, and what became of a save
panels.py   everything about one part
finding.py  provisions to cite, and instruments
samples.py  which questions would apply for facts tried out
views.py    the addresses
"""

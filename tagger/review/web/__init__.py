"""The page on which people review: a small web server on the reviewer's own machine, or, for a team, behind one address."""

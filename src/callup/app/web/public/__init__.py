"""What everyone may read: the page ``v``, with which a person checks a letter without asking the authority."""

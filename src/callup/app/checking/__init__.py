"""callup's own check of a letter, a slip or a packet, from a mirror's files alone; the second program and the page do it apart."""

"""Sum |gradient|^p over samples, exactly, at about the price of one pass."""

"""Rounds of course selection (选课轮次): how they are made, steered while they run, and told to Redis and to pages."""

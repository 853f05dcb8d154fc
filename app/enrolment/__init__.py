"""Course selection (选课): enrol in and drop sections. Read enrolling.py first."""

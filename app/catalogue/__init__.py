"""What is taught: terms, courses, sections and their meetings, study plans, rounds (S2). Enrolling is another domain."""

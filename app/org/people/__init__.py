"""Students and teachers, managed alike: a person is an account and a record of the university. One use case per module."""

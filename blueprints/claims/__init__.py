"""Claims of the signed-in student: where each one stands."""

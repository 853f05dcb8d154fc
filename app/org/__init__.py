"""The university: colleges, departments, majors, classes, students, teachers, in the meaning of S2's tables."""

"""What is taught, for those who manage it: terms, courses, study plans. Sections are app.enrolment's: they are chosen."""

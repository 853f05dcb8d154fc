"""One calendar of what a person has to go to: classes, exams, booked lectures, as a feed that calendar programs read."""

"""Lottery rounds (志愿): wishes, the draw as a pure function, and how its results become enrolments. docs/lottery.md."""

"""Kinds of data that go in and out: their columns, what a row would change, and how it is written."""

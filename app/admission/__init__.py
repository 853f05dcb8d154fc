"""The seat-claim engine: gate, marks, publishing, spool, settle, effects, sweep, rebuild. docs/book.md tells the story.

It knows offerings only as (kind, id) with pools of seats; what a kind means is supplied by a domain (`kinds.Kind`).
"""

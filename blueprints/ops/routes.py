"""/api/ops: the state of everything (state.py), the live limit and the brakes (admission.py), dead letters (letters.py), hosts
that are lost (hosts.py), what drills and rehearsals gave (reports.py).

What is done gives a reason, which the request log keeps with its body (docs/audit.md).
"""

from __future__ import annotations

from blueprints.ops import admission, hosts, letters, reports, state
from blueprints.ops.blueprint import blueprint

__all__ = ["admission", "blueprint", "hosts", "letters", "reports", "state"]

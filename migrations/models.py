"""Every module with tables, so that `Base.metadata` is whole. Append a domain's models here when it gets some."""

from app.admission import models as admission
from app.admission.fair import models as fair
from app.agenda import models as agenda
from app.audit import models as audit
from app.auth import models as auth
from app.catalogue import meeting_models as meetings
from app.catalogue import models as catalogue
from app.catalogue import selection_models as selection
from app.controls import models as controls
from app.enrolment import models as enrolment
from app.enrolment.lottery import models as lottery
from app.enrolment.permits import models as permits
from app.enrolment.rounds import models as rounds
from app.exchange import models as exchange
from app.extensions import leases
from app.extensions.db import Base
from app.lectures import models as lectures
from app.lectures.quota import models as quota
from app.notices import models as notices
from app.org import models as org
from app.seating import models as seating

__all__ = [
    "Base",
    "admission",
    "agenda",
    "audit",
    "auth",
    "catalogue",
    "controls",
    "enrolment",
    "exchange",
    "fair",
    "leases",
    "lectures",
    "lottery",
    "meetings",
    "notices",
    "org",
    "permits",
    "quota",
    "rounds",
    "seating",
    "selection",
]

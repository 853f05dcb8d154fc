"""One engine per process: the engine's parts wired together. Domains see this, not the parts."""

from __future__ import annotations

from dataclasses import dataclass

from app.admission.account_check import AccountCheck
from app.admission.account_desk import AccountDesk
from app.admission.accounts import Accounts
from app.admission.bucket import Bucket
from app.admission.copies import Copies
from app.admission.courier import Courier
from app.admission.direct import DirectPath
from app.admission.edits import Hearing
from app.admission.effects import Applier
from app.admission.epochs import EpochFollower
from app.admission.fair.drawing import Draws
from app.admission.faults import Faults
from app.admission.flushing import Flushes
from app.admission.gate import Gate, Limits
from app.admission.kinds import Kinds
from app.admission.loader import Loader
from app.admission.maintenance import Keeper
from app.admission.marks import Marks
from app.admission.promoting import Offers
from app.admission.reading_ahead import ReadingAhead
from app.admission.rebuild import Watch
from app.admission.reconcile import Reconciler
from app.admission.resizing import Resizer
from app.admission.seats_feed import SeatsFeed
from app.admission.second_keys import SecondLook
from app.admission.sheets import Sheets
from app.admission.spool import Spool
from app.admission.status import StatusDesk
from app.admission.store import SeatStore
from app.extensions.registry import Roster
from app.extensions.services import Services


@dataclass(slots=True)
class Engine:
    """The parts, by the names used in docs/book.md."""

    kinds: Kinds
    store: SeatStore
    epochs: EpochFollower
    sheets: Sheets
    hearing: Hearing
    reading_ahead: ReadingAhead
    marks: Marks
    spool: Spool
    copies: Copies
    courier: Courier
    gate: Gate
    status: StatusDesk
    account_desk: AccountDesk
    loader: Loader
    accounts: Accounts
    applier: Applier
    keeper: Keeper
    watch: Watch
    flushes: Flushes
    resizer: Resizer
    reconciler: Reconciler
    seats_feed: SeatsFeed
    offers: Offers
    account_check: AccountCheck
    draws: Draws
    bucket: Bucket
    faults: Faults

    @classmethod
    def build(cls, services: Services, kinds: Kinds) -> Engine:
        """Wire the engine for this process. Opens no connection."""
        settings, db, breakers, clock = services.settings, services.db, services.breakers, services.clock
        faults = Faults(settings.run_dir, enabled=settings.fault_points)
        store = SeatStore(services.redis)
        epochs = EpochFollower(db)
        sheets = Sheets(db, kinds, breakers)
        marks = Marks(services.zookeeper, breakers)
        spool = Spool(settings.spool_dir, clock=clock)
        copies = Copies(settings.spool_peers, settings.secret_key, spool)
        courier = Courier(services.publisher, breakers, spool, copies, faults)
        loader = Loader(db, store, kinds, epochs)
        accounts = Accounts(db=db, store=store, kinds=kinds, epochs=epochs, breakers=breakers)
        applier = Applier(
            store=store, epochs=epochs, loader=loader, accounts=accounts, courier=courier, breakers=breakers
        )
        keeper = Keeper(db=db, store=store, epochs=epochs, applier=applier, courier=courier, marks=marks, clock=clock)
        emission_ms = 1000 / settings.user_rate if settings.user_rate > 0 else 0.0
        gate = Gate(
            store=store,
            epochs=epochs,
            accounts=accounts,
            loader=loader,
            marks=marks,
            courier=courier,
            direct=DirectPath(sheets, clock),
            second_look=SecondLook(marks, db, breakers),
            breakers=breakers,
            limits=Limits(settings.claim_interval_ms, emission_ms, settings.user_burst),
            faults=faults,
        )
        status = StatusDesk(store=store, epochs=epochs, db=db, spool=spool, marks=marks, breakers=breakers)
        flushes = Flushes(services.redis, db, spool, Roster(services.zookeeper))
        watch = Watch(
            db=db,
            store=store,
            loader=loader,
            accounts=accounts,
            epochs=epochs,
            keeper=keeper,
            publisher=services.publisher,
            spool=spool,
            flushes=flushes,
            clock=clock,
            queues=settings.claim_queues,
        )
        return cls(
            kinds=kinds,
            store=store,
            epochs=epochs,
            sheets=sheets,
            hearing=Hearing(services.redis, sheets),
            reading_ahead=ReadingAhead(db, kinds, sheets, breakers),
            marks=marks,
            spool=spool,
            copies=copies,
            courier=courier,
            gate=gate,
            status=status,
            account_desk=AccountDesk(store=store, epochs=epochs, breakers=breakers, status=status),
            loader=loader,
            accounts=accounts,
            applier=applier,
            keeper=keeper,
            watch=watch,
            flushes=flushes,
            resizer=Resizer(store, epochs, kinds, clock),
            reconciler=Reconciler(db, store, kinds, epochs),
            seats_feed=SeatsFeed(store, epochs),
            offers=Offers(db=db, store=store, epochs=epochs, kinds=kinds, courier=courier),
            account_check=AccountCheck(db, store, kinds),
            draws=Draws(db=db, redis=services.redis, kinds=kinds, ids=services.ids, applier=applier, clock=clock),
            bucket=Bucket(db, store, epochs),
            faults=faults,
        )

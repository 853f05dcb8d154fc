"""What ends an account's sessions: disabling it, deleting it, a new password from somebody else.

No refresh follows; the access tokens are called back after the commit (`revocations.tell_ended`).
"""

from __future__ import annotations

from app.auth.identity import Identity
from app.auth.models import Account, AccountStatus
from app.auth.opening import new_password


def end_sessions(account: Account) -> None:
    """Every session of the account is over."""
    account.token_version += 1


def set_status(account: Account, status: str) -> bool:
    """Disable or enable; a disabled account has no sessions. False when it was so already."""
    if account.status == status:
        return False
    account.status = status
    if status == AccountStatus.DISABLED:
        end_sessions(account)
    return True


def delete_account(account: Account) -> None:
    """Nobody can sign in by it any more; its username stays taken, so that nobody is taken for somebody else."""
    set_status(account, AccountStatus.DISABLED)
    account.is_deleted = True
    account.version += 1


def fresh_password(identity: Identity) -> tuple[str, str]:
    """(hash, password): made before the account is locked, as hashing takes its time. Raises BusyError."""
    made = new_password()
    return identity.passwords.hash(made), made


def put_password(account: Account, password_hash: str) -> None:
    """Store it and end the account's sessions."""
    account.password_hash, account.legacy_hash, account.legacy_salt = password_hash, None, None
    account.first_hash, account.first_at = None, None
    end_sessions(account)

"""/api/admin/managers: super-admins alone; permissions per manager."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.managers.creating import create_manager
from app.auth.managers.deleting import delete_manager
from app.auth.managers.editing import edit_manager
from app.auth.managers.reading import ManagerView, list_managers, one_manager
from app.auth.managers.resetting import reset_manager_password
from app.auth.permissions import Permission
from blueprints.auth.guards import requires
from blueprints.auth.new_passwords import NewPasswordSchema, told_once
from blueprints.context import identity, services
from blueprints.crud import After, Resource, serve
from blueprints.manager_admin import schemas
from blueprints.moments import campus_time
from blueprints.openapi import Blueprint, answers, problems
from blueprints.paging import read_text_cursor

blueprint = Blueprint("manager_admin", __name__, url_prefix="/api/admin", description="Those who manage")


def _document(view: ManagerView) -> dict[str, Any]:
    account = view.account
    document = {
        "id": str(account.id),
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "permissions": sorted(one.value for one in account.granted),
        "chosen": account.permissions is not None,
        "mobile_phone": account.mobile_phone,
        "account_status": account.status,
        "last_login": campus_time(account.last_login),
        "version": account.version,
    }
    return document if view.password is None else {**document, "password": view.password}


def _listed(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> list[ManagerView]:
    return list_managers(services(), actor, **filters, after=read_text_cursor(after) or "", limit=limit)


serve(
    blueprint,
    "/managers",
    Resource(
        name="manager",
        permission=Permission.ACCOUNTS_MANAGE,
        item=schemas.ManagerSchema,
        page=schemas.MANAGERS,
        query=schemas.ManagerQuerySchema,
        new=schemas.ManagerInputSchema,
        changes=schemas.ManagerChangeSchema,
        listed=_listed,
        found=lambda actor, one: one_manager(services(), actor, one),
        created=lambda actor, body: create_manager(services(), identity(), actor, body),
        edited=lambda actor, one, body, version: edit_manager(services(), actor, one, body, version=version),
        deleted=lambda actor, one: delete_manager(services(), actor, one),
        document=_document,
        after=lambda view: (view.account.username,),
        refused="username_taken, own_account, last_admin",
    ),
)


@blueprint.route("/managers/<id:row_id>/reset-password", methods=["POST"])
@requires(Permission.ACCOUNTS_MANAGE)
@problems(404)
@answers(200, NewPasswordSchema)
def reset(actor: Actor, row_id: int) -> Response:
    """A new password for somebody who manages, told this once; every session is over."""
    return told_once(reset_manager_password(services(), identity(), actor, row_id))

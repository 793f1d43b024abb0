"""Accounts put into a world: with a way to its table, and with hints about whatever changes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.accounts.account import Account
from tests.simulation.accounts.hints import Hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.adapters.dynamodb.table import Table
    from tests.simulation.actors import Street
    from tests.simulation.calcom_account import CalcomAccount
    from tests.simulation.process import Process


def open_accounts(street: Street, accounts: Mapping[str, CalcomAccount | Account]) -> None:
    world = street.world
    world.accounts.update(accounts)

    def reach(process: Process, business: str) -> Table:
        return world.reach(process, fence=business)

    for account in accounts.values():
        if isinstance(account, Account):
            account.reach = reach
            account.changed = Hints(street, share=account.random.choice((0.0, 0.5, 1.0))).changed

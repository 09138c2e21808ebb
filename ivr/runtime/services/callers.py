"""Who calls: proposed by a number, proved by what they know."""

from ivr.calls.identity import Check, Piece
from ivr.runtime.services.lookup import Asked, Found


async def identify(asked: Asked) -> Found:
    """Caller id proposes a customer: `known` or `unknown`."""
    if "customer_id" in asked.slots:
        return Found("known")
    return await _propose(asked, asked.caller)


async def find_by_phone(asked: Asked) -> Found:
    """The number in the slot `phone` proposes a customer: `known` or `unknown`."""
    return await _propose(asked, str(asked.slots["phone"]))


async def check_piece(asked: Asked) -> Found:
    """Whether the one secret given is right: `right`, `wrong`, `locked` or `unavailable`.

    Where no customer was found nothing is right, and nothing tells that there is none. The secret's name is
    that of the piece. Raises `ValueError` for any other, or for several at once.
    """
    ((name, value),) = asked.secrets.items()
    if "customer_id" not in asked.slots:
        return Found(Check.WRONG.value)
    check = await asked.book.check_piece(asked.customer_id, Piece(name), value)
    if check is not Check.RIGHT:
        return Found(check.value)
    return Found(check.value, customer_id=asked.customer_id, verified=True)


async def _propose(asked: Asked, phone: str) -> Found:
    customer = await asked.book.find_customer(phone)
    if customer is None:
        return Found("unknown")
    return Found("known", {"customer_id": customer.customer_id}, customer.customer_id)

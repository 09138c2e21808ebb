"""How something stands that the caller waits for: a payment, an application."""

from ivr.calls.payments import latest_payment, payments_or_paid
from ivr.calls.speech import SlotValue
from ivr.runtime.services.lookup import Asked, Found, proved


@proved
async def payment_arrived(asked: Asked) -> Found:
    """The newest payment of the last 30 days: `arrived`, `on_its_way` or `nothing`."""
    payments = payments_or_paid(await asked.book.payments(asked.customer_id), await asked.loans())
    payment = latest_payment(payments, asked.today)
    if payment is None:
        return Found("nothing")
    told: dict[str, SlotValue] = {"paid_amount": payment.amount, "paid_on": payment.received_on}
    return Found("arrived" if payment.booked else "on_its_way", told)


@proved
async def application_status(asked: Asked) -> Found:
    """The newest application: `none`, `reviewing`, `approved`, `refused` or `paid_out`."""
    applications = await asked.book.applications(asked.customer_id)
    if not applications:
        return Found("none")
    newest = applications[0]
    told: dict[str, SlotValue] = {
        "app_product": newest.product,
        "app_amount": newest.amount,
        "app_on": newest.submitted_on,
    }
    return Found(newest.status.value, told)

"""Which REST operation each of the operator's acts and wishes is."""

from console.client.protocol import Client
from console.core.payout import PayOut
from console.core.state import Act, DeleteMessage, ToggleProduct
from shared import commands, endpoints
from shared.views import ChatMessageView

HISTORY_LIMIT = 200
"""The most messages that the server lists at once."""


async def perform(client: Client, act: Act) -> None:
    """Ask the server for an act.

    Raises:
        ProblemError: when it is refused or can't be sent.
    """
    match act:
        case ToggleProduct(stream_id=stream_id, product_id=product_id, active=active):
            await client.call(
                endpoints.TOGGLE_STREAM_PRODUCT,
                stream_id=stream_id,
                product_id=product_id,
                body=commands.ToggleStreamProduct(is_active=active),
            )
        case DeleteMessage(stream_id=stream_id, message_id=message_id):
            await client.call(endpoints.DELETE_MESSAGE, stream_id=stream_id, message_id=message_id)
        case PayOut():
            # The amount is said, not left to the server: nobody confirmed another one.
            await client.call(
                endpoints.MAKE_PAYOUT,
                affiliate_id=act.affiliate_id,
                body=commands.MakePayout(currency=act.currency, amount=act.amount, reference=act.reference),
                idempotency_key=act.key,
            )


async def history(client: Client, stream_id: str) -> list[ChatMessageView]:
    """A stream's newest messages, oldest first.

    Raises:
        ProblemError: when they can't be had.
    """
    return await client.call(
        endpoints.LIST_MESSAGES,
        stream_id=stream_id,
        query=commands.MessagesQuery(limit=HISTORY_LIMIT),
    )

"""Streams, their products and their chat over REST."""

from backend.rest.binding import Call, serve
from backend.rest.moderation import client
from backend.services import chat, stream_products, streams
from backend.services.moderation import acts
from shared import commands as c
from shared import endpoints
from shared import views as v


@serve(endpoints.CREATE_SELLER_STREAM)
async def create_seller_stream(call: Call[c.CreateSellerStream, None]) -> v.HostStreamView:
    """A new stream of the token's seller."""
    return await streams.create_seller_stream(call.runtime, call.actor, call.body)


@serve(endpoints.CREATE_AFFILIATE_STREAM)
async def create_affiliate_stream(call: Call[c.CreateAffiliateStream, None]) -> v.HostStreamView:
    """A new stream of the token's affiliate."""
    return await streams.create_affiliate_stream(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_OWN_STREAMS)
async def list_own(call: Call[None, None]) -> list[v.StreamView]:
    """The streams that the caller works on."""
    return await streams.list_own(call.runtime, call.actor)


@serve(endpoints.LIST_ACTIVE_STREAMS)
async def list_active(call: Call[None, c.ActiveStreamsQuery]) -> list[v.StreamView] | v.ActiveStreamsPage:
    """What is live."""
    return await streams.list_active(call.runtime, call.query)


@serve(endpoints.GET_STREAM)
async def get_stream(call: Call[None, None]) -> v.StreamView:
    """One stream, as the caller may see it."""
    return await streams.get(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.START_STREAM)
async def start_stream(call: Call[None, None]) -> v.HostStreamView:
    """Go live."""
    return await streams.start(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.END_STREAM)
async def end_stream(call: Call[None, None]) -> v.HostStreamView:
    """End the show."""
    return await streams.end(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.GET_OBS_SETUP)
async def get_obs_setup(call: Call[None, None]) -> v.ObsSetupView:
    """What to type into OBS."""
    return await streams.obs_setup(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.REGENERATE_KEY)
async def regenerate_key(call: Call[None, None]) -> v.StreamKeyView:
    """A new stream key."""
    return await streams.regenerate_key(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.GET_STATS)
async def get_stats(call: Call[None, None]) -> v.StatsView:
    """A stream's figures."""
    return await streams.stats(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.LIST_STREAM_PRODUCTS)
async def list_stream_products(call: Call[None, None]) -> list[v.StreamProductView]:
    """A stream's products."""
    return await stream_products.list_products(call.runtime, call.actor, call.path["stream_id"])


@serve(endpoints.ADD_STREAM_PRODUCT)
async def add_stream_product(call: Call[c.AddStreamProduct, None]) -> v.StreamProductView:
    """Feature a product."""
    return await stream_products.add(call.runtime, call.actor, call.path["stream_id"], call.body)


@serve(endpoints.TOGGLE_STREAM_PRODUCT)
async def toggle_stream_product(call: Call[c.ToggleStreamProduct, None]) -> v.StreamProductView:
    """Show or hide a product."""
    return await stream_products.toggle(
        call.runtime, call.actor, call.path["stream_id"], call.path["product_id"], call.body.is_active
    )


@serve(endpoints.LIST_MESSAGES)
async def list_messages(call: Call[None, c.MessagesQuery]) -> list[v.ChatMessageView]:
    """The newest chat."""
    return await chat.recent(call.runtime, call.actor, call.path["stream_id"], call.query.limit)


@serve(endpoints.POST_MESSAGE)
async def post_message(call: Call[c.PostMessage, None]) -> v.ChatMessageView:
    """Say something."""
    said = chat.Utterance(text=call.body.message, username=call.body.username)
    return await chat.say(call.runtime, call.actor, call.path["stream_id"], said)


@serve(endpoints.DELETE_MESSAGE)
async def delete_message(call: Call[None, None]) -> c.MessageDeletedAck:
    """Take a message away."""
    path = call.path
    return await acts.remove(call.runtime, call.actor, client(), path["stream_id"], path["message_id"])

"""The one product that a stream shows above all others, perhaps for a time."""

from datetime import timedelta

from backend import seams
from backend.domain.actors import Actor
from backend.services import moments, stream_products
from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork, commit, next_seq, one_by_one
from backend.storage import views
from backend.storage.models import LiveStream, Pin
from shared.commands import PinProduct, UnpinProduct
from shared.events import ProductPinnedInStream
from shared.problems import Code, ProblemError
from shared.roles import Permission


async def pin(runtime: Runtime, actor: Actor, command: PinProduct) -> None:
    """Pin a product in place of the one pinned before."""
    scope = await stream_products.scope_for(runtime, actor, Permission.TOGGLE_PRODUCTS, command.stream_id)

    async def work(unit: UnitOfWork) -> None:
        await LiveStream.select_for_update(no_key=True).get(id=scope.id)
        await stream_products.on_sale(scope.id, command.product_id)
        now = seams.now()
        ends_at = now + timedelta(seconds=command.timer_duration) if command.timer_duration else None
        await Pin.filter(stream_id=scope.id).delete()
        row = await Pin.create(
            stream_id=scope.id,
            product_id=command.product_id,
            pinned_by=actor.subject or "",
            pinned_at=now,
            ends_at=ends_at,
        )
        unit.tell(scope, moments.pinned(row, await next_seq(scope.id)))
        unit.tell(
            scope,
            ProductPinnedInStream(
                stream_id=scope.id, product_id=row.product_id, pinned_by=row.pinned_by, timestamp=now
            ),
        )

    await commit(runtime.bus, work)


async def unpin(runtime: Runtime, actor: Actor, command: UnpinProduct) -> None:
    """Take a pin away."""
    scope = await stream_products.scope_for(runtime, actor, Permission.TOGGLE_PRODUCTS, command.stream_id)

    async def work(unit: UnitOfWork) -> None:
        if not await moments.unpin(unit, scope, command.product_id):
            raise ProblemError(Code.NOT_FOUND, f"The product {command.product_id!r} is not pinned.")

    await commit(runtime.bus, work)


async def end_expired(runtime: Runtime) -> None:
    """Take away the pins whose time is over."""
    over = await Pin.filter(ends_at__lte=seams.now()).values_list("stream_id", flat=True)
    await one_by_one(runtime.bus, over, _end_expired)


async def _end_expired(unit: UnitOfWork, stream_id: str) -> None:
    stream = await LiveStream.select_for_update(no_key=True).get(id=stream_id)
    # Looked at again under the lock: another product may have been pinned meanwhile.
    row = await Pin.get_or_none(stream_id=stream_id, ends_at__lte=seams.now())
    if row is not None:
        await moments.unpin(unit, views.scope(stream), row.product_id)

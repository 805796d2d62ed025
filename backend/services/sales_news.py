"""The news that a stream's sales moved: its figures are recomputed, at most once a second, and told to consoles."""

from backend.services.runtime import Runtime
from backend.services.unit_of_work import UnitOfWork
from backend.storage import views
from backend.storage.models import LiveStream


async def tell(runtime: Runtime, unit: UnitOfWork, stream_id: str | None) -> None:
    """Have a stream's figures recomputed after the commit; orders outside of streams have none."""
    if stream_id is None:
        return
    scope = views.scope(await LiveStream.get(id=stream_id))
    unit.then(lambda: runtime.figures.note(scope))

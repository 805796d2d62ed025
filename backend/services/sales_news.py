"""The news that a stream's sales moved: its figures, whole, to consoles."""

from backend.services import figures
from backend.services.unit_of_work import UnitOfWork
from backend.storage import views
from backend.storage.models import LiveStream
from shared.events import FiguresUpdate


async def tell(unit: UnitOfWork, stream_id: str | None) -> None:
    """Announce a stream's figures after the commit; orders outside of streams have none."""
    if stream_id is None:
        return
    stream = await LiveStream.get(id=stream_id)
    found = await figures.compute([stream_id])
    unit.tell(views.scope(stream), FiguresUpdate(stream_id=stream_id, figures=found[stream_id]))

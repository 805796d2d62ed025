"""Shows in figures over REST."""

from backend.rest.binding import Call, serve
from backend.services import dashboard
from shared import endpoints
from shared import views as v


@serve(endpoints.GET_DASHBOARD)
async def get_dashboard(call: Call[None, None]) -> v.DashboardView:
    """The caller's shows together."""
    return await dashboard.dashboard(call.runtime, call.actor)


@serve(endpoints.GET_ANALYTICS)
async def get_analytics(call: Call[None, None]) -> v.AnalyticsView:
    """One show, analysed."""
    return await dashboard.analytics(call.runtime, call.actor, call.path["stream_id"])

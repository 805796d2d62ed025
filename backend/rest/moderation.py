"""Moderation over REST."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from quart import Response, request

from backend.rest.binding import Call, serve
from backend.services import audit_log, followers
from backend.services.moderation import acts, appointments, reading, unban_requests, warnings
from shared import commands as c
from shared import endpoints, wire
from shared import views as v
from shared.moderation import ActClient, ActKind

CONSOLE = "control-room"
"""How the control room's requests name their program."""
_COLUMNS = (
    "id",
    "happenedAt",
    "what",
    "actorId",
    "actorRole",
    "client",
    "streamId",
    "subjectId",
    "reason",
    "before",
    "after",
    "details",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def client() -> ActClient:
    """By which program the request was made."""
    agent = request.headers.get("User-Agent", "")
    return ActClient.CONSOLE if agent.startswith(CONSOLE) else ActClient.REST


async def _act(call: Call[Any, None], act: c.Act) -> v.ActView:
    return await acts.perform(call.runtime, call.actor, client(), call.path["stream_id"], act, call.key)


@serve(endpoints.PERFORM_ACT)
async def perform_act(call: Call[c.Act, None]) -> v.ActView:
    """Any act."""
    return await _act(call, call.body)


@serve(endpoints.LIST_ACTS)
async def list_acts(call: Call[None, c.ActsQuery]) -> v.Page[v.ActView]:
    """What was done."""
    return await reading.acts(call.runtime, call.actor, call.path["stream_id"], call.query)


@serve(endpoints.UNDO_ACT)
async def undo_act(call: Call[c.UndoActs, None]) -> v.ActView:
    """As if it had not been."""
    return await _act(call, c.Act(kind=ActKind.UNDO, act_ids=[call.path["act_id"]], reason=call.body.reason))


@serve(endpoints.TIMEOUT_PERSON)
async def timeout_person(call: Call[c.TimeoutPerson, None]) -> v.ActView:
    """Silence somebody."""
    body = call.body
    return await _act(
        call,
        c.Act(
            kind=ActKind.TIMEOUT,
            user_id=body.user_id,
            username=body.username,
            session_id=body.session_id,
            seconds=body.duration,
            reason=body.reason,
        ),
    )


@serve(endpoints.BAN_PERSON)
async def ban_person(call: Call[c.BanPerson, None]) -> v.ActView:
    """Shut somebody out."""
    body = call.body
    return await _act(
        call,
        c.Act(
            kind=ActKind.BAN,
            user_id=body.user_id,
            username=body.username,
            session_id=body.session_id,
            seconds=body.duration,
            reason=body.reason,
            with_address=body.with_address,
        ),
    )


@serve(endpoints.UNBAN_PERSON)
async def unban_person(call: Call[c.Someone, None]) -> v.ActView:
    """Let somebody in again."""
    body = call.body
    act = c.Act(kind=ActKind.UNBAN, user_id=body.user_id, username=body.username, session_id=body.session_id)
    return await _act(call, act)


@serve(endpoints.LIST_MODERATED_MESSAGES)
async def list_moderated_messages(call: Call[None, c.ModeratedQuery]) -> v.Page[v.StaffMessageView]:
    """The chat as it is, or the hold queue."""
    return await reading.messages(call.runtime, call.actor, call.path["stream_id"], call.query)


@serve(endpoints.GET_PERSON)
async def get_person(call: Call[None, None]) -> v.PersonView:
    """A person's card."""
    return await reading.person(call.runtime, call.actor, call.path["stream_id"], call.path["user_id"])


@serve(endpoints.GET_CHAT_MODES)
async def get_chat_modes(call: Call[None, None]) -> list[v.ChatModeView]:
    """How the chat is narrowed."""
    return await reading.modes(call.runtime, call.path["stream_id"])


@serve(endpoints.ACKNOWLEDGE_WARNING)
async def acknowledge_warning(call: Call[None, None]) -> list[v.ChatModeView]:
    """The warning is read."""
    await warnings.acknowledge(call.runtime, call.actor, client(), call.path["stream_id"])
    return await reading.modes(call.runtime, call.path["stream_id"])


@serve(endpoints.ASK_UNBAN)
async def ask_unban(call: Call[c.AskUnban, None]) -> v.UnbanRequestView:
    """Please."""
    return await unban_requests.ask(call.runtime, call.actor, call.path["stream_id"], call.body)


@serve(endpoints.LIST_UNBAN_REQUESTS)
async def list_unban_requests(call: Call[None, c.PageQuery]) -> v.Page[v.UnbanRequestView]:
    """Who asks."""
    return await unban_requests.waiting(call.runtime, call.actor, call.path["stream_id"], call.query)


@serve(endpoints.ANSWER_UNBAN)
async def answer_unban(call: Call[c.AnswerUnban, None]) -> v.UnbanRequestView:
    """Yes or no."""
    path = call.path
    return await unban_requests.answer(
        call.runtime, call.actor, client(), path["stream_id"], path["request_id"], call.body
    )


@serve(endpoints.APPOINT)
async def appoint(call: Call[c.Appoint, None]) -> v.AppointmentView:
    """A new moderator."""
    return await appointments.appoint(call.runtime, call.actor, call.body)


@serve(endpoints.LIST_APPOINTMENTS)
async def list_appointments(call: Call[None, c.PageQuery]) -> v.Page[v.AppointmentView]:
    """The moderators."""
    return await appointments.list_all(call.actor, call.query)


@serve(endpoints.DISMISS)
async def dismiss(call: Call[None, None]) -> v.AppointmentView:
    """One moderator less."""
    return await appointments.dismiss(call.runtime, call.actor, call.path["appointment_id"])


@serve(endpoints.LIST_AUDIT)
async def list_audit(call: Call[None, c.AuditQuery]) -> v.Page[v.AuditView]:
    """What was done and tried."""
    return await audit_log.page(call.actor, call.query)


@serve(endpoints.EXPORT_AUDIT)
async def export_audit(call: Call[None, c.AuditExportQuery]) -> Response:
    """All of it, as it is read: the log may be longer than memory."""
    entries = audit_log.everything(call.actor, call.query)
    if call.query.format == "jsonl":
        return Response(_json_lines(entries), content_type="application/jsonl")
    return Response(_csv(entries), content_type="text/csv; charset=utf-8")


async def _json_lines(entries: AsyncIterator[v.AuditView]) -> AsyncIterator[bytes]:
    async for entry in entries:
        yield wire.encode(entry) + b"\n"


async def _csv(entries: AsyncIterator[v.AuditView]) -> AsyncIterator[bytes]:
    yield _row(_COLUMNS)
    async for entry in entries:
        plain = wire.to_plain(entry)
        yield _row([_cell(plain[name]) for name in _COLUMNS])


def _row(cells: object) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # type: ignore[arg-type]
    return text.getvalue().encode()


def _cell(value: object) -> str:
    """A value as text that no spreadsheet runs."""
    text = "" if value is None else value if isinstance(value, str) else wire.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


@serve(endpoints.FOLLOW)
async def follow(call: Call[None, None]) -> v.FollowView:
    """From now on."""
    return await followers.follow(call.actor, call.path["streamer_id"])


@serve(endpoints.UNFOLLOW)
async def unfollow(call: Call[None, None]) -> v.FollowView:
    """No longer."""
    return await followers.unfollow(call.actor, call.path["streamer_id"])


@serve(endpoints.IS_FOLLOWING)
async def is_following(call: Call[None, None]) -> v.FollowView:
    """Whether."""
    return await followers.is_following(call.actor, call.path["streamer_id"])


@serve(endpoints.SET_NOTIFICATIONS)
async def set_notifications(call: Call[c.FollowNotifications, None]) -> v.FollowView:
    """Whether to be told."""
    return await followers.set_notifications(call.actor, call.path["streamer_id"], call.body)

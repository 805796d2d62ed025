"""Commands from sockets: each row of the contract's table has one handler here."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from backend import seams
from backend.domain.actors import Actor, StreamScope, may, require
from backend.realtime.control import Control
from backend.realtime.outbound import Outbound
from backend.realtime.sockets import LiveSocket
from backend.services import chat, checkout, dashboard, flash_sales, pins, purchase_attempts, stream_products, streams
from backend.services.moderation import acts, admission, warnings
from backend.services.runtime import Runtime
from backend.services.snapshots import Snapshot
from shared import commands as c
from shared import events, wire
from shared.moderation import ActClient, ActKind
from shared.problems import Code, ProblemError
from shared.roles import Permission
from shared.rooms import ADMIN_ROOM, host_room, person_room, stream_room
from shared.views import ActView

RECENT = 20
"""Messages that a joining viewer is sent."""
RECENT_FOR_HOST = 50
"""Messages that a joining host or moderator is sent."""

Handler = Callable[["Inbound", LiveSocket, Any], Awaitable[Any]]
H = TypeVar("H", bound=Handler)
Reader = Callable[[Runtime, Actor, Any], Awaitable[None]]
Witness = Callable[[Runtime, Actor, ProblemError], Awaitable[None]]

HANDLERS: dict[str, Handler] = {}
"""The handler of each command, by its wire name."""
_READERS: dict[str, Reader] = {}
"""Who is shown a payload as it came, by the command's wire name."""
_WITNESSES: dict[str, Witness] = {}
"""Who is told of a payload that could not be read, by the command's wire name."""


def _handles(command: type[Any], *, raw: Reader | None = None, unreadable: Witness | None = None) -> Callable[[H], H]:
    name = next(spec.name for spec in c.COMMANDS.values() if spec.body is command)
    if raw is not None:
        _READERS[name] = raw
    if unreadable is not None:
        _WITNESSES[name] = unreadable

    def declare(handler: H) -> H:
        HANDLERS[name] = handler
        return handler

    return declare


class Inbound:
    """Reads commands, checks who may send them, and calls the use case."""

    def __init__(self, runtime: Runtime, outbound: Outbound, control: Control) -> None:
        self.runtime = runtime
        self.outbound = outbound
        self.control = control

    async def handle(self, socket: LiveSocket, name: str, payload: Any) -> Any:
        """Answer one command; its acknowledgement.

        Raises:
            ProblemError: the command is unknown, malformed, forbidden or impossible.
        """
        spec = c.COMMANDS.get(name)
        if spec is None:
            raise ProblemError(Code.UNKNOWN_EVENT, f"There is no event {name[:64]!r}.")
        require(socket.actor, spec.needs, spec.target)
        await self.runtime.identity.require_known(socket.actor)
        try:
            command = wire.from_wire(spec.body, {} if payload is None else payload)
        except ProblemError as problem:
            if name in _WITNESSES:
                await _WITNESSES[name](self.runtime, socket.actor, problem)
            raise
        if name in _READERS:
            await _READERS[name](self.runtime, socket.actor, payload)
        return await HANDLERS[name](self, socket, command)

    def leave_all(self, socket: LiveSocket) -> None:
        """The socket is gone."""
        self.runtime.attendance.drop(socket.sid)
        self.control.unsubscribe(socket.sid)


@_handles(c.JoinStream)
async def _join(inbound: Inbound, socket: LiveSocket, command: c.JoinStream) -> c.Joined:
    # Before anything is waited for: what the client sends behind its join is already this session's.
    _fix_session(inbound.runtime, socket, command.session_id)
    snapshot = await inbound.runtime.snapshots.get(command.stream_id)
    _require_open(socket)
    return await _enter(inbound, socket, snapshot, command.since)


@_handles(c.HostJoinStream)
async def _host_join(inbound: Inbound, socket: LiveSocket, command: c.HostJoinStream) -> c.Joined:
    _fix_session(inbound.runtime, socket, command.session_id)
    snapshot = await inbound.runtime.snapshots.get(command.stream_id)
    _require_open(socket)
    if not may(socket.actor, Permission.MODERATE, snapshot.scope):
        return await _enter(inbound, socket, snapshot, None)
    inbound.runtime.attendance.leave(snapshot.scope.id, socket.sid)
    socket.joined[snapshot.scope.id] = snapshot.scope
    stream = streams.staff_now(inbound.runtime, snapshot)
    viewers = inbound.runtime.attendance.count(snapshot.scope.id)
    info = events.StreamInfo(stream=stream, viewer_count=viewers, is_host=True)
    recent = events.RecentMessages(messages=snapshot.messages(RECENT_FOR_HOST))
    rooms = [*_rooms(socket, snapshot.scope), host_room(snapshot.scope.id)]
    await inbound.outbound.admit(socket.sid, rooms, info, recent, *snapshot.moments_at(seams.now()))
    return _joined(inbound, socket, snapshot, is_host=True)


def _require_open(socket: LiveSocket) -> None:
    """Nobody joins who has left while the stream was looked up: no disconnect would ever take them out again."""
    if socket.closed:
        raise ProblemError(Code.OFFLINE, "This connection is closed.")


def _fix_session(runtime: Runtime, socket: LiveSocket, session_id: str | None) -> None:
    """A guest's first join fixes its session; a signed guest has one, and anyone signed in needs none."""
    if socket.actor.guest_id is None and socket.actor.is_guest:
        socket.session_id = session_id or seams.new_secret(18)
        socket.actor = runtime.identity.as_guest(socket.actor, socket.session_id)
    elif session_id is not None and socket.session_id not in (None, session_id):
        raise ProblemError(Code.SESSION_FIXED, "This socket joined under another session; open a new one to change it.")


async def _enter(inbound: Inbound, socket: LiveSocket, snapshot: Snapshot, since: int | None) -> c.Joined:
    """Watch a stream. Whoever works on it is no viewer of it."""
    runtime, scope, actor = inbound.runtime, snapshot.scope, socket.actor
    room = await runtime.rooms.get(scope)
    # From the question whether somebody is shut out until they are among the joined nothing is waited for: a ban is
    # committed either before, and refuses here, or after, and finds the socket.
    _require_open(socket)
    admission.require_admitted_to(room, actor, scope)
    if actor.public_id is not None and not actor.is_staff_of(scope):
        runtime.attendance.join(
            scope,
            actor.public_id,
            socket.sid,
            known_peak=snapshot.stream.peak_viewers,
            address_hash=actor.address_hash,
        )
    socket.joined[scope.id] = scope
    stream = streams.public_now(runtime, snapshot)
    info = events.StreamInfo(stream=stream, viewer_count=stream.viewer_count)
    recent = events.RecentMessages(messages=snapshot.messages(RECENT, since))
    rooms = _rooms(socket, scope)
    await inbound.outbound.admit(socket.sid, rooms, info, recent, *snapshot.moments_at(seams.now()))
    return _joined(inbound, socket, snapshot)


def _rooms(socket: LiveSocket, scope: StreamScope) -> list[str]:
    """Where a socket hears what is told to everyone, and to its person."""
    person = socket.actor.public_id
    return [stream_room(scope.id), *([person_room(scope.id, person)] if person else [])]


def _joined(inbound: Inbound, socket: LiveSocket, snapshot: Snapshot, *, is_host: bool = False) -> c.Joined:
    return c.Joined(
        stream_id=snapshot.scope.id,
        session_id=socket.session_id,
        user_id=socket.actor.public_id or "",
        viewer_count=inbound.runtime.attendance.count(snapshot.scope.id),
        seq=snapshot.seq,
        is_host=is_host,
    )


@_handles(c.LeaveStream)
async def _leave(inbound: Inbound, socket: LiveSocket, command: c.LeaveStream) -> c.Done:
    inbound.runtime.attendance.leave(command.stream_id, socket.sid)
    scope = socket.joined.pop(command.stream_id, None)
    if scope is not None:
        await inbound.outbound.dismiss(socket.sid, [*_rooms(socket, scope), host_room(scope.id)])
    return c.Done()


@_handles(c.SendMessage)
async def _send(inbound: Inbound, socket: LiveSocket, command: c.SendMessage) -> c.MessageSent:
    if socket.actor.public_id is None:
        raise ProblemError(Code.CONFLICT, "Join the stream before you chat in it.")
    said = chat.Utterance(text=command.message, username=command.username)
    return c.MessageSent(message=await chat.say(inbound.runtime, socket.actor, command.stream_id, said))


@_handles(c.DeleteMessage)
async def _delete(inbound: Inbound, socket: LiveSocket, command: c.DeleteMessage) -> c.MessageDeletedAck:
    stream_id = command.stream_id or _only_stream(socket)
    done = await acts.remove(inbound.runtime, socket.actor, ActClient.SOCKET, stream_id, command.message_id)
    inbound.outbound.send(socket.sid, events.MessageDeleteSuccess(message_id=command.message_id))
    return done


async def _act(inbound: Inbound, socket: LiveSocket, stream_id: str | None, act: c.Act) -> ActView:
    wanted = stream_id or _only_stream(socket)
    return await acts.perform(inbound.runtime, socket.actor, ActClient.SOCKET, wanted, act)


@_handles(c.Moderate)
async def _moderate(inbound: Inbound, socket: LiveSocket, command: c.Moderate) -> c.ActDone:
    return c.ActDone(act=await _act(inbound, socket, command.stream_id, command))


@_handles(c.BanUser)
async def _ban(inbound: Inbound, socket: LiveSocket, command: c.BanUser) -> c.ActDone:
    act = c.Act(kind=ActKind.BAN, user_id=command.user_id, reason=command.reason)
    done = await _act(inbound, socket, command.stream_id, act)
    inbound.outbound.send(socket.sid, events.BanSuccess(user_id=command.user_id))
    return c.ActDone(act=done)


@_handles(c.UnbanUser)
async def _unban(inbound: Inbound, socket: LiveSocket, command: c.UnbanUser) -> c.ActDone:
    act = c.Act(kind=ActKind.UNBAN, user_id=command.user_id)
    return c.ActDone(act=await _act(inbound, socket, command.stream_id, act))


@_handles(c.TimeoutUser)
async def _timeout(inbound: Inbound, socket: LiveSocket, command: c.TimeoutUser) -> c.ActDone:
    act = c.Act(kind=ActKind.TIMEOUT, user_id=command.user_id, seconds=60 * command.timeout_minutes)
    done = await _act(inbound, socket, command.stream_id, act)
    until = done.ends_at or seams.now()
    inbound.outbound.send(socket.sid, events.TimeoutSuccess(user_id=command.user_id, until=until))
    return c.ActDone(act=done)


@_handles(c.AcknowledgeWarning)
async def _acknowledge(inbound: Inbound, socket: LiveSocket, command: c.AcknowledgeWarning) -> c.Done:
    await warnings.acknowledge(inbound.runtime, socket.actor, ActClient.SOCKET, command.stream_id)
    return c.Done()


def _only_stream(socket: LiveSocket) -> str:
    if len(socket.joined) != 1:
        raise ProblemError(Code.STREAM_REQUIRED, "Say which stream: send streamId.")
    return next(iter(socket.joined))


@_handles(c.StartStream)
async def _start(inbound: Inbound, socket: LiveSocket, command: c.StartStream) -> c.StreamChangedAck:
    stream = await streams.start(inbound.runtime, socket.actor, command.stream_id)
    inbound.outbound.send(socket.sid, events.StreamStarted(stream=stream))
    return c.StreamChangedAck(stream=stream)


@_handles(c.EndStream)
async def _end(inbound: Inbound, socket: LiveSocket, command: c.EndStream) -> c.StreamChangedAck:
    stream = await streams.end(inbound.runtime, socket.actor, command.stream_id)
    inbound.outbound.send(socket.sid, events.StreamEnded(stream=stream))
    return c.StreamChangedAck(stream=stream)


@_handles(c.UpdateStreamProducts)
async def _state_products(inbound: Inbound, socket: LiveSocket, command: c.UpdateStreamProducts) -> c.ProductsStatedAck:
    products = await stream_products.state(inbound.runtime, socket.actor, command.stream_id)
    return c.ProductsStatedAck(products=products)


@_handles(c.StreamHeartbeat)
async def _heartbeat(inbound: Inbound, socket: LiveSocket, command: c.StreamHeartbeat) -> c.HeartbeatReceived:
    del command
    now = seams.now()
    inbound.outbound.send(socket.sid, events.HeartbeatAck(timestamp=now))
    return c.HeartbeatReceived(timestamp=now)


@_handles(c.StreamPurchase, raw=purchase_attempts.note_claims, unreadable=purchase_attempts.note_refusal)
async def _purchase(inbound: Inbound, socket: LiveSocket, command: c.StreamPurchase) -> c.OrderPlaced:
    if socket.actor.public_id is None:
        raise ProblemError(Code.CONFLICT, "Join the stream before you buy in it.")
    item = c.OrderItem(product_id=command.product_id, quantity=command.quantity, variant=command.variant)
    order = c.PlaceOrder(items=[item], live_session_id=command.stream_id, affiliate_id=command.affiliate_id)
    placed = await checkout.place(inbound.runtime, socket.actor, order, command.idempotency_key)
    return c.OrderPlaced(order=placed)


@_handles(c.PurchaseMade)
async def _purchase_made(inbound: Inbound, socket: LiveSocket, command: c.PurchaseMade) -> c.Done:
    await checkout.hint(socket.actor, command)
    return c.Done()


@_handles(c.PinProduct)
async def _pin(inbound: Inbound, socket: LiveSocket, command: c.PinProduct) -> c.Done:
    await pins.pin(inbound.runtime, socket.actor, command)
    inbound.outbound.send(socket.sid, events.PinProductSuccess(product_id=command.product_id))
    return c.Done()


@_handles(c.UnpinProduct)
async def _unpin(inbound: Inbound, socket: LiveSocket, command: c.UnpinProduct) -> c.Done:
    await pins.unpin(inbound.runtime, socket.actor, command)
    inbound.outbound.send(socket.sid, events.UnpinProductSuccess(product_id=command.product_id))
    return c.Done()


@_handles(c.StartFlashSale)
async def _flash_sale(inbound: Inbound, socket: LiveSocket, command: c.StartFlashSale) -> c.Done:
    await flash_sales.start(inbound.runtime, socket.actor, command)
    return c.Done()


@_handles(c.GetStreamPurchaseStats)
async def _purchase_stats(
    inbound: Inbound, socket: LiveSocket, command: c.GetStreamPurchaseStats
) -> c.PurchaseStatsAck:
    stats = await dashboard.purchase_stats(inbound.runtime, command.stream_id)
    news = events.StreamPurchaseStats(stream_id=command.stream_id, stats=stats, timestamp=seams.now())
    inbound.outbound.send(socket.sid, news)
    return c.PurchaseStatsAck(stats=stats)


@_handles(c.SubscribeToAdminUpdates)
async def _subscribe_admin(inbound: Inbound, socket: LiveSocket, command: c.SubscribeToAdminUpdates) -> c.Done:
    del command
    await inbound.outbound.admit(socket.sid, [ADMIN_ROOM], events.SubscribedToAdmin(timestamp=seams.now()))
    return c.Done()


@_handles(c.UnsubscribeFromAdminUpdates)
async def _unsubscribe_admin(inbound: Inbound, socket: LiveSocket, command: c.UnsubscribeFromAdminUpdates) -> c.Done:
    del command
    await inbound.outbound.dismiss(socket.sid, [ADMIN_ROOM])
    return c.Done()


@_handles(c.SubscribeControl)
async def _subscribe_control(inbound: Inbound, socket: LiveSocket, command: c.SubscribeControl) -> c.Done:
    _require_open(socket)
    await inbound.control.subscribe(inbound.runtime, socket.sid, socket.actor, command)
    return c.Done()

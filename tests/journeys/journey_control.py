"""A control room's realtime connection, kept as plain data: snapshot, then batches."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio
from journey_waiting import until

NAMESPACE = "/live"


class ControlClient:
    """What one console would show."""

    def __init__(self) -> None:
        self.streams: dict[str, dict[str, Any]] = {}
        self.counts: dict[str, int] = {}
        self.products: dict[str, list[dict[str, Any]]] = {}
        self.events: list[tuple[float, str, dict[str, Any]]] = []
        self.gaps = 0
        self._seq: int | None = None
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("controlSnapshot", self._snapshot, namespace=NAMESPACE)
        self._client.on("controlBatch", self._batch, namespace=NAMESPACE)

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, token: str) -> AsyncIterator["ControlClient"]:
        control = cls()
        await control._client.connect(url, namespaces=[NAMESPACE], auth={"token": token}, transports=["websocket"])
        try:
            answer = await control._client.call("subscribeControl", {}, namespace=NAMESPACE)
            assert answer == {"ok": True}
            await until(lambda: control.streams, "the control snapshot")
            yield control
        finally:
            await control._client.disconnect()

    async def _snapshot(self, payload: dict[str, Any]) -> None:
        self._seq = payload["seq"]
        self.streams = {stream["id"]: stream for stream in payload["streams"]}
        self.counts = {stream["id"]: stream["viewerCount"] for stream in payload["streams"]}

    async def _batch(self, payload: dict[str, Any]) -> None:
        now = time.monotonic()
        assert self._seq is not None
        self.gaps += payload["seq"] != self._seq + 1
        self._seq = payload["seq"]
        for item in payload["events"]:
            event, body = item["event"], item["payload"]
            self.events.append((now, event, body))
            if event == "viewerCountUpdate":
                self.counts[body["streamId"]] = body["count"]
            elif event == "streamProductsUpdate":
                self.products[body["streamId"]] = body["products"]

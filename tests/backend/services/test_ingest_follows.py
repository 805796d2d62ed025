"""Live follows ingest: what the media server asks and reports over its hook, and what becomes of the show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from backend import seams
from shared.ingest import HOOK_PATH
from shared.roles import Role
from tests.shop import AFFILIATE, MEDIA_SECRET, STREAM, Shop, refusal
from tests.waiting import eventually


class Media:
    """A media server's side of the hook."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def post(self, body: Any, secret: str = MEDIA_SECRET) -> Any:
        return await self.shop.guest.post(
            self.shop.url + HOOK_PATH, json=body, headers={"Authorization": f"Bearer {secret}"}
        )

    async def publish(self, key: str) -> Any:
        return await self.post({"event": "publish", "client": "c1", "key": key, "address": "127.0.0.1"})

    async def report(self, *programs: dict[str, Any]) -> dict[str, Any]:
        return (await self.post({"event": "report", "programs": list(programs)})).json()


def _program(playback_id: str, state: str, client: str = "c1", **figures: Any) -> dict[str, Any]:
    return {"playbackId": playback_id, "client": client, "state": state, "stateSeconds": 1.0, "segments": 1} | figures


async def _stream(shop: Shop) -> dict[str, Any]:
    return (await shop.affiliate.get(f"/live/streams/{STREAM}")).json()


def _playback_id(stream: dict[str, Any]) -> str:
    return stream["hlsUrl"].rsplit("/", 1)[1].removesuffix(".m3u8")


class AdvancedClock(seams.SystemClock):
    """The machine's clock, some time later."""

    def __init__(self, seconds: float) -> None:
        self.ahead = seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


async def test_a_key_that_holds_may_publish_and_learns_the_public_id(shop: Shop):
    stream = await _stream(shop)
    answer = await Media(shop).publish(stream["streamKey"])
    assert (answer.status_code, answer.json()) == (200, {"code": 0, "playbackId": _playback_id(stream), "error": None})


async def test_a_key_that_does_not_hold_is_refused(shop: Shop):
    media, stream = Media(shop), await _stream(shop)
    for key in ("", "x", _playback_id(stream), STREAM, stream["streamKey"].upper() + " "):
        answer = await media.publish(key)
        assert (answer.status_code, answer.json()["code"], answer.json()["playbackId"]) == (403, 403, None), key
    new = (await shop.affiliate.post(f"/live/streams/{STREAM}/regenerate-key")).json()["streamKey"]
    assert (await media.publish(stream["streamKey"])).status_code == 403
    assert (await media.publish(new)).status_code == 200
    await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    await shop.affiliate.post(f"/live/streams/{STREAM}/end")
    ended = await media.publish(new)
    assert (ended.status_code, "ended" in ended.json()["error"]) == (403, True)


async def test_a_suspended_affiliate_may_not_publish(shop: Shop):
    stream = await _stream(shop)
    await shop.admin.post(f"/affiliates/{AFFILIATE}/suspend")
    assert (await Media(shop).publish(stream["streamKey"])).status_code == 403


async def test_the_hook_is_closed_to_everyone_else(shop: Shop):
    media = Media(shop)
    body = {"event": "report", "programs": []}
    for secret in ("x", "wrong", MEDIA_SECRET[:-1], shop.token(Role.ADMIN)):
        assert refusal(await media.post(body, secret)) == (401, "unauthorized")
    assert refusal(await shop.admin.post(shop.url + HOOK_PATH, json=body)) == (401, "unauthorized")
    for broken in ({}, [], {"event": "burn"}, {"event": "publish"}, {"event": "report", "programs": [{}]}):
        assert refusal(await media.post(broken)) == (400, "validation_failed"), broken


async def test_the_first_playable_segment_makes_the_stream_live(shop: Shop):
    media, playback_id = Media(shop), _playback_id(await _stream(shop))
    viewer, console = await shop.live(), await shop.live(Role.MODERATOR, "mo")
    await viewer.join()
    await console.ask("subscribeControl", {})

    await media.report(_program(playback_id, "connecting"))
    assert (await _stream(shop))["status"] == "scheduled"
    await media.report(_program(playback_id, "live", bitrateKbps=2500.0, keyframeIntervalSeconds=10.0))

    assert (await viewer.hears("streamStatusUpdate"))["status"] == "live"
    stream = await _stream(shop)
    assert (stream["status"], stream["ingest"]["state"], stream["ingest"]["bitrateKbps"]) == ("live", "live", 2500.0)
    assert "Key frames" in str(stream["ingest"]["warnings"]) + str(
        (await console.hears_batched("ingestUpdate", lambda told: told["ingest"]["warnings"]))["ingest"]
    )


async def test_a_lost_encoder_has_a_grace_and_then_the_show_ends_and_is_finished(shop: Shop):
    media, playback_id = Media(shop), _playback_id(await _stream(shop))
    await media.report(_program(playback_id, "live"))
    await media.report(_program(playback_id, "lost"))
    stream = await _stream(shop)
    assert (stream["status"], stream["ingest"]["state"], bool(stream["ingest"]["endsAt"])) == ("live", "lost", True)

    await media.report(_program(playback_id, "live", client="c2"))
    stream = await _stream(shop)
    assert (stream["status"], stream["ingest"]["state"], stream["ingest"]["endsAt"]) == ("live", "live", None)

    await media.report(_program(playback_id, "lost", client="c2"))
    with seams.use_clock(AdvancedClock(21)):

        async def ended() -> bool:
            return (await _stream(shop))["status"] == "ended"

        await eventually(ended, "the show ends")
    verdict = await media.report(_program(playback_id, "lost", client="c2"))
    assert verdict["finish"] == [playback_id]


async def test_a_program_that_the_media_server_forgot_is_lost(shop: Shop):
    media, playback_id = Media(shop), _playback_id(await _stream(shop))
    await media.report(_program(playback_id, "live"))
    await media.report()
    assert (await _stream(shop))["ingest"]["state"] == "lost"


async def test_a_stream_started_without_video_never_ends_by_grace(shop: Shop):
    await shop.affiliate.post(f"/live/streams/{STREAM}/start")
    await Media(shop).report()
    with seams.use_clock(AdvancedClock(3600)):
        console = await shop.live(Role.ADMIN, "root", days=2)
        await console.ask("subscribeControl", {})
        await console.hears("controlSnapshot")
        assert (await _stream(shop))["status"] == "live"


async def test_the_end_of_a_show_finishes_its_program_and_strangers_are_finished_too(shop: Shop):
    media, playback_id = Media(shop), _playback_id(await _stream(shop))
    await media.report(_program(playback_id, "live"))
    await shop.affiliate.post(f"/live/streams/{STREAM}/end")
    verdict = await media.report(_program(playback_id, "live"), _program("stranger", "live", client="c9"))
    assert sorted(verdict["finish"]) == sorted([playback_id, "stranger"])


async def test_a_replaced_key_cuts_the_publisher_that_came_with_the_old_one_once(shop: Shop):
    media, playback_id = Media(shop), _playback_id(await _stream(shop))
    await media.report(_program(playback_id, "connecting"))
    await shop.affiliate.post(f"/live/streams/{STREAM}/regenerate-key")
    assert (await media.report(_program(playback_id, "connecting")))["drop"] == ["c1"]
    assert (await media.report(_program(playback_id, "connecting", client="c2")))["drop"] == []

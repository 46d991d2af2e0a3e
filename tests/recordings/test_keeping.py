"""What becomes of plain files: sealed, mixed, removed; and what a person may hear of it."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable
from datetime import timedelta

import pytest
import soundfile

from atiende.accounts import load_key, unseal
from atiende.calls.arrive import Arrival, arrive
from atiende.channels.voice.facts import CallArrived
from atiende.demo.phone.audio import share, tone
from atiende.recordings.keep import STRAY_S
from tests.product import person
from tests.recordings.conftest import House
from tests.voice.line import add_number

SONIA, ANA, BETO = "sonia@nogal.example", "ana@nogal.example", "beto@nogal.example"


async def test_a_call_that_ended_is_sealed_mixed_and_heard(house: House) -> None:
    call = await house.call(4)
    assert len(house.plain()) == 2
    await house.keeper.seal_ended()
    assert house.plain() == []
    assert not list(house.keeper.folder.iterdir())
    assert (await house.recording(call))["state"] == "open"
    await house.keeper.mix_ended()
    row = await house.recording(call)
    assert (row["state"], row["shown"]) == ("ready", "ready")
    async with person(house.product, SONIA) as sonia:
        (item,) = (await sonia.get(f"/api/cases/{call.case}/recordings"))["items"]
        assert item["state"] == "ready"
        assert item["may_listen"]
        assert 3900 < item["duration_ms"] < 4100
        assert len(item["peaks"][0]) == len(item["peaks"][1]) > 20
        path = f"/api/recordings/{item['id']}/audio"
        assert (await sonia.get(path, 409))["key"] == "recording_listen_first"
        await sonia.post(f"/api/recordings/{item['id']}/listens")
        whole = await sonia.http.get(path)
        assert whole.status_code == 200
        assert len(whole.content) == row["size"]
        parts = []
        for start in range(0, row["size"], 5000):
            end = min(start + 4999, row["size"] - 1)
            part = await sonia.http.get(path, headers={"Range": f"bytes={start}-{end}"})
            assert part.status_code == 206
            assert part.headers["Content-Range"] == f"bytes {start}-{end}/{row['size']}"
            parts.append(part.content)
        assert b"".join(parts) == whole.content
        last = await sonia.http.get(path, headers={"Range": "bytes=-100"})
        assert last.content == whole.content[-100:]
        for wrong in (f"bytes={row['size']}-", "bytes=5-2", "bytes=-", "lines=0-1"):
            assert (await sonia.http.get(path, headers={"Range": wrong})).status_code == 416
    sound, _ = soundfile.read(io.BytesIO(whole.content), dtype="int16")
    assert share([int(each) for each in sound[4000:, 0]], 440) > 0.95
    assert share([int(each) for each in sound[4000:, 1]], 1000) > 0.95
    for blob in house.blobs():
        assert tone(440, 0.01).tobytes() not in blob.read_bytes()


async def test_each_listen_stands_in_the_audit(house: House) -> None:
    call = await house.call()
    await house.round()
    recording = (await house.recording(call))["id"]
    async with person(house.product, SONIA) as sonia:
        for _ in range(2):
            await sonia.post(f"/api/recordings/{recording}/listens")
    rows = await house.sql.fetch(
        "select actor from audit where action = 'recording.listened' and object_id = $1",
        str(recording),
    )
    assert [row["actor"] for row in rows] == ["Sonia Vega"] * 2


async def test_agents_hear_their_own_only_where_the_policy_lets_them(house: House) -> None:
    call = await house.call()
    await house.round()
    recording = (await house.recording(call))["id"]
    listen = f"/api/recordings/{recording}/listens"
    await house.sql.execute(
        "update cases set owner_id = $2, state = 'resolved', resolved_at = now() where id = $1",
        call.case, house.people[ANA],
    )  # fmt: skip
    async with person(house.product, ANA) as ana, person(house.product, BETO) as beto:
        await house.sql.execute("update recording_policies set agents_listen = false")
        assert (await ana.call("POST", listen, {}, 403))["key"] == "forbidden"
        await house.sql.execute("update recording_policies set agents_listen = true")
        await ana.post(listen)
        (item,) = (await ana.get(f"/api/cases/{call.case}/recordings"))["items"]
        assert item["may_listen"]
        assert (await beto.call("POST", listen, {}, 404))["key"] == "recording_not_found"
        await beto.get(f"/api/recordings/{recording}/audio", 404)
    await house.sql.execute("update recording_policies set supervisors_listen = false")
    async with person(house.product, SONIA) as sonia:
        await sonia.call("POST", listen, {}, 403)
    async with person(house.product, "rosa@nogal.example") as rosa:
        await rosa.post(listen)
    await house.sql.execute(
        "update recording_policies set supervisors_listen = true, agents_listen = false"
    )


async def test_one_flipped_byte_is_refused_in_words(house: House) -> None:
    call = await house.call()
    await house.round()
    row = await house.recording(call)
    path = house.product.web.blobs.path(row["blob_key"])
    data = bytearray(path.read_bytes())
    async with person(house.product, SONIA) as sonia:
        await sonia.post(f"/api/recordings/{row['id']}/listens")
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        refused = await sonia.call("POST", f"/api/recordings/{row['id']}/listens", {}, 409)
        assert refused["key"] == "recording_damaged"
        assert (await sonia.get(f"/api/recordings/{row['id']}/audio", 409))["key"] == (
            "recording_damaged"
        )
        path.unlink()
        await sonia.call("POST", f"/api/recordings/{row['id']}/listens", {}, 409)


async def test_a_track_whose_file_is_gone_costs_only_its_own_side(house: House) -> None:
    call = await house.call()
    (house.keeper.folder / f"{call.name}/agent-2.wav").unlink()
    await house.round()
    assert (await house.recording(call))["state"] == "ready"
    async with person(house.product, SONIA) as sonia:
        (item,) = (await sonia.get(f"/api/cases/{call.case}/recordings"))["items"]
        assert [span["role"] for span in item["spans"]] == ["customer"]
        assert max(item["peaks"][1]) == 0 < max(item["peaks"][0])


async def test_a_call_in_which_nothing_was_recorded_has_no_recording(house: House) -> None:
    call = await house.call()
    for path in house.plain():
        path.unlink()
    await house.round()
    assert await house.recording(call) is None
    async with person(house.product, SONIA) as sonia:
        assert (await sonia.get(f"/api/cases/{call.case}/recordings"))["items"] == []


async def test_a_track_that_does_not_open_makes_the_recording_fail_and_says_so(
    house: House,
) -> None:
    call = await house.call()
    await house.keeper.seal_ended()
    key = await house.sql.fetchval("select blob_key from recording_tracks where name like $1",
                                   f"{call.name}/agent%")  # fmt: skip
    path = house.product.web.blobs.path(key)
    path.write_bytes(path.read_bytes()[:-40])
    for _ in range(3):
        await house.keeper.mix_ended()
    row = await house.recording(call)
    assert (row["state"], row["shown"]) == ("failed", "failed")
    async with person(house.product, SONIA) as sonia:
        refused = await sonia.call("POST", f"/api/recordings/{row['id']}/listens", {}, 409)
        assert refused["key"] == "recording_not_ready"


async def test_what_expired_is_removed_from_the_disk(house: House) -> None:
    call = await house.call()
    await house.round()
    row = await house.recording(call)
    paths = [house.product.web.blobs.path(row["blob_key"])]
    await house.keeper.remove_old()
    assert paths[0].exists()
    await house.sql.execute(
        "update recordings set expires_at = now() - interval '1 s' where id = $1", row["id"]
    )
    before = house.blobs()
    await house.keeper.remove_old()
    assert not paths[0].exists()
    assert len(before - house.blobs()) == 3  # the mix and its two tracks
    row = await house.recording(call)
    assert (row["state"], row["shown"], row["peaks"]) == ("expired", "expired", None)
    async with person(house.product, SONIA) as sonia:
        await sonia.call("POST", f"/api/recordings/{row['id']}/listens", {}, 410)
        (item,) = (await sonia.get(f"/api/cases/{call.case}/recordings"))["items"]
        assert item["state"] == "expired"


async def test_the_tracks_go_an_hour_after_the_mix_and_the_mix_stays(house: House) -> None:
    call = await house.call()
    await house.round()
    before = house.blobs()
    await house.keeper.remove_old()
    assert house.blobs() == before
    await house.sql.execute(
        "update calls set ended_at = ended_at - $2::interval where interaction_id = $1",
        call.interaction, timedelta(hours=2),
    )  # fmt: skip
    await house.keeper.remove_old()
    gone = before - house.blobs()
    assert len(gone) == 2
    blob = (await house.recording(call))["blob_key"]
    assert house.product.web.blobs.path(blob) not in gone


@pytest.mark.parametrize("known", [True, False])
async def test_plain_files_that_nobody_needs_go_after_a_minute(house: House, known: bool) -> None:
    call = await house.call()
    path = house.keeper.folder / f"{call.name}/customer-1.wav"
    sound = path.read_bytes()
    if known:
        await house.round()
    else:
        path = path.with_name("customer-9.wav")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound)
    await house.keeper.remove_strays()
    assert path.exists()
    os.utime(path, (time.time(), time.time() - STRAY_S - 1))
    await house.keeper.remove_strays()
    assert not path.exists()
    await house.round()


async def test_a_file_that_cannot_be_sealed_now_is_kept_and_the_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await house.call(), await house.call()
    blobs = house.product.web.blobs
    put = blobs.put_parts
    tries = iter([True])

    def full(parts: Iterable[bytes]) -> tuple[str, bytes]:
        if next(tries, False):
            raise OSError(28, "no room")
        return put(parts)

    monkeypatch.setattr(blobs, "put_parts", full)
    await house.round()
    assert len(house.plain()) == 1
    assert (await house.recording(other))["state"] == "ready"
    await house.round()
    assert house.plain() == []
    assert (await house.recording(one))["state"] == "ready"


@pytest.mark.parametrize(("percentage", "on_demand"), [(100, False), (0, True), (0, False)])
async def test_a_caller_is_told_of_a_recording_only_where_there_may_be_one(
    house: House, percentage: int, on_demand: bool
) -> None:
    number = f"+5117001{percentage}{int(on_demand)}"
    queue = await house.sql.fetchval("select id from queues limit 1")
    config = {"greeting": "custom/es/greeting", "recording": "custom/es/recording"}
    await add_number(house.sql, queue, number, config)
    set_policy = (
        "update recording_policies set percentage = $1, on_demand = $2 where name = 'General'"
    )
    await house.sql.execute(set_policy, percentage, on_demand)
    told = CallArrived(f"c-{number}.1", number, "+51987000111", "", "trunk-x")
    async with house.product.db.transaction() as conn:
        arrival = await arrive(conn, told, house.product.web.now())
    assert isinstance(arrival, Arrival)
    heard = "sound:custom/es/recording" in arrival.started.media
    assert heard is bool(percentage or on_demand)
    assert "sound:custom/es/greeting" in arrival.started.media
    await house.sql.execute(set_policy, 100, False)
    await house.sql.execute(
        "update calls set state = 'ended', ended_at = now() where ended_at is null"
    )


async def test_a_key_opens_its_own_file_alone(house: House) -> None:
    one, other = await house.call(), await house.call()
    await house.round()
    rows = [await house.recording(each) for each in (one, other)]
    key = load_key(house.keeper.key_file)
    unseal(key, f"recording/{rows[0]['id']}", rows[0]["sealed"])
    with pytest.raises(Exception, match="secret_unreadable"):
        unseal(key, f"recording/{rows[1]['id']}", rows[0]["sealed"])


async def test_policies_are_kept_as_the_other_lists(house: House) -> None:
    async with person(house.product, "rosa@nogal.example") as rosa:
        path = "/api/admin/recording-policies"
        (general,) = (await rosa.get(path))["items"]
        assert general["name"] == "General"
        queue = str(await house.sql.fetchval("select id from queues limit 1"))
        body = {"name": "Ventas", "queue_id": queue, "percentage": 20, "retention_days": 30}
        made = await rosa.post(path, body)
        refused = await rosa.call("POST", path, {**body, "name": "Otra"}, 409)
        assert refused["fields"] == {"queue_id": "taken"}
        changed = {"version": made["version"], "percentage": 35, "on_demand": True}
        told = await rosa.call("PATCH", f"{path}/{made['id']}", changed)
        assert (told["percentage"], told["on_demand"], told["retention_days"]) == (35, True, 30)
        await rosa.call("DELETE", f"{path}/{made['id']}")
        assert len((await rosa.get(path))["items"]) == 1
    async with person(house.product, SONIA) as sonia:
        await sonia.get("/api/admin/recording-policies", 403)

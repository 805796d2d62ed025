from itertools import pairwise

from backend.demo import cast
from backend.demo.testcard import _FONT, FPS, HEIGHT, SAMPLE_RATE, WIDTH, Card, Tone

CARD = Card("Copper & Clay", hue=0.1)


def test_planes_are_as_large_as_the_picture():
    light, blue, red = CARD.draw(0, "12:00:00")
    assert len(light) == WIDTH * HEIGHT
    assert len(blue) == len(red) == WIDTH * HEIGHT // 4


def test_every_frame_differs_from_the_last():
    frames = [CARD.draw(number, "12:00:00") for number in range(FPS * 4)]
    assert all(before != after for before, after in pairwise(frames))


def test_hosts_look_different():
    assert CARD.draw(0, "12:00:00")[1] != Card("Copper & Clay", hue=0.6).draw(0, "12:00:00")[1]


def test_a_long_title_stays_on_the_panel():
    light, _, _ = Card("W" * 500, hue=0).draw(0, "12:00:00")
    assert len(light) == WIDTH * HEIGHT


def test_the_font_draws_every_host_and_every_clock():
    letters = set("0123456789:") | {letter for act in cast.ACTS for letter in act.host_name.upper()}
    assert letters <= _FONT.keys()
    assert all(len(rows) == 14 for rows in _FONT.values())


def test_the_tone_goes_on_over_the_second_without_a_gap():
    tone = Tone(330)
    assert tone.samples(SAMPLE_RATE - 512, 1024) == tone.samples(2 * SAMPLE_RATE - 512, 1024)
    assert len(tone.samples(123, 1024)) == 1024 * 4

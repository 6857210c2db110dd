"""Each message has a second of its own in the index, close to its own, however many came in one."""

from __future__ import annotations

import pytest

from podatelna.archive.models import LeftoverDocument
from podatelna.archive.search.ids import free_seconds, moment

pytestmark = pytest.mark.django_db
START = 1_400_000_000


def occupied(seconds: range) -> None:
    LeftoverDocument.objects.bulk_create([LeftoverDocument(search_id=second) for second in seconds], batch_size=1000)


@pytest.mark.parametrize("crowd", [0, 1, 63, 64, 65, 192, 9000])
def test_who_comes_to_a_crowd_stands_right_behind_it(crowd: int) -> None:
    occupied(range(START, START + crowd))
    places = free_seconds([START] * 300)
    assert places == list(range(START + crowd, START + crowd + 300))
    assert moment(places[-1]) > moment(START)


def test_nobody_stands_where_somebody_does() -> None:
    occupied(range(START, START + 200, 2))
    wanted = [START + offset for offset in (0, 64, 0, 65, 64, 1, 192, 500, 500, 0)] * 40
    for pass_over in (0, 5):
        places = free_seconds(wanted, pass_over)
        assert len(set(places)) == len(wanted)
        assert not set(places) & set(range(START, START + 200, 2))
        assert all(place >= one for place, one in zip(places, wanted, strict=True))

"""Names of months and time zones, as programs write them into dates in the languages of their users."""

from __future__ import annotations

import re
from datetime import timedelta

_MONTHS = {
    1: "jan jän ene gen led sty янв січ яну oca ιαν",
    2: "feb fev fév úno uno lut фев лют şub sub φεβ",
    3: "mar mär mrz bře bre мар бер μαρ márc mrt",
    4: "apr ápr avr abr dub kwi апр кві nis απρ",
    5: "may mai maj máj mag kvě kve мая май трав mei μαι μάι",
    6: "jun jún giu cze июн юни черв haz ιουν",
    7: "jul júl lug lip июл юли лип tem ιουλ",
    8: "aug ago aoû aou srp sie авг серп ağu agu αυγ",
    9: "sep set zář zar wrz сен вер eyl σεπ",
    10: "oct okt ott out říj rij paź paz окт жовт eki οκτ",
    11: "nov lis ноя ное kas νοε",
    12: "dec dez déc dic pro gru дек груд ara δεκ",
}
_BY_START = {start: month for month, starts in _MONTHS.items() for start in starts.split()}
# Where three letters do not tell: červen and červenec, juin and juillet, listopad is the eleventh in Czech and Polish.
_LONGER = {
    "červenec": 7, "července": 7, "cervenec": 7, "cervence": 7, "červenci": 7, "čvc": 7, "cvc": 7, "juil": 7,
    "juillet": 7, "červen": 6, "června": 6, "cerven": 6, "cervna": 6, "červnu": 6, "čvn": 6, "cvn": 6, "juin": 6,
    "czerwca": 6, "czerwiec": 6, "серпня": 8, "серпень": 8, "липня": 7, "червня": 6, "травня": 5, "березня": 3,
    "вересня": 9, "жовтня": 10, "грудня": 12, "листопада": 11, "квітня": 4, "лютого": 2, "січня": 1,
    "ιουνίου": 6, "ιουλίου": 7,
}  # fmt: skip


def month_of(word: str) -> int:
    """The month that `word` names or shortens, in any of many languages; 0 when none."""
    name = word.lower()
    if name in _LONGER:
        return _LONGER[name]
    return _BY_START.get(name[:4], 0) or _BY_START.get(name[:3], 0)


# Minutes east of Greenwich. RFC 5322 4.3 names the American ones; its letters of one, but Z, say nothing.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "cet": 60, "mez": 60, "met": 60, "sec": 60, "seč": 60, "selc": 120,
    "selč": 120, "cest": 120, "mesz": 120, "mest": 120, "bst": 60, "west": 60, "eet": 120, "eest": 180, "msk": 180,
    "msd": 240, "trt": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150,
    "brt": -180, "brst": -120, "art": -180, "clt": -240, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "pht": 480,
    "wib": 420, "ist": 330, "pkt": 300, "sast": 120, "wat": 60, "eat": 180, "awst": 480, "acst": 570, "acdt": 630,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_LONG_ZONES = {
    "eastern": -300, "us eastern": -300, "central": -360, "mountain": -420, "pacific": -480, "atlantic": -240,
    "alaskan": -540, "hawaiian": -600, "greenwich": 0, "gmt": 0, "w. europe": 60, "central europe": 60,
    "central european": 60, "middle european": 60, "romance": 60, "western european": 0, "e. europe": 120,
    "eastern european": 120, "gtb": 120, "fle": 120, "russian": 180, "moscow": 180, "israel": 120, "arabian": 240,
    "arab": 180, "india": 330, "china": 480, "singapore": 480, "tokyo": 540, "japan": 540, "korea": 540,
    "aus eastern": 600, "new zealand": 720, "south africa": 120,
}  # fmt: skip
_LONG_ZONE = re.compile(r"([a-z.]+(?: [a-z.]+)?) (standard|mean|daylight|summer)(?: time)?")
_WORD = re.compile(r"[^\W\d_]+")


def zone_named(text: str) -> timedelta | None:
    """The offset of the first time zone that `text` names, None when there is none that is known."""
    text = text.lower()
    long = _LONG_ZONE.search(text)
    if long is not None:
        name, last = long.group(1), long.group(1).rpartition(" ")[2]
        minutes = _LONG_ZONES.get(name, _LONG_ZONES.get(last))
        if minutes is not None:
            return timedelta(minutes=minutes + (60 if long.group(2) in ("daylight", "summer") else 0))
    for word in _WORD.findall(text):
        if word in _ZONES:
            return timedelta(minutes=_ZONES[word])
    return None

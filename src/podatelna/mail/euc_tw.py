"""EUC-TW, the Chinese of Taiwan on old Unix machines, which Python lacks: by way of Big5, whose order it shares.

CNS 11643 put the characters of Big5 into planes 1 and 2 in nearly the order that they had. What is told here is where
they are the same number of places apart; the planes behind, of rare names, no charset of Python has.
"""

from __future__ import annotations

import re
from functools import lru_cache

# (first, last, how far from them their characters stand in Big5), in places of 94 to a row; 157 to a row in Big5.
_FIRST_PLANE = (
    (0, 4, 0), (6, 20, 0), (21, 22, 2), (24, 24, -2), (29, 72, 0), (73, 73, 1), (74, 74, -1), (75, 95, 0),
    (98, 98, 0), (100, 126, 0), (127, 127, 1), (128, 128, -1), (130, 143, 0), (146, 147, 0), (148, 148, 1),
    (149, 149, -1), (150, 153, 0), (155, 155, -134), (156, 233, 0), (282, 310, -48), (312, 312, -48), (314, 455, -48),
    (470, 489, 5631), (3290, 3306, -2819), (3307, 3307, -3044), (3308, 3393, -2819), (3394, 3394, -3129),
    (3395, 4701, -2819), (4702, 5125, -2818), (5126, 5126, -3243), (5127, 7002, -2819), (7003, 7003, -2432),
    (7004, 7390, -2820), (7391, 7915, -2819), (7916, 7916, -2630), (7917, 8021, -2820), (8023, 8105, -2820),
    (8106, 8189, -2819), (8190, 8190, -2673), (8191, 8244, -2820), (8245, 8245, -2819), (8246, 8246, -2821),
    (8247, 8336, -2820), (8337, 8690, -2819),
)  # fmt: skip
_SECOND_PLANE = (
    (0, 9, 6280), (10, 42, 6281), (43, 43, 6329), (44, 91, 6280), (92, 137, 6281), (138, 138, 6448), (139, 305, 6280),
    (306, 2145, 6281), (2146, 2146, 6928), (2147, 2254, 6281), (2255, 2791, 6282), (2792, 2792, 5635),
    (2793, 2892, 6282), (2893, 2893, 5643), (2894, 3292, 6281), (3293, 4929, 6282), (4930, 4930, 6831),
    (4931, 5076, 6281), (5077, 5077, 6822), (5078, 5364, 6280), (5365, 5365, 7143), (5366, 5481, 6279),
    (5482, 5618, 6280), (5619, 5722, 6281), (5723, 5723, 6702), (5724, 5945, 6280), (5946, 6143, 6281),
    (6144, 6225, 6282), (6226, 6311, 6283), (6312, 6312, 5914), (6313, 6320, 6282), (6321, 6473, 6283),
    (6474, 6529, 6284), (6530, 6530, 6584), (6531, 6643, 6283), (6644, 6644, 5959), (6645, 6786, 6282),
    (6787, 6787, 5970), (6788, 6832, 6281), (6833, 6903, 6282), (6904, 6904, 6476), (6905, 7098, 6281),
    (7099, 7588, 6282), (7589, 7589, 6325), (7590, 7632, 6281), (7633, 7633, 6282), (7634, 7644, 6283),
    (7645, 7645, 6271), (7646, 7649, 6282),
)  # fmt: skip
_PIECES = re.compile(rb"[\x00-\x7f]++|\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\xa1-\xfe]{2}|.", re.DOTALL)


def decode_euc_tw(data: bytes, errors: str = "strict") -> str:
    """`data` as text. Raises UnicodeDecodeError for what is no character of planes 1 and 2, or puts U+FFFD there."""
    out: list[str] = []
    for piece in _PIECES.finditer(data):
        octets = piece.group()
        char = octets.decode("ascii") if octets[0] < 0x80 else _character(octets)
        if not char and errors == "strict":
            raise UnicodeDecodeError("euc_tw", data, piece.start(), piece.end(), "no character of planes 1 and 2")
        out.append(char or "\ufffd")
    return "".join(out)


@lru_cache(maxsize=20_000)
def _character(octets: bytes) -> str:
    """The character of two octets (plane 1), or of four (SS2, the plane, and two); "" when there is none."""
    plane = octets[1] if len(octets) == 4 else 0xA1 if len(octets) == 2 else 0
    runs = {0xA1: _FIRST_PLANE, 0xA2: _SECOND_PLANE}.get(plane, ())
    place = (octets[-2] - 0xA1) * 94 + octets[-1] - 0xA1 if runs else 0
    for first, last, shift in runs:
        if first <= place <= last:
            row, column = divmod(place + shift, 157)
            return bytes((row + 0xA1, column + (0x40 if column < 63 else 0x62))).decode("cp950")
    return ""

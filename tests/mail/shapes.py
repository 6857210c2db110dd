"""Messages made by chance from the pieces that messages are made of, for tests that must hold for any bytes."""

from hypothesis import strategies as st

PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b" ", b"\t", b"--", b"--a", b"--a--", b"\n--a\n", b"\r\n--a--\r\n", b"\n--b\n",
    b"\n--b--\n", b"\r--a\r", b"From x Mon\n", b"From: a@b.cz\r\n", b"To: \"x\n", b"Subject: =?utf-8?q?a=C4?= =?utf-8?q?=8D?=\n",
    b"Content-Type: multipart/mixed; boundary=a\n", b"Content-Type: multipart/alternative; boundary=\"b\"\n",
    b"Content-Type: multipart/mixed\n", b"Content-Type: multipart/digest; boundary=a\n", b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html; charset=utf-8\n", b"Content-Type: text/plain; charset=iso-8859-2\n", b"Content-Type: x\n",
    b"Content-Type: text/plain; format=flowed\n", b"Content-Type: image/png; name*0*=utf-8''%C5; name*1*=%99.png\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"Content-Transfer-Encoding: uuencode\n",
    b"Content-Disposition: attachment; filename=../x\n", b"Date: 1 Jan 2026\n", b"Message-ID: <a b@c>\n", b"References: <a@b\n",
    b"begin 644 x\n", b"end\n", b"YWhvag==\n", b"QUJD" * 300, b"QUJD" * 19 + b"\r\n", b"=C5=99", b"=\n", b"=", b"=zz", b"\x00", b"\xff",
    b"\xc4\x8d", b"\xe8", b"<b>", b"<div>", b"> ", b"-- \n", b"text " * 300, b"<table><tr><td>", b"=?utf-8?b?", b"?=", b"\"", b"(", b"<", b">",
]  # fmt: skip

messages = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=40).map(b"".join)
texts = st.lists(
    st.one_of(st.sampled_from([piece.decode("latin-1") for piece in PIECES]), st.text(max_size=8)), max_size=40
).map("".join)

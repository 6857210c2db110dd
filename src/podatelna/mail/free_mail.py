"""Domains where everybody may have a mailbox: an address there says nothing of where its owner works."""

from __future__ import annotations

FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com outlook.cz hotmail.com hotmail.cz live.com msn.com yahoo.com "
    "ymail.com yahoo.de icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me tuta.com tutanota.com "
    "fastmail.com zoho.com mail.com hey.com gmx.de gmx.net gmx.com gmx.at web.de t-online.de freenet.de "
    "posteo.de mailbox.org mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com rambler.ru ukr.net i.ua "
    "seznam.cz email.cz post.cz spoluzaci.cz stream.cz centrum.cz centrum.sk atlas.cz volny.cz tiscali.cz "
    "quick.cz iol.cz klikni.cz azet.sk zoznam.sk pobox.sk post.sk wp.pl o2.pl interia.pl interia.eu onet.pl "
    "op.pl poczta.fm freemail.hu citromail.hu laposte.net orange.fr free.fr wanadoo.fr libero.it virgilio.it "
    "abv.bg qq.com 163.com 126.com hushmail.com Registered domains, in ASCII.".split()
)
"""Registered domains, in ASCII."""

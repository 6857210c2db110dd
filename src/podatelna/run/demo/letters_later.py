"""What arrives while one watches, in this order."""

from __future__ import annotations

from .drawings import pdf, washing_machine
from .post import File, Mail

LETTERS = (
    Mail("l-soused", "soused", "helpdesk", "Re: STIZNOST!!!",
         "Tak uz je u vany. Cekam na odpoved. Kratky", answers="soused-1", quotes=False),
    Mail("l-doprava", "doprava", "obchod", "", "Dobrý den,\n\nřidič je na sjezdu z D35, u vás bude za dvacet minut.",
         answers="doprava-1"),
    Mail("l-tereza", "redaktorka", "tisk", "Prosba o autorizaci citace",
         "Dobrý den,\n\nposílám větu, kterou bych ráda použila: „Pračku, kterou nejde opravit, neumíme vyrobit.“ Souhlasíte?"),
    Mail("l-adela", "student", "helpdesk", "Ztracený šroubek v bubnu",
         "Dobrý den,\n\nna koleji nám v pračce Bublina Kompakt něco cinká, asi šroubek. Jak ho vyndáme, než přijde domovnice?",
         files=(File("cinka tady.png", "image/png", washing_machine()),)),
    Mail("l-stehlik", "stehlik", "obchod", "", "Dobrý den,\n\nbanka dnes schválila úvěr, takže s prádelnou počítejte."
         " Nabídku prosím do konce týdne.", answers="stehlik-1"),
    Mail("l-liam", "oconnor", "helpdesk", "", "One more detail: both machines worked fine until the power cut on Sunday."
         " Could it be the control board?", answers="oconnor-1"),
    Mail("l-hotel", "hotel", "helpdesk", "", "Dobrý den, právě přestala točit úplně. Prosíme, spěchá to.", answers="hotel-1"),
    Mail("l-ocel", "ucetni", "obchod", "Upomínka: faktura 2026-1102",
         "Dobrý den,\n\npodle našich záznamů není uhrazena faktura 2026-1102. Pokud jste již platili, upomínku ignorujte.",
         files=(File("upominka.pdf", "application/pdf", pdf(["Upominka", "Faktura 2026-1102", "64 200 Kc"])),)),
    Mail("l-anna", "berger", "obchod", "", "Guten Tag,\n\nnoch eine Frage: Wie lange dauert die Lieferung nach Linz?",
         answers="berger-1"),
    Mail("l-marie", "marie", "helpdesk", "Poděkování",
         "Dobrý den,\n\nchtěla jsem jen poděkovat vaší paní technice. Pračka jede a já mám zase čisté ubrusy."),
    Mail("l-radek", "rozhlas", "tisk", "", "Dobrý den,\n\nkolega se ptá, jestli smíme nahrát i zvuk pračky při ždímání."
         " Do pořadu by se hodil.", answers="radek-1"),
    Mail("l-karel", "karel", "helpdesk", "Kde koupit filtr?",
         "Dobrý den,\n\nprodáváte filtr k Bublině Kompakt i samostatně? V Elektru ho nemají."),
    Mail("l-elektro", "elektro", "obchod", "Doobjednávka 5 ks Bublina 6",
         "Dobrý den,\n\nprosím o navýšení objednávky o 5 ks Bublina 6 pro Náchod. Děkuji."),
    Mail("l-ujezd", "pomaly", "helpdesk", "", "Dobrý den, děkujeme, opis záručního listu stačí poslat e-mailem.",
         answers="ujezd-1"),
    Mail("l-anglicky", "oconnor", "obchod", "Delivery to Galway – forwarder",
         "Hello,\n\nour forwarder asks for the gross weight of a packed Bublina 12 and the pallet size. Thanks!"),
    Mail("l-jana", "jana", "helpdesk", "", "Dobrý den, louže je dnes menší, ale pořád tam je.", answers="jana-1"),
)  # fmt: skip

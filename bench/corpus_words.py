"""The words of the made archive: Czech with its inflected forms and English, used as unevenly as real ones."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate

_TOKENS = 400_000  # of running text in each language; every paragraph is a stretch of it
_RARE = 9_000  # made-up stems in each language: names of products, places, slips of the pen

_CZECH_COMMON = (
    "a v na se je že s z do o k i pro to za by ale "
    "jako po co tak jsme od si jsou který když nebo už mi vám vás nás "
    "ještě jen bude bylo být podle před při pod nad "
    "bez také pokud prosím dobrý den děkuji děkujeme pozdravem hezký"
).split()
_ENGLISH_COMMON = (
    "the of and to a in is it you that for on are with as "
    "be this have from or by we an will your can our not at if "
    "please thank thanks regards but all so there would which their "
    "more has been was were any about up out do us"
).split()

# Stems with the endings of their declension or conjugation.
_CZECH_STEMS = {
    "|u|em|y|ů|ům|ech": "termín doklad projekt sklad účet dopis rozpočet návrh "
    "systém server program zákon úřad kurz rozhovor "
    "seznam protokol plán výkaz provoz obchod problém dotaz "
    "postup výběr formulář závod rozvoz vůz materiál stroj odběr",
    "a|y|u|ou|e|ám|ách|ami|": "faktur smlouv nabíd cen částk firm poptávk "
    "objednávk zásilk přepravk kopi reklamac opravn "
    "dílen kancelář schůzk adres příloh oprav výrob zprav dodávk "
    "splátk lhůt chyb stránk lokalit hodin banka podmínk závad",
    "o|a|u|em|ům|ech|y": "místo slov číslo zbož měst okn hesl jmén právo práv mnohotvar pravidl vozidl oddělen tep",
    "í|ím|ích|ími": "potvrzen dodán jednán rozhodnut školen pojištěn "
    "zařízen oddělen vyúčtován vyjádřen zadán nastaven řešen",
    "|i|í|mi|em|ech": "společnost možnost žádost splatnost platnost činnost událost povinnost odpovědnost záležitost",
    "ý|á|é|ého|ému|ým|ou|ých|ými": "nov starš technick obchodn objednan přiložen výrobn "
    "účetn platn hotov rychl drah dlouh "
    "uveden správn poslední další požadovan smluvn řádn chybn celkov denn měsíčn ročn zákaznick firemn",
    "ovat|uji|uje|ujeme|ujete|ují|oval|ovala|ovali|ováno": "faktur potvrz objedn kontrol organiz "
    "informo aktualiz test plán "
    "doprav zprac upozorň vyžad domlouv oprav instal",
    "it|ím|íš|í|íme|íte|il|ila|ili|eno": "pros posl zaplat vyříd vrát ověř doplat připrav opr změn zajist oprav urč",
    "at|ám|áš|á|áme|áte|ají|al|ala|ali|áno": "pos dod ček zask zasl odesl objedn jedn pod vyd přid uděl nabíz volat",
}
_ENGLISH_STEMS = {
    "|s|'s": "invoice order contract offer price meeting project server "
    "account customer team report date payment product "
    "delivery address office company number month week question answer "
    "problem change request budget plan list page system "
    "supplier warehouse machine document agreement signature "
    "department manager engineer site branch quote deadline",
    "|s|ed|ing|er": "order ship deliver check test report request confirm "
    "return repair install review attach forward answer "
    "print update discuss expect need want call start clear return sign send work pack load book",
    "|ly|ness": "quick new final correct usual clear open current "
    "full direct complete recent local total annual previous",
}
_ONSETS = "b br d dr h hl j k kr l m mr n p pl pr r s sk st t tr v vl z č ř š ž".split()
_VOWELS = "a e i o u á é í y ou ě".split()
_CODAS = "k n r l v d t st c č ch m s z".split()
_ENGLISH_VOWELS = "a e i o u ea oo ai".split()
_ENGLISH_ONSETS = "b bl br c ch cl d dr f fl g gr h j k l m n p ph pl pr qu r s sh sl st str t th tr v w".split()


@dataclass(frozen=True)
class Language:
    """Running text to cut paragraphs from, and a list of its words for subjects and names of files."""

    name: str
    tokens: list[str]
    words: list[str]


def languages(seed: int) -> tuple[Language, Language]:
    """Czech and English, always the same of one seed."""
    chance = random.Random(f"words {seed}")
    return (
        _language(chance, "cs", _CZECH_COMMON, _CZECH_STEMS, (_ONSETS, _VOWELS, _CODAS)),
        _language(chance, "en", _ENGLISH_COMMON, _ENGLISH_STEMS, (_ENGLISH_ONSETS, _ENGLISH_VOWELS, _CODAS)),
    )


def _language(
    chance: random.Random, name: str, common: list[str], stems: dict[str, str], sounds: tuple[list[str], ...]
) -> Language:
    known = [(stem, endings.split("|")) for endings, group in stems.items() for stem in group.split()]
    chance.shuffle(known)
    endings = [ending.split("|") for ending in stems]
    rare = [(_made_up(chance, *sounds), chance.choice(endings)) for _ in range(_RARE)]
    lemmas = [(word, [""]) for word in common] + known + rare
    forms = [(stem + ending, weight / len(group)) for (stem, group), weight in _zipf(lemmas) for ending in group]
    tokens = chance.choices([form for form, _ in forms], cum_weights=list(accumulate(w for _, w in forms)), k=_TOKENS)
    return Language(name, _sentences(chance, tokens), [stem + group[0] for stem, group in known if len(stem) > 3])


def _zipf(lemmas: list[tuple[str, list[str]]]) -> list[tuple[tuple[str, list[str]], float]]:
    # Mandelbrot's form of Zipf's law, as measured on English and Czech.
    return [(lemma, 1 / (rank + 2.7) ** 1.02) for rank, lemma in enumerate(lemmas, 1)]


def _made_up(chance: random.Random, onsets: list[str], vowels: list[str], codas: list[str]) -> str:
    return "".join(chance.choice(onsets) + chance.choice(vowels) for _ in range(chance.randint(1, 3))) + chance.choice(
        codas
    )


def _sentences(chance: random.Random, tokens: list[str]) -> list[str]:
    """The same words with full stops, commas and capitals."""
    position = 0
    while position < len(tokens):
        tokens[position] = tokens[position].capitalize()
        end = min(position + chance.randint(4, 22), len(tokens) - 1)
        if end - position > 9:
            tokens[position + (end - position) // 2] += ","
        tokens[end] += chance.choice(".....?!:")
        position = end + 1
    return tokens

"""Subjects without what replying, forwarding and lists put in front."""

import pytest

from podatelna.mail.subjects import base_subject, forward_subject, reply_subject


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Reklamace", "Reklamace"),
        ("Re: Reklamace", "Reklamace"),
        ("RE : Odp: AW: SV: Fwd: FW: WG: Reklamace", "Reklamace"),
        ("Re[2]: Re(3): Reklamace", "Reklamace"),
        ("Re: [helpdesk] Re: Reklamace", "Reklamace"),
        ("[helpdesk] [acme] Reklamace", "Reklamace"),
        ("[helpdesk]", "[helpdesk]"),
        ("[Fwd: Reklamace]", "Reklamace"),
        ("Reklamace (fwd)", "Reklamace"),
        ("Odpověď: Přeposlat: Reklamace", "Reklamace"),
        ("  Re:   Reklamace   pračky ", "Reklamace pračky"),
        ("Re:", ""),
        ("Recept: guláš", "Recept: guláš"),
        ("Cena: 5 Kč", "Cena: 5 Kč"),
        ("回复: Reklamace", "Reklamace"),
        ("回复：转发： Reklamace", "Reklamace"),
        ("RE：Reklamace", "Reklamace"),
        ("Re^2: Re*3: Re 4: RE5: Reklamace", "Reklamace"),
        ("Re [2]: Reklamace", "Reklamace"),
        ("Re:Re:Re:Reklamace", "Reklamace"),
        ("Re:: Reklamace", "Reklamace"),
        ("Re :Reklamace", "Reklamace"),
        ("re: fw: Fwd: tr : TR: RV: RES: ENC: Reklamace", "Reklamace"),
        ("R: I: Rif: Reklamace", "Reklamace"),
        ("Ynt: İlt: ILT: Reklamace", "Reklamace"),
        ("SV: VS: VB: VL: Reklamace", "Reklamace"),
        ("Antw: Doorst: Reklamace", "Reklamace"),
        ("Odp: PD: Odp.: Reklamace", "Reklamace"),
        ("Odpoveď: Preposlať: Reklamace", "Reklamace"),
        ("Odpoved: Preposlané: Reklamace", "Reklamace"),
        ("ODPOVĚĎ: PŘEPOSLAT: Reklamace", "Reklamace"),
        ("Odpove\u030cd\u030c: Reklamace", "Reklamace"),
        ("Vá: Továb: Reklamace", "Reklamace"),
        ("ΑΠ: ΣΧΕΤ: ΠΡΘ: Reklamace", "Reklamace"),
        ("Отв: HA: На: Пересл: Reklamace", "Reklamace"),
        ("Atb: Ats: Odg: Proslj: Reklamace", "Reklamace"),
        ("返信: 転送: 회신: 전달: Reklamace", "Reklamace"),
        ("رد: Reklamace", "Reklamace"),
        ("[EXTERNAL] RE: [EXT] Reklamace", "Reklamace"),
        ("***SPAM*** Re: {Spam?} Reklamace", "Reklamace"),
        ("【公告】 Re: Reklamace", "Reklamace"),
        ("[helpdesk #12] Re: [helpdesk] Reklamace (fwd)", "Reklamace"),
        ("[Fwd: Re: [Fwd: Reklamace]]", "Reklamace"),
        ("Re: [Fwd: Reklamace] (fwd)", "Reklamace"),
        ("Re: [helpdesk]", "[helpdesk]"),
        ("(fwd)", ""),
        ("Fwd:", ""),
        ("Re: Odpovědnost: kdo?", "Odpovědnost: kdo?"),
        ("Ad: inzerát", "Ad: inzerát"),
        ("Rekl: x", "Rekl: x"),
        ("Re Reklamace", "Re Reklamace"),
        ("2: 1", "2: 1"),
        ("Aktualizace 5: nová verze", "Aktualizace 5: nová verze"),
    ],
)
def test_base_subject(subject: str, expected: str) -> None:
    assert base_subject(subject) == expected


def test_one_re_or_fwd_goes_in_front() -> None:
    assert reply_subject("Odp: RE: Re[2]: Reklamace") == "Re: Reklamace"
    assert reply_subject("Fwd: [helpdesk] Reklamace") == "Re: Fwd: [helpdesk] Reklamace"
    assert forward_subject("Re: Reklamace") == "Fwd: Re: Reklamace"
    assert forward_subject("FW: Reklamace") == "Fwd: Reklamace"


@pytest.mark.parametrize("piece", ["Re: ", "[a] ", "(fwd)", "[Fwd:", "Re[1", " ", "*", "{spam", "Re 1 1"])
def test_a_hostile_subject_is_read_in_linear_time(piece: str) -> None:
    subject = piece * 100_000

    assert len(base_subject(subject)) <= 2_000
    assert len(reply_subject(subject)) <= 2_010
    assert len(forward_subject(subject)) <= 2_010

"""Where a message speaks of paying elsewhere, or of an advance: a quiet hint says why that is risky (P62, P31).

A hint never keeps anybody from writing. It shall be right when it appears, rather than appear always: many of those who
write here build shops, so a sentence about a customer, a checkout or an API is not about the two who write.
Texts are looked at sentence by sentence, in whatever case; words of English, German, Spanish and Portuguese are known.
"""

import re

from django.utils.translation import gettext_lazy as _

OUTSIDE, ADVANCE = "outside", "advance"
CHOICES = [(OUTSIDE, _("paying elsewhere")), (ADVANCE, _("an advance"))]

SENTENCE = re.compile(r"[.!?;]+(?=\s|$)|\n+")


def _words(*patterns: str) -> re.Pattern[str]:
    """One pattern of several; each begins and ends with a whole word."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


# Ways of paying that are not ours.
SERVICES = _words(
    r"pay ?pal",
    r"venmo",
    r"cash ?app",
    r"zelle",
    r"revolut",
    r"western ?union",
    r"money ?gram",
    r"skrill",
    r"payoneer",
    r"transfer ?wise",
    r"whats ?app pay",
    r"google ?pay",
    r"apple ?pay",
    r"gift ?cards?",
    r"bit ?coins?",
    r"btc",
    r"ethereum",
    r"usdt",
    r"crypto(?:currency|currencies|s)?",
    r"iban",
    r"(?:swift|bic)[- ]code",
    r"bank (?:transfer|account|details)",
    r"wire transfer",
    r"bizum",
    r"pix",
    r"mb ?way",
    r"mercado ?pago",
    r"(?:bank)?(?:überweisung|konto|kontonummer|verbindung)",
    r"bankkonto",
    r"bankverbindung",
    r"transferencia(?: bancaria)?",
    r"cuenta bancaria",
    r"transferência(?: bancária)?",
    r"conta bancária",
)
# Somebody of the two, and what one does with money.
US = _words(
    r"me",
    r"you",
    r"us",
    r"my",
    r"your",
    r"i",
    r"i'm",
    r"i'll",
    r"we",
    r"mine",
    r"ich",
    r"mir",
    r"dir",
    r"dich",
    r"du",
    r"mein\w*",
    r"dein\w*",
    r"wir",
    r"uns",
    r"sie",
    r"ihnen",
    r"ihr\w*",
    r"yo",
    r"mi",
    r"mí",
    r"tú?",
    r"te",
    r"usted",
    r"eu",
    r"mim",
    r"meu",
    r"minha",
    r"você",
    r"seu",
    r"sua",
    r"lhe",
    r"pág[ao]me",
    r"págueme",
    r"envíame",
    r"mándame",
)
PAYS = _words(
    r"pay(?:s|ing|ment|ments)?",
    r"paid",
    r"sen[dt]",
    r"sending",
    r"transfer(?:red)?",
    r"wire",
    r"settle",
    r"deposit",
    r"(?:be)?zahl\w*",
    r"überweis\w*",
    r"schick\w*",
    r"pag\w+",
    r"pág\w+",
    r"env[ií]\w*",
    r"mand\w+",
    r"mánd\w+",
    r"transf\w+",
)
OWN = _words(
    r"(?:my|your|our) (?:own )?(?:pay ?pal|venmo|cash ?app|zelle|revolut|skrill|payoneer|iban|btc|bitcoin|crypto)",
    r"(?:my|your|our) (?:own )?bank (?:account|details)",
    r"(?:mein|dein|ihr)e? (?:pay ?pal|iban|konto|bankverbindung|bankkonto)",
    r"(?:mi|tu|su) (?:pay ?pal|iban|cuenta bancaria|bizum)",
    r"(?:meu|seu|minha|sua) (?:pay ?pal|iban|pix|conta bancária)",
)
# Around the site, whatever the way.
AROUND = _words(
    r"outside (?:of )?(?:the |this )?(?:site|platform|website|marketplace|milepost)",
    r"off[- ](?:the[- ])?(?:site|platform)",
    r"(?:pay|paid|paying|payment|transfer|send)\b.{0,30}\b(?:directly|privately)",
    r"außerhalb (?:der|dieser) (?:seite|plattform|website)",
    r"an der (?:seite|plattform) vorbei",
    r"fuera de (?:la |esta )?(?:página|plataforma|web)",
    r"fora (?:da|desta|do|deste) (?:página|plataforma|site)",
)
FEES = _words(
    r"(?:avoid|save|skip|bypass|without|dodge)\b.{0,20}\b(?:site|platform|milepost|website)(?:['’]s)?\b.{0,12}\b(?:fees?|commission|cut)",
    r"(?:gebühr(?:en)?|provision)\b.{0,20}\b(?:sparen|umgehen)",
    r"(?:evitar|ahorrar|poupar)\b.{0,20}\b(?:la comisión|las comisiones|a comissão|a taxa|as taxas)",
)
# An advance, whoever asks for it.
EARLY = _words(
    r"(?:pay|pays|paid|paying|payment|money|sum|half|deposit|send|rest|percent)\b.{0,30}\b(?:up-? ?front|in advance)",
    r"\d+ ?%.{0,30}\b(?:up-? ?front|in advance)",
    r"(?:pay|paid|payment)\b.{0,30}\bbeforehand",
    r"(?:up-? ?front|advance)[- ](?:payment|fee|deposit|money)",
    r"(?:an?|small|little) (?:small )?advance (?:of|for|on|to|before|payment)",
    r"(?:need|want|ask(?:ing)? for|give me|send me) an? (?:small )?advance",
    r"pre-?pay(?:ment|ments)?",
    r"down[- ]?payment",
    r"anzahlung\w*",
    r"vorschuss\w*",
    r"vorkasse",
    r"vorauszahlung\w*",
    r"im voraus (?:be)?zahl\w*",
    r"(?:be)?zahl\w*\b.{0,20}\bim voraus",
    r"anticipo",
    r"adelanto",
    r"(?:pago|pagar|págame|pague)\b.{0,20}\bpor adelantado",
    r"adiantamento",
    r"(?:pagamento|pagar|pague)\b.{0,20}\badiantado",
)
# What is built here is for others: a sentence with one of these is about their money.
OTHERS = re.compile(
    r"(?<!\w)(?:customers?|guests?|visitors?|users?|clients?|shoppers?|buyers?|donors?|subscribers?|check-?out|plug-?ins?|api|sdk|"
    r"webhooks?|gateway|integrat\w*|button|(?:booking|order|contact|payment)? ?forms?|shops?|stores?|cart|landing page|"
    r"kund\w+|gäste?n?|besucher\w*|nutzer\w*|formular\w*|warenkorb|clientes?|huéspedes|usuarios?|usuários?|hóspedes|"
    r"formul[aá]rio|carrinho|carrito|tienda|loja)(?!\w)",
    re.IGNORECASE,
)
ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{2,4}){3,8}(?!\w)")


def of(text: str) -> str:
    """Return which hint *text* calls for: OUTSIDE, ADVANCE, or "" for none."""
    if any(_is_iban(found) for found in ACCOUNT.findall(text)):
        return OUTSIDE
    sentences = [part for part in SENTENCE.split(text) if part.strip() and not OTHERS.search(part)]
    if any(_is_outside(sentence) for sentence in sentences):
        return OUTSIDE
    return ADVANCE if any(EARLY.search(sentence) for sentence in sentences) else ""


def _is_outside(sentence: str) -> bool:
    if FEES.search(sentence) or OWN.search(sentence):
        return True
    if AROUND.search(sentence) and PAYS.search(sentence):
        return True
    return bool(SERVICES.search(sentence) and PAYS.search(sentence) and US.search(sentence))


def _is_iban(text: str) -> bool:
    """Whether *text* is the number of a bank account: its two check digits are right."""
    number = text.replace(" ", "")
    turned = number[4:] + number[:4]
    return 15 <= len(number) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1

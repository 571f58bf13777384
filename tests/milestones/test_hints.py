"""What calls for a hint in a message, and what doesn't (P62, P31)."""

import time

import pytest

from milestones import hints

OUTSIDE = [
    "Can you pay me by PayPal?",
    "I can pay by Pay Pal, it is faster.",
    "Could you send the rest through western union",
    "My IBAN is in the attachment",
    "DE89 3704 0044 0532 0130 00",
    "It is GB82WEST12345698765432, thanks",
    "Let's settle the rest outside the site, I'll send you my details",
    "We could do the payment off-platform",
    "Please pay me directly.",
    "Let us avoid the site's fees",
    "I'd take bitcoin if you send it today",
    "Would you mind a bank transfer? I could send it tomorrow",
    "send me a WhatsApp Pay request",
    "Kannst du mir das Geld per Überweisung schicken?",
    "Ich zahle dir das über PayPal",
    "Mein PayPal ist wes@example.com",
    "Das zahlen wir an der Plattform vorbei",
    "Puedes pagarme por transferencia, te paso mi cuenta",
    "Mi IBAN es el de siempre",
    "Você pode me pagar por pix?",
    "Meu pix é este",
    "HELLO.\n\nPAY ME VIA PAYPAL",
]
ADVANCE = [
    "Could you pay half upfront?",
    "I need 30% up front to begin",
    "Can I have an advance of 200?",
    "I'd ask for an advance, the trip is expensive",
    "An upfront payment would help me",
    "A small prepayment, maybe",
    "Please pay in advance",
    "Ich bräuchte eine Anzahlung",
    "Geht auch Vorkasse?",
    "¿Puedes darme un anticipo?",
    "Preciso de um adiantamento",
]
NEITHER = [
    "",
    "   \n ",
    "Thanks in advance!",
    "Thank you in advance for the pictures. I'll pay attention to the colours.",
    "Please integrate PayPal into the booking form.",
    "Guests pay by PayPal or bank transfer; can you build that?",
    "The PayPal button is broken on my phone.",
    "I will send you the PayPal API docs tomorrow.",
    "Links outside the site should open in a new tab.",
    "The pixels on page 3 look off. I'll send you a new one.",
    "Let me say up front that I love it.",
    "Advanced search comes later",
    "This is an advance warning: I am away in May",
    "You write Swift, I write Kotlin. Send me your repository.",
    "The milestone is paid, thank you.",
    "Shall I send you the invoice for your files?",
    "Wise words. You can send it on Monday.",
    "AB12 3456 7890 1234 5678 is the serial number",
    "I'll send you the iBanner files",
    "Kunden bezahlen mit PayPal",
    "Der Vorschlag gefällt mir, ich zahle gern mehr",
    "La página está fuera de servicio",
]


@pytest.mark.parametrize("text", OUTSIDE)
def test_p62_it_notices_who_speaks_of_paying_elsewhere(text):
    assert hints.of(text) == hints.OUTSIDE


@pytest.mark.parametrize("text", ADVANCE)
def test_p31_it_notices_who_speaks_of_an_advance(text):
    assert hints.of(text) == hints.ADVANCE


@pytest.mark.parametrize("text", NEITHER)
def test_it_leaves_all_else_alone(text):
    assert hints.of(text) == ""


def test_paying_elsewhere_weighs_more_than_an_advance():
    assert hints.of("Pay half in advance. My PayPal is wes@example.com") == hints.OUTSIDE


@pytest.mark.parametrize(
    "text", ["pay " * 1250, "a" * 5000, "AB12 " * 1000, "pay me " * 714, "\n" * 5000, "1 % " * 1250]
)
def test_a_long_text_takes_no_time(text):
    begun = time.perf_counter()
    hints.of(text)
    assert time.perf_counter() - begun < 0.2

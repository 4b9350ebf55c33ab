"""Honest free text as people write it to a bank: many languages, and all that looks like syntax.

Names, addresses and sentences come from Faker's locales; what is around them are memos, notes and
messages with apostrophes, words that SQL has too, measures, formulas, Markdown and documents.
"""

import base64
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from faker import Faker

LOCALES = [
    "ar_SA",
    "bg_BG",
    "cs_CZ",
    "da_DK",
    "de_AT",
    "de_CH",
    "de_DE",
    "el_GR",
    "en_AU",
    "en_CA",
    "en_GB",
    "en_IE",
    "en_IN",
    "en_NZ",
    "en_US",
    "es_ES",
    "es_MX",
    "et_EE",
    "fa_IR",
    "fi_FI",
    "fr_CA",
    "fr_CH",
    "fr_FR",
    "he_IL",
    "hi_IN",
    "hr_HR",
    "hu_HU",
    "hy_AM",
    "it_IT",
    "ja_JP",
    "ka_GE",
    "ko_KR",
    "lt_LT",
    "lv_LV",
    "nl_BE",
    "nl_NL",
    "no_NO",
    "pl_PL",
    "pt_BR",
    "pt_PT",
    "ro_RO",
    "ru_RU",
    "sk_SK",
    "sl_SI",
    "sv_SE",
    "th_TH",
    "tr_TR",
    "uk_UA",
    "vi_VN",
    "zh_CN",
    "zh_TW",
]

_SURNAMES = [
    "O'Brien",
    "O'Neill",
    "O'Connor-Smith",
    "D'Angelo",
    "D'Souza",
    "M'Baye",
    "N'Diaye",
    "L'Hôpital",
    "Dell'Acqua",
    "De'Ath",
    "Fa'asavalu",
    "Ka'aukai",
    "O’Sullivan",
    "Ó'Dálaigh",
    "Nu'uali'i",
    "T'Kint",
    "van't",
    "Hof",
    "'t",
    "Hart",
    "Q'Orianka",
    "Ta'eed",
    "O'Select",
    "O'Dropp",
    "Union",
    "Orr",
    "And",
    "Null",
    "True",
    "Insert-Jones",
    "Where",
    "Van",
    "der",
    "Table",
]

_COMPANIES = [
    "Rock 'n' Roll Records Ltd",
    'Toys "R" Us',
    "Smith & Sons -- est. 1952",
    "Müller & Söhne GmbH; Köln",
    "AT&T",
    "A/B Testing GmbH",
    "Ben & Jerry's",
    "L'Oréal S.A.",
    "Credit Union Select",
    "Union Select Insurance",
    "Western Union",
    "Drop & Go Logistics",
    "Table 5 Restaurant",
    "Having It All Ltd.",
    "Where & When Travel",
    "Order by Post plc",
    "Script & Co",
    "Alert! Security (UK)",
    "Onload Freight GmbH",
    "Create Table Furniture",
    "O'Reilly & Associates (Select)",
    '"Union" Select Bank',
    "Delete Records, Inc.",
    "Int'l Exec. Search",
    "The Drop Table Tennis Club",
    "Like 'Em Hot",
    "Ye Olde 'Barrel'",
    "#1 Auto Parts",
    "C++ Consulting",
    "%Off Store",
]

_MEMOS = (
    "please select the drop off from table 5; or update the order by noon",
    "Select 2 items from the menu, and delete the rest",
    "I'd like to order by phone; select union dues from March and April",
    "Insert coin into the machine and update me; don't drop the table!",
    "Transfer from the joint account where Anna = owner and I'm the other one",
    "Either rent or 1/2 of it; and 1 more = 2 rents",
    "Refund for order #{n} -- thanks!",
    "invoice {n} -- please don't delete",
    "Alter the table for Kate's wedding; group by family, having 10 seats each",
    "Union meeting: select all delegates from region 3 where possible",
    "Where's the receipt? It's from table 7 or 8; that's 2 x 15 = 30",
    "rent 01/{y}; water & heating (50%)",
    "Children's & women's shoes, size 7' / 8\" - it's \"ok\"",
    '5\'10" tall, 12" x 8" frame; 3/4" pipe',
    "Price < 100 and > 50; if a < b then c > d",
    "2+2=4, 3 > 2 and 1 < 5 or so they say",
    "Thanks :) <3 -- you're the best!!! ;-)",
    "Re: Fwd: your ref. {n}/{y} (see p. 4-5) = paid",
    "Like it or not, 50% = half; the customer's 'special' offer",
    "Exec lunch; declare it at 20% VAT; set lunch = 12.50",
    "cash or card; 1 or 2 nights and 3 breakfasts",
    "the drivers' and riders' insurance (2 cars)",
    "My boss's wife's birthday: table for 8, 'Sunset' room",
    "Is it true that null and void = cancelled? or 1=first?",
    "Benchmark (2024) vs. actuals: sleep (8h) and substring theory",
    "Wait for delay; truncate the list; grant access to Maria",
    "Mr. & Mrs. O'Hara's \"gift\" from aunt Rose; count(me) in",
    "case closed when paid; else call 555-{n}",
    "Limit 3 per customer; offset 10 days; into the pot",
    "A 'quoted' word, another 'one' and \"two\" more (or three)",
    "I paid 20 and he paid 30; it's 50, isn't it? or = 55 with tip",
    "script for the play; on click of the camera; onload = Friday",
    "javascript: the good parts (book), 2nd edition",
    "Please alert('the team') no, just kidding: alert the team (today)",
    "email me at anna.o'hara+bank@example.com or call +44 (0)20 7946 0{n}",
    "https://shop.example.com/item?id={n}&ref=mail&utm_source=a%20b#top",
    "see https://en.example.org/wiki/O%27Brien_(surname) and /docs/a-b_c",
    "C:\\Users\\anna\\invoice_{n}.pdf and \\\\server\\share",
    "L'été, c'est l'heure d'aujourd'hui qu'on s'arrête (n'est-ce pas?)",
    "dell'anno {y}, un'ora e l'acqua dell'hotel; c'è anche l'IVA = 22%",
    "ta' Sliema, f'Malta; t'ghada l-ewwel pagament",
    "м'ята, сім'я і п'ять об'єктів; з'їзд = 5 п'ятниць",
    "Mo'olelo o Hawai'i; Ka'a'awa & Kahalu'u",
    "'t Is goed zo; foto's, auto's en menu's voor 's avonds",
    "Ele disse: \"d'água\" e 'copo d'água' (1/2)",
    "paiement n°{n}; l'appart' de Jean-d'Arc; 50€ = solde",
    "ref {n} || second try && last one",
    "{n}; {n}; {n}",
    "10% off * 3 = 30%?",
    "[x] paid [ ] open; {{later}}; $5 & $10; #rent #march",
    "Dear {{first_name}}, we've received {{amount}}. Regards, O'Neill",
    "a -> b => c; x != y; ~ 5; ^up; |pipe|",
    "№ {n}/{y} от 05.03; сумма = 100 (сто) руб.",
    "GROUP BY the door, ORDER BY 5 pm; SELECT committee and UNION members",
    "update: set alarm = 7; delete from calendar",
    "She said 'yes' or 'no' and he said 'maybe' or \"no way\"",
    "Pay 'Smith' or 'Jones' -- whichever's first",
)

_MARKDOWN = (
    "# Invoice {n}\n\n* rent: **500**\n* water: *30*\n\n> thanks, O'Neill\n",
    "| item | price |\n|---|---:|\n| coffee | 3.50 |\n| 'special' | 4.00 |\n",
    "Use `order-{n}` or `ref/{y}` -- see [the page](https://example.com/a_(b)?c=d&e=f) and ![logo](a.png).",
    "1. select a payee\n2. insert the amount\n3. update & send\n\n---\n*that's it*",
    "~~old~~ new; `a` - `b`; ``c``; <https://example.com>; **don't** (really)\n\n- [ ] to do\n- [x] done",
    "Hello,\n\nI'd like <b>two</b> cards and a <i>new</i> PIN.\n<br>Regards,\nAnne-Marie d'Ornano",
    "Setext\n===\n\nText with 'quotes' and \"more\"; 2 * 3 = 6\n\n    indented (text)\n",
)


@cache
def _fakers() -> tuple[Faker, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(Faker(locale) for locale in LOCALES)


def _numbered(rng: random.Random, text: str) -> str:
    number, year = str(rng.randint(100, 99999)), str(rng.randint(2019, 2026))
    return text.replace("{n}", number).replace("{y}", year)


def _name(rng: random.Random, fake: Faker) -> str:
    return f"{fake.first_name()} {rng.choice(_SURNAMES)}" if rng.random() < 0.5 else fake.name()


def _sentences(rng: random.Random, fake: Faker) -> str:
    return fake.text(max_nb_chars=rng.randint(20, 400))


def _address(rng: random.Random, fake: Faker) -> str:
    return f"{fake.address()}; c/o {rng.choice(_SURNAMES)}"


def _company(rng: random.Random, fake: Faker) -> str:
    return rng.choice((fake.company(), rng.choice(_COMPANIES)))


def _memo(rng: random.Random, fake: Faker) -> str:
    text = _numbered(rng, rng.choice(_MEMOS))
    more = (
        fake.name(),
        _numbered(rng, rng.choice(_MEMOS)),
        fake.sentence(),
        rng.choice(_COMPANIES),
    )
    join = rng.choice((" ", "; ", " - ", ", ", "\n", " / ", ": "))
    return text if rng.random() < 0.4 else join.join(rng.sample((text, rng.choice(more)), 2))


def _markdown(rng: random.Random, fake: Faker) -> str:
    return _numbered(rng, rng.choice(_MARKDOWN)) + fake.sentence()


def _document(rng: random.Random, fake: Faker) -> str:
    content = rng.randbytes(rng.randint(20, 1500))
    encode = rng.choice((base64.b64encode, base64.urlsafe_b64encode))
    head = rng.choice(("", "", "data:application/pdf;base64,", "data:image/png;base64,"))
    return head + encode(content).decode()


def _dialogue(rng: random.Random, fake: Faker) -> str:
    sign = rng.choice(("'", '"', "’", "«"))
    end = "»" if sign == "«" else sign
    words = fake.words(nb=rng.randint(1, 4))
    return f"{fake.first_name()}: {sign}{' '.join(words)}{end} {rng.choice(('or', 'and', '&', '=', '-', ';'))} {sign}{fake.word()}{end}, {rng.randint(1, 99)} x"


_KINDS: tuple[Callable[[random.Random, Faker], str], ...] = (
    _name,
    _name,
    _sentences,
    _sentences,
    _address,
    _company,
    _memo,
    _memo,
    _memo,
    _markdown,
    _document,
    _dialogue,
)


NAMES = (_name, _name, _company)


def _street(rng: random.Random, fake: Faker) -> str:
    return rng.choice((fake.street_address, fake.city))()


STREETS = (_street,)


def texts(
    seed: int, count: int, kinds: Sequence[Callable[[random.Random, Faker], str]] = _KINDS
) -> Iterator[str]:
    rng = random.Random(seed)
    fakers = _fakers()
    for fake in fakers:
        fake.seed_instance(seed)
    for _ in range(count):
        yield rng.choice(kinds)(rng, rng.choice(fakers))

"""Websites and apps. The first three are the ones that README and the tests speak of."""

from demo.content import Work, series

GUEST_HOUSE = Work(
    title="Guest house website",
    about="Our guest house on the lake has seven rooms and a website from 2011. We need a new one where"
    " people can see which rooms are free, ask for one and pay the deposit, in German and English. We also"
    " need fresh photographs and texts that sound like us. We will choose one person for the site and"
    " one for pictures and words.",
    skills="Web development, Photography, Writing",
    employer="erin",
    currency="EUR",
    budget=(1200, 3400),
    posted=41,
    bids="elif mei zanele tomek",
    pitches=(
        "Seven rooms and a deposit is a size where a plain calendar beats any booking system.",
        "I looked at your present site on a phone: the room prices are below the fold on every page.",
        "Guests decide by the second photograph, so I would plan the pages around them.",
    ),
)

LATE_ARRIVALS = Work(
    title="Key safe and late arrival page",
    about="Guests who arrive after nine at night need a code for the key safe. We want one page that we fill"
    " in at noon and that each late guest can open on their phone, without an account, until the next morning.",
    skills="Web development, Security",
    employer="erin",
    currency="EUR",
    budget=(600, 1100),
    posted=6,
    bids="tomek devika",
    pitches=(
        "A page per guest that dies at nine in the morning is simple and safe enough for this.",
        "I would print the same code on a card for guests whose phone is empty.",
    ),
)

RECEIPTS = Work(
    title="Receipt printer that speaks to our till",
    about="Our till saves a CSV every evening. We want each line of it on paper in the breakfast room at six,"
    " with the number of eggs added up. The printer is a common 80 mm one with a network plug.",
    skills="Embedded, Python",
    employer="erin",
    currency="USD",
    budget=(400, 900),
    posted=118,
    awards="oskar:done",
    bids="tomek devika",
    tasks=("Reads the till's file every evening", "Prints the kitchen list at six", "Installed, with a page of help"),
    pitches=("A small board beside the printer will do, and it can be switched off and on without harm.",),
    closed=True,
)

WORKS = (
    GUEST_HOUSE,
    LATE_ARRIVALS,
    RECEIPTS,
    Work(
        title="Online shop for a tea house in Kyoto",
        about="We sell twelve teas in the shop and would like to sell six of them online, in Japan only at"
        " first. Stock is counted in tins. The pages should feel as quiet as the shop does.",
        skills="Web development, E-commerce, Japanese",
        employer="yuki",
        currency="JPY",
        budget=(380_000, 620_000),
        posted=164,
        awards="kenji:done +elif:parted",
        bids="wes lin zanele",
        tasks=(
            "Drawings of shop, basket and checkout",
            "Product pages for six teas",
            "Basket, delivery times and stock in tins",
            "Payment by card and at the convenience store",
            "Gift wrapping and message card",
            "Opening week: watching and mending",
            "Harvest calendar page",
            "Photographs placed and sized",
        ),
        pitches=(
            "Six products need no shop system; they need six good pages and a basket.",
            "Paying at the convenience store matters to half of your customers, so I'd build it first.",
        ),
        closed=True,
    ),
    Work(
        title="Timetable scraper for six regional bus lines",
        about="Our bus users' group wants the departures of six lines in one table. The operator publishes"
        " them as web pages that change their form twice a year. We need a scraper that says loudly when it"
        " no longer understands them, and a GTFS file as the result.",
        skills="Python, Web scraping, GTFS",
        employer="henrik",
        currency="EUR",
        budget=(1400, 2300),
        posted=132,
        awards="aisha:declined tomek:done",
        bids="viktor naomi",
        tasks=(
            *series("Line {} reads and checks itself", 6, 101),
            "GTFS export that passes the validator",
            "Nightly run with a mail when a page changes",
        ),
        pitches=(
            "Twice a year is often enough to need tests against saved pages; I'd keep every page we ever read.",
            "A validator run in the nightly job costs nothing and catches the embarrassing mistakes.",
        ),
        closed=True,
    ),
    Work(
        title="Appointment reminders for a physiotherapy practice",
        about="Two therapists, about 140 appointments a week, one in ten forgotten. We want a text message"
        " the evening before and a way to cancel by answering it. Names and times only, nothing medical.",
        skills="Python, SMS, Privacy",
        employer="priya",
        currency="USD",
        budget=(1800, 3200),
        posted=96,
        awards="viktor:underway",
        bids="tomek wes devika",
        tasks=(
            "Reads tomorrow's appointments",
            "Sends messages through the gateway",
            "Understands “no” and frees the slot",
            "Report on no-shows, by week",
            "Runs on the practice's own server",
        ),
        pitches=(
            "An answer of one word should be enough, and anything else should go to a person.",
            "I'd keep messages for thirty days and then only their number.",
        ),
        trim="Report on no-shows, by week",
    ),
    Work(
        title="Move a choir's site away from a dying host",
        about="Our host closes at the end of the quarter. There are 240 pages, a members' corner with"
        " recordings and a mailing list of 85 singers. Nothing should be lost and no link should break.",
        skills="Linux, WordPress, E-mail",
        employer="grace",
        currency="GBP",
        budget=(500, 950),
        posted=74,
        awards="viktor:done",
        bids="wes -tomek lin",
        tasks=(
            "Everything copied and counted",
            "New home with certificates and backups",
            "Members' corner and recordings",
            "Mailing list moved, singers told",
            "Old addresses lead to the new ones",
        ),
        pitches=("I'd move the list last, on a Sunday night, and keep both alive for a week.",),
        closed=True,
    ),
    Work(
        title="App that counts birds along one river",
        about="Forty volunteers count birds at fixed points on the first Sunday of the month, often with no signal."
        " The app has to work without one, and send the counts when they are home. Species come from our own list.",
        skills="Mobile, Offline, Maps",
        employer="jonas",
        currency="EUR",
        budget=(3800, 6400),
        posted=187,
        awards="devika:done +paolo:done",
        bids="lin elif tomek",
        tasks=(
            "Counting screen with big buttons",
            "Works without a signal for a day",
            "Sends counts once, however often it tries",
            "Species list with our own names",
            "In both stores, for testers",
            "River map that works without a signal",
            "Counting points with descriptions",
            "Training morning at the boathouse",
            "Corrections after the first Sunday",
            "Export for the county's database",
        ),
        pitches=(
            "No signal is the normal case here, so I would design for it and treat the network as a treat.",
            "Cold fingers need big buttons; I'd test with gloves.",
        ),
        closed=True,
    ),
    Work(
        title="Ticket desk for a distillery tour",
        about="Tours at eleven and three, fourteen people each, six days a week. Sell tickets online, let the"
        " desk sell the rest, and never sell a fifteenth. Groups pay by invoice.",
        skills="Web development, Payments",
        employer="callum",
        currency="GBP",
        budget=(2100, 3600),
        posted=58,
        awards="wes:underway",
        bids="tomek elif viktor",
        tasks=(
            "Calendar with fourteen places a tour",
            "Card payment and the ticket by e-mail",
            "Desk screen that works in bad light",
            "Groups and invoices",
            "Refunds up to the day before",
            "Figures for the monthly report",
        ),
        pitches=(
            "The fifteenth ticket is a database question, and I'd solve it there.",
            "I have built two desks like this; the light behind the counter is always worse than people think.",
        ),
    ),
    Work(
        title="Loan calendar for a neighbourhood tool library",
        about="We lend 300 tools to 180 households. Today it is a paper book. We need to see what is out, who has it"
        " and when it is due, and to print one label a tool.",
        skills="Web development, Accessibility",
        employer="diego",
        currency="EUR",
        budget=(900, 1700),
        posted=12,
        bids="wes lin devika oskar",
        pitches=(
            "Labels with a plain number and a code beside it will survive sawdust.",
            "I'd keep the paper book for the first month and compare every Saturday.",
        ),
    ),
    Work(
        title="Make our hardware store's site usable by keyboard",
        about="A customer who can't use a mouse told us that she cannot get past our menu. We would like"
        " somebody to go through all 35 pages, fix what is wrong and show us how to keep it so.",
        skills="Accessibility, HTML, CSS",
        employer="ben",
        currency="USD",
        budget=(1100, 2000),
        posted=33,
        awards="elif:revoked lin:underway",
        bids="wes",
        tasks=("Report on all 35 pages", "Menu and search", "Forms and checkout", "A morning with our two editors"),
        pitches=("Menus like yours usually need a day; the checkout is where the surprises are.",),
    ),
    Work(
        title="Small library in Go for reading gauge data",
        about="River gauges of three agencies, three formats, one small library with no dependency. Must be"
        " pleasant to read, since students will.",
        skills="Go, Documentation",
        employer="jonas",
        currency="EUR",
        budget=(700, 1300),
        posted=4,
        pitches=(),
    ),
    Work(
        title="Web page for a mobile bicycle workshop",
        about="One page: where the van is today, what it costs, a telephone number that can be tapped. I want"
        " to change the place of the van myself, every morning, with one hand.",
        skills="Web development",
        employer="diego",
        currency="EUR",
        budget=(250, 600),
        posted=102,
        awards="devika:lapsed wes:done",
        bids="lin",
        tasks=("Page with place, prices and number", "Changing the place from a phone", "Domain, certificate, backup"),
        pitches=("One page, one button for you, nothing to update: that's a good week's work.",),
        closed=True,
    ),
    Work(
        title="Test our enrolment form on old phones",
        about="Parents tell us that our enrolment form “jumps” on their phones. Please find out on which ones"
        " and why, with pictures. We fix it ourselves.",
        skills="Testing, Mobile",
        employer="noor",
        currency="EUR",
        budget=(180, 420),
        posted=21,
        awards="lin:done",
        bids="-elif",
        tasks=("Eleven phones, two days, one report", "Second look after your fixes"),
        pitches=("Jumping is nearly always a picture without a size, but let's see.",),
        closed=True,
    ),
)

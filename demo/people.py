"""Who lives in the demo. Those of demo/signins.py are the sign-ins that README lists."""

from demo.content import Person
from demo.signins import ACCOUNTANT, EMPLOYER, FIRST_FREELANCER, MEDIATOR, SECOND_FREELANCER, STRANGER, SUPPORTER

EMPLOYERS = (
    Person("erin", "Erin Vogel", EMPLOYER, "Europe/Berlin"),
    Person("marta", "Marta Kowalczyk", "marta@example.org", "Europe/Warsaw"),
    Person("henrik", "Henrik Dahl", "henrik@example.org", "Europe/Copenhagen"),
    Person("grace", "Grace Okafor", "grace@example.org", "Europe/London"),
    Person("yuki", "Yuki Tanabe", "yuki@example.org", "Asia/Tokyo"),
    Person("diego", "Diego Ferreyra", "diego@example.org", "Europe/Madrid"),
    Person("noor", "Noor Haddad", "noor@example.org", "Europe/Amsterdam"),
    Person("tom", "Tom Bellweather", "tom@example.org", "Europe/London"),
    Person("lucia", "Lucía Arroyo", "lucia@example.org", "Europe/Madrid"),
    Person("priya", "Priya Raghunathan", "priya@example.org", "America/New_York"),
    Person("callum", "Callum Reid", "callum@example.org", "Europe/London"),
    Person("hana", "Hana Sugimoto", "hana@example.org", "Asia/Tokyo"),
    Person("jonas", "Jonas Lindqvist", "jonas@example.org", "Europe/Stockholm"),
    Person("odette", "Odette Marchand", "odette@example.org", "Europe/Paris"),
    Person("ben", "Ben Castellano", "ben@example.org", "America/Chicago"),
    Person("amara", "Amara Diallo", "amara@example.org", "Africa/Dakar"),
)

FREELANCERS = (
    Person(
        "wes",
        "Wes Adeyemi",
        FIRST_FREELANCER,
        "Africa/Lagos",
        (
            "I build small booking and ordering sites and look after most of them for years afterwards.",
            "You get a private preview address in the first week, so that nothing comes as a surprise.",
            "I write plain HTML first and add script only where a visitor gains something from it.",
        ),
    ),
    Person(
        "ana",
        "Ana Lima",
        SECOND_FREELANCER,
        "Europe/Lisbon",
        (
            "I photograph rooms, food and people in daylight, and I write the captions myself.",
            "Before this I ran the front desk of a small hotel, so I know what guests ask.",
            "All files come named, captioned and in two sizes.",
        ),
    ),
    Person(
        "rosa",
        "Rosa Benedetti",
        "rosa@example.org",
        "Europe/Rome",
        (
            "I draw in ink and gouache and scan everything myself.",
            "Two rounds of changes are part of the price; most of my clients need one.",
            "My last three books were for small presses, so I know what a tight budget looks like.",
        ),
    ),
    Person(
        "tomek",
        "Tomek Zieliński",
        "tomek@example.org",
        "Europe/Warsaw",
        (
            "Twelve years of Python, most of it for people who had to maintain it without me.",
            "Tests come with the code and not as an extra.",
            "I keep a short diary of decisions that stays with the project.",
        ),
    ),
    Person(
        "aisha",
        "Aisha Rahman",
        "aisha@example.org",
        "Asia/Dhaka",
        (
            "I clean data for a living and I enjoy it more than I should.",
            "You receive a notebook that repeats every step, so the result can be checked.",
            "Where the numbers are doubtful I say so instead of smoothing them.",
        ),
    ),
    Person(
        "leo",
        "Leo Fontaine",
        "leo@example.org",
        "Europe/Brussels",
        (
            "I mix on two pairs of speakers and one cheap radio, because that's where it will be heard.",
            "Usual turnaround is two working days.",
            "I worked nine years in community radio.",
        ),
    ),
    Person(
        "mei",
        "Mei-Ling Chou",
        "mei@example.org",
        "Asia/Taipei",
        (
            "Typesetting is all I do: books, programmes and the odd railway timetable.",
            "Proofs come as PDF with every change marked.",
            "I'm happy to work from messy manuscripts.",
        ),
    ),
    Person(
        "viktor",
        "Viktor Hristov",
        "viktor@example.org",
        "Europe/Sofia",
        (
            "I move old servers to new homes, preferably at night and without anybody noticing.",
            "Each step has a way back, and I rehearse it.",
            "You'll get a two-page handbook at the end.",
        ),
    ),
    Person(
        "saoirse",
        "Saoirse Byrne",
        "saoirse@example.org",
        "Europe/Dublin",
        (
            "I edited a weekly paper for six years and still keep its hours.",
            "I'd rather cut a good sentence than keep a long one.",
            "Every change is tracked and you can refuse any of them.",
        ),
    ),
    Person(
        "kofi",
        "Kofi Mensah",
        "kofi@example.org",
        "Africa/Accra",
        (
            "I shoot and cut short films for people who make things.",
            "Subtitles are always included, since half the audience watches without sound.",
            "My own camera, lights and insurance.",
        ),
    ),
    Person(
        "elif",
        "Elif Demir",
        "elif@example.org",
        "Europe/Istanbul",
        (
            "I test every drawing with five people before you see it.",
            "I design for thumbs, tired eyes and slow phones.",
            "Accessibility is part of the design and not a report afterwards.",
        ),
    ),
    Person(
        "rafael",
        "Rafael Monteiro",
        "rafael@example.org",
        "America/Sao_Paulo",
        (
            "Trained joiner, then draughtsman: my drawings can be built.",
            "Files come as STEP, DXF and a plain PDF for the workshop wall.",
            "I answer within a day, also on Saturdays.",
        ),
    ),
    Person(
        "ingrid",
        "Ingrid Solheim",
        "ingrid@example.org",
        "Europe/Oslo",
        (
            "I translate between English, German and the Scandinavian languages.",
            "A colleague reads every text of mine before it goes out.",
            "I keep a glossary for each client, and it belongs to you.",
        ),
    ),
    Person(
        "devika",
        "Devika Nair",
        "devika@example.org",
        "Asia/Kolkata",
        (
            "I've put eleven small apps into both stores and keep seven of them alive.",
            "Test builds go to your phone every Friday.",
            "I prefer one good screen to five settings.",
        ),
    ),
    Person(
        "paolo",
        "Paolo Greco",
        "paolo@example.org",
        "Europe/Rome",
        (
            "Maps have been my work since I left the land registry.",
            "Everything I make can be opened with free software.",
            "I walk the routes I draw, whenever they are within a day's train ride.",
        ),
    ),
    Person(
        "hugo",
        "Hugo Lefèvre",
        "hugo@example.org",
        "Europe/Paris",
        (
            "Engraver and second tenor, so I notice where a page turn hurts.",
            "Parts and score come from one source and always agree.",
            "I proofread against the manuscript twice, on different days.",
        ),
    ),
    Person(
        "naomi",
        "Naomi Fischer",
        "naomi@example.org",
        "Europe/Vienna",
        (
            "Bookkeeper by day, and the one people call when a spreadsheet has grown teeth.",
            "I document every formula in a sheet of its own.",
            "A half-hour lesson at the end is included.",
        ),
    ),
    Person(
        "kenji",
        "Kenji Morita",
        "kenji@example.org",
        "Asia/Tokyo",
        (
            "I work in Japanese and English and translate in both directions.",
            "Menus, museum walls and user manuals are what I do most.",
            "I can call your customers or suppliers in Japan where that saves time.",
        ),
    ),
    Person(
        "zanele",
        "Zanele Khumalo",
        "zanele@example.org",
        "Africa/Johannesburg",
        (
            "I make identities that still work when a volunteer uses them.",
            "You'll see three directions, not thirty.",
            "Every mark is tested in one colour and at one centimetre.",
        ),
    ),
    Person(
        "oskar",
        "Oskar Pietersen",
        "oskar@example.org",
        "Europe/Amsterdam",
        (
            "I design small boards and write what runs on them.",
            "Prototypes are assembled on my own bench, so you can hold one in three weeks.",
            "Circuit diagrams and sources are yours from the first day.",
        ),
    ),
    Person(
        "lin",
        "Lin Tran",
        "lin@example.org",
        "Asia/Ho_Chi_Minh",
        (
            "I break software politely and write down how.",
            "Reports come with steps, a picture and a guess at the cause.",
            "I own eleven old phones and use all of them.",
        ),
    ),
)

OTHERS = (
    Person("sam", "Sam Stone", STRANGER, "Europe/London"),
    Person("sue", "Sue Park", SUPPORTER, "Asia/Seoul", staff="support"),
    Person("mia", "Mia Novak", MEDIATOR, "Europe/Prague", staff="arbitrators"),
    Person("finn", "Finn Aalto", ACCOUNTANT, "Europe/Helsinki", staff="finance"),
    Person("rufus", "Rufus Delgado", "rufus@example.org", "America/Mexico_City"),
    Person("ilse", "Ilse Brandt", "ilse@example.org", "Europe/Berlin", staff="arbitrators"),
)

PEOPLE = (*EMPLOYERS, *FREELANCERS, *OTHERS)

CLOSINGS = (
    "I could start on Monday.",
    "Happy to talk it through on the phone first.",
    "Two references from similar work on request.",
    "If the date is fixed, tell me now and I'll plan back from it.",
    "I have no other large work this month.",
    "Please ask if anything about the sum is unclear.",
    "I'd suggest the first part as a trial; if it isn't right, we stop there.",
    "I can send a small sample before you decide.",
    "The price includes small corrections for three months.",
    "Mornings are best for calls, but I read messages all day.",
    "I have read your description twice and see no open question.",
    "One question: who decides on your side when two people disagree?",
)

"""Invented words: names of people and companies, and what they say. Domains end in .example, which nobody owns."""

import unicodedata

FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "DACH": (
        *("Anna", "Jonas", "Miriam", "Lukas", "Katharina", "Felix", "Sophie", "Maximilian", "Lea", "Tobias"),
        *("Franziska", "Moritz", "Hannah", "Stefan", "Nadine", "Cem", "Elif", "Dominik", "Johanna", "Reto"),
        *("Ursina", "Beat", "Verena", "Florian", "Agnieszka", "Goran", "Theresa", "Benedikt", "Aylin", "Georg"),
        *("Sabine", "Matthias", "Carina", "Oliver", "Jana", "Emre"),
    ),
    "Nordics": (
        *("Astrid", "Erik", "Freja", "Lars", "Ingrid", "Mikkel", "Linnea", "Sven", "Sigrid", "Anders"),
        *("Maja", "Kasper", "Elin", "Henrik", "Aino", "Juhani", "Kirsi", "Mats", "Solveig", "Olav"),
        *("Ebba", "Rasmus", "Tuuli", "Petter", "Amina", "Yusuf", "Karin", "Nils", "Hilda", "Jesper"),
        *("Saga", "Eero", "Signe", "Torben", "Vilma", "Håkon"),
    ),
    "Iberia": (
        *("Lucía", "Javier", "Carmen", "Diego", "Inês", "Tiago", "Marta", "Álvaro", "Beatriz", "Nuno"),
        *("Elena", "Sergio", "Catarina", "Rui", "Paula", "Andrés", "Sofia", "Gonçalo", "Nerea", "Iker"),
        *("Montserrat", "Jordi", "Leonor", "Duarte", "Rocío", "Pablo", "Filipa", "Hugo", "Adriana", "Raúl"),
        *("Aitana", "Mateus", "Silvia", "Joaquín", "Teresa", "Youssef"),
    ),
}

LAST_NAMES: dict[str, tuple[str, ...]] = {
    "DACH": (
        *("Brandt", "Hofer", "Keller", "Vogelsang", "Aydın", "Lindner", "Zimmerli", "Grabner", "Petersen", "Wolff"),
        *("Nowak", "Stadler", "Reinhardt", "Bauer", "Yılmaz", "Egger", "Kowalski", "Sommer", "Ackermann", "Pichler"),
        *("Marković", "Dietrich", "Huber", "Rüegg", "Schönfeld", "Thaler", "Winkler", "Gruber", "Eckert", "Moser"),
        *("Falk", "Seidel", "Krüger", "Ott", "Baumgartner", "Jansen"),
    ),
    "Nordics": (
        *("Lindqvist", "Sørensen", "Halvorsen", "Korhonen", "Bergström", "Nygaard", "Dahl", "Virtanen", "Ekdahl"),
        *("Mortensen", "Solberg", "Hellström", "Laine", "Kjær", "Strand", "Nyberg", "Rantanen", "Holm", "Berg"),
        *("Aaltonen", "Sandvik", "Østby", "Wikander", "Friis", "Hassan", "Björklund", "Toivonen", "Lund", "Moen"),
        *("Thorsen", "Engström", "Skog", "Vestergaard", "Niemi", "Åkerman", "Ali"),
    ),
    "Iberia": (
        *("Quintana", "Figueira", "Ortega", "Salgado", "Carvalho", "Ibáñez", "Moreira", "Navarro", "Teixeira"),
        *("Echeverría", "Prats", "Serrano", "Pinheiro", "Cabrera", "Vidal", "Antunes", "Rueda", "Lozano", "Matos"),
        *("Benítez", "Fonseca", "Aguirre", "Soler", "Barros", "Gallego", "Nogueira", "Puig", "Marques", "Otero"),
        *("Valente", "Herrero", "Coelho", "Espinosa", "Zabala", "Benali", "Roldán"),
    ),
}

# Country: (share in its region, legal forms, how its phone numbers begin where a range is kept for fiction)
COUNTRIES: dict[str, dict[str, tuple[float, tuple[str, ...], str]]] = {
    "DACH": {
        "DE": (0.66, ("GmbH", "AG", "KG"), "+49 30 23125 "),
        "AT": (0.19, ("GmbH", "AG"), ""),
        "CH": (0.15, ("AG", "GmbH"), ""),
    },
    "Nordics": {
        "SE": (0.40, ("AB",), "+46 8 4650 04"),
        "DK": (0.24, ("A/S", "ApS"), ""),
        "NO": (0.20, ("AS",), ""),
        "FI": (0.16, ("Oy",), ""),
    },
    "Iberia": {"ES": (0.68, ("S.L.", "S.A."), ""), "PT": (0.32, ("Lda.", "S.A."), "")},
}

COMPANY_HEADS = (
    *("Arv", "Bel", "Cal", "Dor", "Elm", "Fen", "Gal", "Hel", "Ist", "Jor", "Kal"),
    *("Lum", "Mer", "Nor", "Ost", "Pol", "Quin", "Ros", "Sol", "Tor", "Val", "Ver"),
)
COMPANY_TAILS = ("ano", "anta", "avik", "eda", "ento", "era", "ina", "isko", "mara", "ora", "otek", "una")

# What a company trades in, and its NAICS code.
TRADES = (
    ("Logistics", "493110"),
    ("Foods", "424410"),
    ("Pharma", "424210"),
    ("Parts", "423120"),
    ("Fashion", "424330"),
    ("Electronics", "423690"),
    ("Cold Chain", "493120"),
    ("Furniture", "423210"),
    ("Tools", "423710"),
    ("Books", "424920"),
    ("Garden", "444240"),
    ("Sports", "423910"),
    ("Packaging", "424130"),
    ("Medical", "423450"),
    ("Chemicals", "424690"),
    ("Beverages", "424820"),
    ("Building", "423320"),
    ("Courier", "492110"),
    ("Retail", "455110"),
)

TITLES = (
    *("Warehouse Manager", "Head of Logistics", "Chief Operating Officer", "Supply Chain Director", "IT Manager"),
    *("Operations Manager", "Managing Director", "Fulfilment Lead", "Process Engineer", "Head of Purchasing"),
    *("Distribution Centre Manager", "Project Manager Intralogistics", "Chief Financial Officer", "Team Lead Picking"),
)

SELF_REPORTED = (
    *("A colleague told me", "Google", "LinkedIn", "Your webinar", "A podcast", "Trade fair", "Our consultant"),
    *("A newsletter", "We used it at my last company", "ChatGPT", "Don't remember", "Partner recommendation"),
)

COMPETITORS = ("Stockpilot", "Regalwerk", "Almacenia", "PickRight", "Lagersmart", "DepotOne")

# What marketing's tools heard, per attribute.
HEARD: dict[str, tuple[str, ...]] = {
    "environment": (
        "Runs SAP Business One and spreadsheets",
        "Home-grown stock system from 2009",
        "Microsoft Dynamics, scanners without Wi-Fi in hall 2",
        "Paper pick lists, Excel for stock",
    ),
    "pain": (
        "About 3 % picking errors, returns eat the margin",
        "Stock counts close the warehouse for two days",
        "Peak season needs 20 temps who take a week to train",
        "Customers ask for lot tracing they cannot give",
    ),
    "compelling_event": (
        "Moves into a new hall next spring",
        "Their system is no longer supported from January",
        "Opens a second site",
        "Audit by their biggest customer in autumn",
    ),
    "decision_makers": (
        "COO decides, head of IT has a veto",
        "Family owner and the warehouse manager",
        "Purchasing runs the comparison, CFO signs",
    ),
    "competition": ("Looks at two other vendors", "Incumbent has offered an upgrade", "No other vendor yet"),
}

# What sales learns when a lead becomes an opportunity: the four attributes BANT is read off, by attribute.
QUALIFIED: dict[str, tuple[str, ...]] = {
    "budget": ("In this year's budget", "Approved up to 60,000", "Budget round in six weeks, line reserved"),
    "decision_maker_engaged": ("COO was in the call", "Owner asked for the proposal", "CFO joins the next meeting"),
    "pain": (
        "Picking errors cost about 9,000 a month",
        "Two days of closure per count, confirmed",
        "Late orders fined",
    ),
    "decision_process": ("Decision by quarter's end", "Pilot in one hall, then board", "Three quotes, decision in May"),
}

CONVERSATION_NOTES = (
    "Friendly, in a hurry. Wants figures from a company of their size.",
    "Long talk. The warehouse manager is for it, IT is careful.",
    "Asked twice about the SAP interface; send the technical sheet.",
    "Good call. They count stock by hand every quarter and hate it.",
    "Not the decision maker, but brings us to the COO.",
    "Had a bad roll-out with another vendor. Needs references.",
)
LEARNED = (
    "The case study about picking errors was what made them ask.",
    "They did not know we do lot tracing; the page hides it.",
    "Found us by comparing vendors, price page was missing.",
    "The webinar was too basic for them.",
    "Peak season is the topic, not stock counts.",
    "They expected a free trial.",
)
ATTEMPT_NOTES = ("Back after lunch, says reception.", "Number rings through.", "Left my number.", "")
OVERRIDES = (
    "Asked for a call himself, and sounded in a hurry.",
    "Small today, but opens a second site in spring.",
    "Recommended by a customer who knows the numbers.",
    "Met at the fair: the facts are still to come.",
)
REFUSAL_NOTES: dict[str, str] = {
    "wrong_segment": "Three people and a garage. Far below the size we agreed on.",
    "student": "Writes a thesis about warehouse software.",
    "consultant": "Collects vendors for a client he will not name.",
    "competitor": "Works for another vendor.",
    "bad_data": "The number and the address do not exist.",
    "duplicate": "We talk to this person already.",
    "no_need": "Has a system since last year and is happy with it.",
    "no_budget": "No money before next year.",
    "no_authority": "Trainee; does not know who would decide.",
    "bad_timing": "In the middle of moving halls; not before summer.",
}

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "ı": "i"})


def mailbox_word(name: str) -> str:
    """A name as it stands in an e-mail address: lower case, a-z and digits, dashes between words."""
    spelled = name.lower().translate(_SPELLED_OUT)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())

"""What a job title says: how high somebody stands, and in what part of the company. Pure; English and German words."""

import re

from django.db import models


class Seniority(models.TextChoices):
    """The highest first."""

    TOP = "top", "Owners and top management"
    HEAD = "head", "Directors and heads"
    MANAGER = "manager", "Managers and team leads"
    STAFF = "staff", "Staff"


class Function(models.TextChoices):
    """In the order in which a title is searched for them."""

    FINANCE = "finance", "Finance"
    IT = "it", "IT"
    PURCHASING = "purchasing", "Purchasing"
    MARKETING = "marketing", "Marketing"
    SALES = "sales", "Sales"
    PEOPLE = "people", "People"
    ENGINEERING = "engineering", "Engineering and product"
    OPERATIONS = "operations", "Operations and logistics"
    GENERAL = "general", "General management"


# Beginnings of words; those that end in “$” are whole words. The first level and the first part that fits counts.
_LEVELS: dict[Seniority, str] = {
    Seniority.TOP: (
        r"chief c[efioptmhrds]{1,3}o$ owner founder co-?founder president partner$ proprietor inhaber "
        r"geschäftsführ vorstand managing\ director general\ manager"
    ),
    Seniority.HEAD: r"head director vp$ svp$ evp$ vice\ president leiter leitung direktor bereichsleit abteilungsleit",
    Seniority.MANAGER: r"manager lead$ leader$ supervisor superintendent foreman teamleit gruppenleit",
}
# A vice president is no president, the owner of a product owns no company, and a director's assistant is no director.
_NO_TOP = re.compile(r"\bvice[ -]president|\b(?:product|process|service|system) owner|\bbusiness partner")
_ASSISTS = re.compile(r"\b(?:assistant to|assisten(?:z|t|tin)|secretary|intern|student|trainee)\b")
_PARTS: dict[Function, str] = {
    Function.FINANCE: r"financ cfo$ controll accountan accounting treasur finanz buchhalt",
    Function.IT: r"it$ edv$ cio$ ciso$ information\ technolog information\ officer information\ security software "
    r"developer data$ database system\ admin sysadmin network informatik",
    Function.PURCHASING: r"purchas procure buyer sourcing cpo$ einkauf einkäuf beschaffung",
    Function.MARKETING: r"marketing cmo$ brand communications demand\ gen",
    Function.SALES: r"sales revenue cro$ account\ manager account\ exec business\ development vertrieb",
    Function.PEOPLE: r"hr$ chro$ human people talent personal$ personalleit recruit",
    Function.ENGINEERING: r"engineer technical technolog cto$ product\ manager product\ owner r&d$ research technik "
    r"technisch entwickl ingenieur konstruktion",
    Function.OPERATIONS: r"operat coo$ logisti intralogisti supply warehous distribut fulfil picking production plant "
    r"manufactur process quality project material facility betrieb produktion lager werk$ werkleit",
    Function.GENERAL: r"ceo$ chief\ executive owner founder co-?founder president managing\ director general\ manager "
    r"proprietor partner$ inhaber geschäftsführ vorstand",
}


def _pattern(words: str) -> "re.Pattern[str]":
    one_of = [word.replace("\0", r"\ ") for word in words.replace(r"\ ", "\0").split()]
    ends = (rf"{word[:-1]}\b" if word.endswith("$") else word for word in one_of)
    return re.compile(rf"\b(?:{'|'.join(ends)})")


_SENIORITY = {level: _pattern(words) for level, words in _LEVELS.items()}
_FUNCTION = {part: _pattern(words) for part, words in _PARTS.items()}


def seniority_of(title: str) -> Seniority | None:
    """None without a title. Who has no word of a higher level in his title is staff."""
    folded = title.casefold().strip()
    if not folded:
        return None
    if _ASSISTS.search(folded):
        return Seniority.STAFF
    of_top = _NO_TOP.sub("", folded)
    for level, pattern in _SENIORITY.items():
        if pattern.search(of_top if level is Seniority.TOP else folded):
            return level
    return Seniority.STAFF


def function_of(title: str) -> Function | None:
    """None without a title, or where none of its words tells."""
    folded = title.casefold()
    return next((part for part, pattern in _FUNCTION.items() if pattern.search(folded)), None)

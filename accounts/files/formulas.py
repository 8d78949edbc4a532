"""Cells that no spreadsheet runs as a formula, and back again without loss."""

# What spreadsheets skip, or hide, before they look at a cell's first character: an apostrophe,
# control characters, every kind of space, and the invisible format characters.
SKIPPED = "'" + "".join(
    chr(code)
    for first, last in [
        (0x00, 0x20),
        (0x7F, 0xA0),
        (0xAD, 0xAD),
        (0x1680, 0x1680),
        (0x180E, 0x180E),
        (0x2000, 0x200F),
        (0x2028, 0x202F),
        (0x205F, 0x2064),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ]
    for code in range(first, last + 1)
)
FORMULA_STARTS = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")  # the last four: full-width = + - @
BREAKING_STARTS = ("\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """The text as a CSV cell. Numbers in text get no exception: `+33612345678` is a phone. NUL is dropped."""
    text = text.replace("\x00", "")
    return f"'{text}" if may_run(text) else text


def quoted_cell(text: str) -> str:
    """The text as a cell that is typed as text and runs anyhow: only what `plain_cell` would take off is doubled."""
    return f"'{text}" if plain_cell(text) != text else text


def plain_cell(cell: str) -> str:
    """The text that either was given; a cell they would not have touched, such as `'t Hooft`, stays."""
    if cell.startswith("'") and may_run(cell):
        return cell[1:]
    return cell


def may_run(text: str) -> bool:
    """Whether some spreadsheet might take it for a formula."""
    if text[:1].isalnum():
        return False  # nearly all texts: the same answer as below, and quicker
    # Leading apostrophes change neither half of the answer; this is what makes the round trip exact.
    return text.lstrip(SKIPPED).startswith(FORMULA_STARTS) or text.lstrip("'").startswith(BREAKING_STARTS)

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.attribution.answer import FORMATS, Answer, answer
from reports.attribution.credit import MARKOV_MODELS, MODELS, credit
from reports.attribution.markov import ORDERS, NotSolvable
from reports.attribution.paths import PathsRefused, read_paths
from reports.attribution.time_decay import HALF_LIFE
from reports.parameters import InvalidParameter
from reports.queries.attribution_answer import answer_over_database

DATABASE_OPTIONS = ("from", "to", "by", "window", "exclude", "outranked")


class Command(BaseCommand):
    help = (
        "Credit won deals and their value to channels or campaigns, by one model. Over the database, or with --paths "
        "over a file: CSV with the columns path (channels joined by “ > ”), total_conversions, total_conversion_value, "
        "total_null. A file knows no times and no milestones: time_decay counts positions instead of days, and the "
        "conversion stands for every milestone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", required=True, metavar="MODEL", help=f"one of: {', '.join(MODELS)}")
        parser.add_argument("--paths", type=Path, metavar="FILE.csv", help="attribute these paths, not the database")
        parser.add_argument("--order", metavar="K", default="1", help="of the Markov models: 1, 2 or 3 (1)")
        parser.add_argument(
            "--half-life", metavar="D", default=str(HALF_LIFE), help="of time_decay: days, over a file touches (7)"
        )
        parser.add_argument("--format", metavar="FORMAT", default="table", help="table, json or csv (table)")
        database = parser.add_argument_group("over the database")
        database.add_argument("--from", metavar="DAY", help="deals closed on this day or later, YYYY-MM-DD")
        database.add_argument("--to", metavar="DAY", help="deals closed on this day or before")
        database.add_argument("--by", metavar="WHAT", help="channel or campaign (channel)")
        database.add_argument("--window", metavar="DAYS", help="touches of the last 30, 60, 90, 180 or 365 days (all)")
        database.add_argument("--exclude", metavar="CHANNEL", help="touches of this channel do not count")
        database.add_argument(
            "--outranked", metavar="CHANNEL", help="touches of this channel count only where no paid one touched"
        )

    def handle(self, *, model: str, paths: Path | None, **options: Any) -> None:
        model = _one_of("--model", model, MODELS)
        order = int(_one_of("--order", options["order"], tuple(map(str, ORDERS))))
        half_life = _half_life(options["half_life"])
        render = FORMATS[_one_of("--format", options["format"], tuple(FORMATS))]
        given = {name: options[name] for name in DATABASE_OPTIONS if options.get(name) is not None}
        if paths is None:
            answered = _over_database(given, model, order, half_life)
        elif given:
            raise CommandError(f"--{next(iter(given))} is for the database; a file of paths does not know it.")
        else:
            answered = _over_file(paths, model, order, half_life)
        self.stdout.write(render(answered), ending="")


def _over_file(paths: Path, model: str, order: int, half_life: float) -> Answer:
    try:
        with paths.open(encoding="utf-8-sig", newline="") as file:
            read = read_paths(file)
        credited = credit(read.journeys, model, order=order, half_life=half_life)
    except OSError as error:
        raise CommandError(f"{paths} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{paths} is not UTF-8: save it as “CSV UTF-8”.") from error
    except (PathsRefused, NotSolvable) as error:
        raise CommandError(f"{paths}: {error}") from error
    parameters = {"paths": str(paths)} | _own_parameters(model, order, half_life)
    return answer(read.journeys, credited, model=model, digits=read.digits, parameters=parameters)


def _over_database(given: dict[str, str], model: str, order: int, half_life: float) -> Answer:
    try:
        return answer_over_database(
            given,
            model=model,
            order=order,
            half_life=half_life,
            parameters=given | _own_parameters(model, order, half_life),
            now=timezone.localtime(),
        )
    except (InvalidParameter, NotSolvable) as error:
        raise CommandError(str(error)) from error


def _own_parameters(model: str, order: int, half_life: float) -> dict[str, int | float]:
    if model in MARKOV_MODELS:
        return {"order": order}
    return {"half_life": half_life} if model == "time_decay" else {}


def _one_of(option: str, given: Any, possible: tuple[str, ...]) -> str:
    if str(given) not in possible:
        raise CommandError(f"{option}: “{given}” is not possible. Choose one of: {', '.join(possible)}.")
    return str(given)


def _half_life(text: Any) -> float:
    try:
        half_life = float(text)
    except ValueError:
        half_life = 0.0
    if not 0 < half_life < float("inf"):
        raise CommandError(f"--half-life: “{text}” is not a number above zero, such as 7 or 3.5.")
    return half_life

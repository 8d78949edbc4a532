import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations.models import Source
from integrations.services.sources import InvalidSource, address_of, create_source


class Command(BaseCommand):
    help = (
        "Connect a marketing tool: make a source, and print the address its messages go to and the secret they are "
        "signed with, each on a line of the standard output, once. What to do with them: docs/integrations."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--adapter", default="", help=f"the tool: {', '.join(Source.Adapter.values)}")
        parser.add_argument("--name", default="", help="what it is called in lists, e.g. Mautic of the shop")
        parser.add_argument("--slug", default="", help="the source of its leads; without, made of the name")
        parser.add_argument("--secret", default="", help="the tool's own, where it has one; without, one is made")
        parser.add_argument(
            "--field-map",
            default="",
            metavar="FILE.toml",
            help="tables field_map, channel_rules and options, as docs/integrations tells for each tool",
        )

    def handle(self, *, adapter: str, name: str, slug: str, secret: str, field_map: str, **options: Any) -> None:
        try:
            source = create_source(
                adapter=adapter,
                name=name,
                slug=slug,
                secret=secret,
                settings_given=_read(field_map) if field_map else None,
                at=timezone.now(),
            )
        except InvalidSource as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{source.get_adapter_display()} is connected as source “{source.slug}”.")
        self.stderr.write("Its address, and its secret, which is shown only now:")
        self.stdout.write(address_of(source))
        self.stdout.write(source.secret)


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not TOML: {error}.") from error

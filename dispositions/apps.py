from django.apps import AppConfig


class DispositionsConfig(AppConfig):
    name = "dispositions"
    verbose_name = "Dispositions"

    def ready(self) -> None:
        from dispositions.services.verify import first_broken_disposition
        from funnel.services.verify import register

        register(first_broken_disposition)

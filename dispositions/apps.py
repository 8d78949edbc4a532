from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DispositionsConfig(AppConfig):
    name = "dispositions"
    verbose_name = "Dispositions"

    def ready(self) -> None:
        from accounts import exports
        from dispositions.exports.lists import LISTS
        from dispositions.mail_links import links_for
        from dispositions.personal_places import PLACES
        from dispositions.services.merge import move_buy_ins
        from dispositions.services.questions import fill_questions
        from dispositions.services.verify import first_broken_disposition
        from funnel import personal, quick_answers
        from funnel.services import merge
        from funnel.services.verify import register

        exports.register(*LISTS)
        register(first_broken_disposition)
        merge.register(move_buy_ins)
        quick_answers.register(links_for)
        personal.register(*PLACES)
        post_migrate.connect(fill_questions, sender=self)

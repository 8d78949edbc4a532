import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadflow.settings")

application = get_wsgi_application()

from leadflow.warm import warm_up  # noqa: E402  # needs the apps

warm_up()

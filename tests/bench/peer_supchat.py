# mypy: disable-error-code="import-not-found,import-untyped"
"""django-supchat as its documentation sets it up; runs in an environment of its own.

`python peer_supchat.py N` makes the database and N conversations and prints what their browsers know as JSON.
"""

import json
import os
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY="for the bench only, at least thirty-two characters",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "supchat",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["PEER_DATABASE"],
            "CONN_MAX_AGE": 600,
            # As durable as ours, and as quick: Django's own defaults are slower.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    },
    SUPCHAT={"RATE_LIMIT": {"MESSAGES": 0, "WINDOW": 60}},
)
django.setup()

from django.urls import include, path  # noqa: E402 (after the setup)

urlpatterns = [path("supchat/", include("supchat.urls"))]
application = get_wsgi_application()


def conversations(count: int) -> list[dict[str, str]]:
    """Make conversations, each with a guest and an operator who is signed in."""
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from supchat.models import Conversation, Operator
    from supchat.permissions import sign_guest_id

    made = []
    for number in range(count):
        user = get_user_model().objects.create(username=f"operator{number}", is_staff=True)
        Operator.objects.create(user=user)
        conversation = Conversation.objects.create(guest_id=f"guest{number}")
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.create()
        guest = sign_guest_id(f"guest{number}")
        made.append({"id": str(conversation.pk), "session": str(session.session_key), "guest": guest})
    return made


if __name__ == "__main__":
    from django.core.management import call_command
    from supchat.conf import supchat_settings

    call_command("migrate", verbosity=0)
    found = conversations(int(sys.argv[1]))
    print(json.dumps({"cookie": supchat_settings.get("GUEST_COOKIE_NAME"), "conversations": found}))

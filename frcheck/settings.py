"""Settings, from the environment; what is missing in production fails at start.

FRCHECK_DEV=1 is the development mode of `make run`: debug pages, a fixed key, mail on the console, demo accounts.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where lxml is installed openpyxl would parse with it, past defusedxml, which refuses entities. Read at its import.
os.environ["OPENPYXL_LXML"] = "False"

DEV = env.bool("FRCHECK_DEV", default=False)
DEBUG = env.bool("DJANGO_DEBUG", default=DEV)
SECRET_KEY = "development-only-" + "0" * 50 if DEV else env.str("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if DEV else env.list("DJANGO_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "modeltranslation",  # before the admin, whose classes it extends
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "frcheck.accounts",
    "questionnaires",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "frcheck.urls"
WSGI_APPLICATION = "frcheck.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- database: SQLite beside the code, or whatever DATABASE_URL names -------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'frcheck.sqlite3'}")}
DATABASE = DATABASES["default"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        # A deferred transaction that turns writer half-way fails at once instead of waiting its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
# On SQLite, too: the last one to close a database writes its log back, which takes longer than an answer.
DATABASE["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)
DATABASE["CONN_HEALTH_CHECKS"] = True

# --- people -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "questionnaires:assessment-list"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "frcheck.accounts.forms.OrganisationSignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env.str("ACCOUNT_EMAIL_VERIFICATION", default="none" if DEV else "mandatory")
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)  # whose X-Forwarded-For tells the address
ACCOUNT_RATE_LIMITS = {"verify_report": "30/m/ip"}  # beside those that allauth has of its own

if DEV:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
# What links in mail begin with; pages know it from the request.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEV else f"https://{ALLOWED_HOSTS[0].lstrip('.')}")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="FRCheck <frcheck@localhost>")

# --- languages --------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "questionnaires" / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_LANGUAGES = ("en", "zh-hans")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")  # stored in UTC, shown in this zone

# --- files ------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "staticfiles")
MEDIA_ROOT = env.path("MEDIA_ROOT", default=BASE_DIR / "media")  # reports: served by views, never by URL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "reports": {"BACKEND": "frcheck.storage.WholeFileStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEV
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# An S3-compatible bucket instead of the disk, as s3://bucket/folder. Its keys, region and endpoint are in the variables
# that every AWS tool reads: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3.
if STORAGE_URL := env.str("STORAGE_URL", default=""):
    bucket = urlsplit(STORAGE_URL)
    if bucket.scheme != "s3" or not bucket.netloc:
        raise ImproperlyConfigured(f"STORAGE_URL={STORAGE_URL} is not of the form s3://bucket/folder")
    S3 = {"bucket_name": bucket.netloc, "location": bucket.path.strip("/"), "default_acl": None}
    for name, is_overwritten in (("default", False), ("reports", True)):
        options = S3 | {"file_overwrite": is_overwritten}
        STORAGES[name] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
WHITENOISE_USE_FINDERS = DEV
# Fonts of the PDF are never served, and compressing them takes collectstatic most of a minute.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "woff2", "otf", "ttf")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a section saved whole posts four fields a question

# --- caches: small -------------------------------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    # Pages of submitted reports, up to a megabyte each.
    "reports": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "reports",
        "OPTIONS": {"MAX_ENTRIES": 30},
    },
    # Printed parts of reports, some hundred kilobytes each: a report made again prints only what changed.
    "parts": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": env.path("PDF_PARTS_ROOT", default=BASE_DIR / "cache" / "pdf-parts"),
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# --- work in the background: in this process, or by any number of `manage.py db_worker` ------------------------------

TASKS_IN_PROCESS = env.bool("TASKS_IN_PROCESS", default=True)
TASKS = {
    "default": {
        "BACKEND": "frcheck.background.InProcessBackend"
        if TASKS_IN_PROCESS
        else "django_tasks_db.backend.DatabaseBackend"
    }
}

# --- reports: what making one PDF may take ----------------------------------------------------------------------------

REPORT_SECONDS = env.int("REPORT_SECONDS", default=300)
REPORT_MEGABYTES = env.int("REPORT_MEGABYTES", default=2000)  # address space of each process
# Whether a worker that has made a report starts the process for its next one: 100 MB for ten minutes, a second less.
REPORT_PROCESS_READY = env.bool("REPORT_PROCESS_READY", default=True)
# A certificate with its key, to sign every PDF with (PAdES). Without one there is no signature.
SIGNING_PKCS12 = env.str("FRCHECK_SIGNING_PKCS12", default="")
SIGNING_PASSWORD = env.str("FRCHECK_SIGNING_PASSWORD", default="")

# --- security ---------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the form controls of Bootstrap are data: images
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if not DEV:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Both tell of every glyph and every font subset.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        # Tell of every start and end.
        "pikepdf": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        # Tells of every signer that it has no reason to trust.
        "pyhanko": {"level": "CRITICAL"},
    },
}

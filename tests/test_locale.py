"""The Simplified Chinese catalogue: complete, translated throughout, compiled, and true to its placeholders.

It does not judge whether a translation is a good one. xgettext is part of the test set-up (scripts/setup-system.sh).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import allauth
import django
import polib
import pytest
from django.utils.translation import gettext, override

from frcheck.accounts.wording import ALLAUTH, DJANGO

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("questionnaires/locale/zh_Hans/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
TAG = re.compile(r"<[^>]+>")
QUOTED = re.compile(r"“%\(\w+\)[sd]”")


@pytest.fixture(scope="module")
def messages() -> list[polib.POEntry]:
    return list(polib.pofile(str(ROOT / CATALOGUE)))


def name(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def source(entry):
    """The English that a Chinese text stands for; where there is a plural, that one."""
    return entry.msgid_plural or entry.msgid


def names_in(path):
    return {entry.msgid for entry in polib.pofile(str(path))}


def test_every_message_is_translated(messages):
    assert [name(m) for m in messages if m.obsolete or m.fuzzy or not all(translations(m))] == []


def test_plurals_have_the_one_form_of_chinese(messages):
    assert {tuple(m.msgstr_plural) for m in messages if m.msgid_plural} == {(0,)}


def test_compiled_catalogue_equals_its_source(messages):
    compiled = polib.mofile(str((ROOT / CATALOGUE).with_suffix(".mo")))

    assert {name(m): translations(m) for m in compiled} == {name(m): translations(m) for m in messages}


@pytest.mark.parametrize("pattern", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_translations_keep(messages, pattern):
    changed = [
        (name(m), text)
        for m in messages
        for text in translations(m)
        if sorted(pattern.findall(text)) != sorted(pattern.findall(source(m)))
    ]

    assert changed == []


def test_translations_keep_quoted_placeholders(messages):
    """The admin finds a fault's ref between its quotation marks."""
    changed = [
        (name(m), text)
        for m in messages
        for text in translations(m)
        if not {*QUOTED.findall(source(m))} <= {*QUOTED.findall(text)}
    ]

    assert changed == []


def test_translations_call_nobody_compliant(messages):
    assert [name(m) for m in messages if any("合规" in text for text in translations(m))] == []


def test_catalogue_holds_what_is_marked_and_nothing_else(messages, tmp_path):
    left_out = shutil.ignore_patterns("__pycache__", "static", "library")
    for folder in ("frcheck", "questionnaires", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left_out)
    shutil.copy(ROOT / "manage.py", tmp_path)
    command = [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-location", "--verbosity=0"]

    subprocess.run(command, cwd=tmp_path, env=os.environ | {"FRCHECK_DEV": "1"}, check=True, capture_output=True)

    extracted = polib.pofile(str(tmp_path / CATALOGUE))
    assert {name(m) for m in extracted if not m.obsolete} == {name(m) for m in messages}


def test_wording_names_sentences_that_others_still_use():
    allauths = names_in(Path(allauth.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po")
    djangos = set()
    for folder in ("conf", "contrib/auth"):
        djangos |= names_in(Path(django.__file__).parent / folder / "locale/zh_Hans/LC_MESSAGES/django.po")

    assert {*ALLAUTH} - allauths == set()
    assert {*DJANGO} - djangos == set()


def test_our_wording_goes_before_that_of_others():
    with override("zh-hans"):
        assert (gettext("Sign Out"), gettext("This field is required.")) == ("退出登录", "此项必填。")

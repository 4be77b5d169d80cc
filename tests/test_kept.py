"""The template tag {% kept %} and the values that cards keep their guidance under."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

from questionnaires.citations import cited
from tests.factories import make_instrument, make_provision


class Counted:
    """Equal to every other, and counts how often it was drawn."""

    drawn = 0

    def __eq__(self, other):
        return isinstance(other, Counted)

    def __hash__(self):
        return 1

    def __str__(self):
        Counted.drawn += 1
        return "thing"


def test_kept_is_drawn_once_for_equal_values_and_anew_for_others(monkeypatch):
    monkeypatch.setattr(Counted, "drawn", 0)
    template = Template("{% load kept %}{% kept thing=thing n=n %}{{ thing }} {{ n }}{% endkept %}")

    pages = [template.render(Context({"thing": Counted(), "n": n})) for n in (1, 1, 2)]

    assert pages == ["thing 1", "thing 1", "thing 2"]
    assert Counted.drawn == 2


def test_kept_sees_nothing_but_its_values():
    template = Template("{% load kept %}{% kept n=n %}{{ n }}{{ note }}{{ user }}{% endkept %}")

    assert template.render(Context({"n": 1, "note": "mine", "user": "me"})) == "1"


def test_kept_escapes_and_is_kept_by_language():
    template = Template('{% load i18n kept %}{% kept n=n %}{% translate "Yes" %} {{ n }}{% endkept %}')

    english = template.render(Context({"n": "<b>"}))
    with override("de"):
        german = template.render(Context({"n": "<b>"}))

    assert (english, german) == ("Yes &lt;b&gt;", "Ja &lt;b&gt;")


def test_kept_makes_room_when_it_is_full(monkeypatch):
    monkeypatch.setattr("questionnaires.templatetags.kept._MOST", 1)
    template = Template("{% load kept %}{% kept n=n %}{{ n }}{% endkept %}")

    assert [template.render(Context({"n": n})) for n in (1, 2, 1)] == ["1", "2", "1"]


@pytest.mark.parametrize("arguments", ["", "n", "n=1 m"])
def test_kept_wants_named_values(arguments):
    with pytest.raises(TemplateSyntaxError):
        Template(f"{{% load kept %}}{{% kept {arguments} %}}{{% endkept %}}")


@pytest.mark.django_db
def test_cited_is_in_the_language_in_use_and_falls_back_to_english(django_assert_num_queries):
    law = make_instrument(short_title_en="CSL", short_title_zh_hans="网络安全法")
    provision = make_provision(law, statement_en="Tell people.", statement_zh_hans="")
    withheld = make_provision(law, verification="withheld")

    with override("zh-hans"), django_assert_num_queries(1):
        (row,) = cited([provision.pk, withheld.pk]).values()

    assert (row.instrument.short_title, row.statement) == ("网络安全法", "Tell people.")


@pytest.mark.django_db
def test_what_is_cited_differs_when_its_provision_is_changed():
    provision = make_provision()
    before = cited([provision.pk])

    provision.note_en = "Repealed in part"
    provision.save()

    assert before != cited([provision.pk])
    assert before[provision.pk].instrument == cited([provision.pk])[provision.pk].instrument

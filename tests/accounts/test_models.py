import pytest
from django.db import IntegrityError, transaction

from frcheck.accounts.models import Membership, Organisation, User
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db


def test_create_user_signs_in_by_email():
    user = User.objects.create_user("Wang.Wei@Example.ORG", "a long password")

    assert (user.email, user.get_username()) == ("Wang.Wei@example.org", "Wang.Wei@example.org")
    assert user.check_password("a long password")
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_create_user_without_a_password_cannot_sign_in_with_one():
    assert not User.objects.create_user("a@example.org").has_usable_password()


def test_create_superuser_may_do_everything():
    user = User.objects.create_superuser("root@example.org", "a long password")

    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize("email", ["", None])
def test_create_user_needs_an_address(email):
    with pytest.raises(ValueError, match=r"^A user needs an e-mail address\.$"):
        User.objects.create_user(email)


def test_email_is_unique_in_any_case():
    make_user("wang@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("WANG@example.org")


def test_user_is_called_by_name_or_else_by_address():
    assert str(make_user("li@example.org")) == "li@example.org"
    assert str(make_user("li.na@example.org", first_name="Na", last_name="Li")) == "Na Li"


def test_found_makes_its_founder_the_owner():
    user = make_user()
    make_organisation("Other")

    organisation = Organisation.found("Acme", by=user)

    memberships = Membership.objects.filter(organisation=organisation)
    assert [(m.user, m.role) for m in memberships] == [(user, Membership.Role.OWNER)]
    assert (list(user.organisations.all()), str(organisation)) == ([organisation], "Acme")


def test_membership_stands_once_per_organisation():
    user = make_user("wei@example.org")
    organisation = make_organisation(owner=user)

    with pytest.raises(IntegrityError), transaction.atomic():
        organisation.memberships.create(user=user, role=Membership.Role.VIEWER)

    assert str(organisation.memberships.get()) == "wei@example.org – Acme"


def test_membership_knows_no_other_role():
    organisation = make_organisation()

    with pytest.raises(IntegrityError, match="membership_role_known"), transaction.atomic():
        organisation.memberships.update(role="emperor")


def test_roles_that_edit():
    assert set(Membership.EDITING_ROLES) == set(Membership.Role) - {"reviewer", "viewer"}


@pytest.mark.django_db
def test_language_chosen_is_remembered_for_mail(client):
    user = make_user()

    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    client.force_login(user)
    for language in ("zh-hans", "xx", ""):
        client.post("/i18n/setlang/", {"language": language, "next": "/"})

    user.refresh_from_db()
    assert (user.language, client.get("/i18n/setlang/").status_code) == ("zh-hans", 405)

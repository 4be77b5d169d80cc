"""An assessment keeps its version: the wording shown when an answer was given is the wording printed."""

import pytest
from django.urls import reverse

from questionnaires.models import Section
from tests.factories import answer_all, make_assessment, make_next_version, make_version

OLD, NEW = "Is topic.q1 done?", "Is topic.q1 done everywhere, and since when?"


@pytest.mark.django_db
def test_newer_wording_reaches_neither_the_pages_nor_the_report_of_an_assessment_under_way(client):
    version = make_version(questions=1)
    assessment = make_assessment(version)
    client.force_login(assessment.created_by)
    answer_all(assessment)
    following = make_next_version(version, topic__q1=NEW)
    version.retire()

    section = reverse("questionnaires:assessment-section", args=[assessment.uuid, Section.objects.first().ref])
    under_way = client.get(section).content.decode()
    assessment.submit(by=assessment.created_by)
    web = client.get(reverse("questionnaires:assessment-report", args=[assessment.uuid])).content.decode()
    frozen = assessment.report.payload
    offered = client.get(reverse("questionnaires:assessment-new")).context["version"]

    assert following.questions.get().text_en == NEW
    for told in (under_way, web, frozen):
        assert OLD in told
        assert NEW not in told
    assert offered == following

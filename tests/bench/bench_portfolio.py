"""P9: the portfolio page of 1,000 assessments against one SELECT of the aggregates that it shows.

The SELECT knows who asks and which reports are the newest, and returns the mean, the lowest and the sum of what is not
met for each column, and how many deployments have each gap; nothing is made of its rows. The page besides lists fifty
deployments with their scores, trends, gaps and actions.
"""

import random

from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

AT_MOST = 5
ASSESSMENTS = (20, 60) if IS_TINY else (100, 1_000)
REVISIONS = 2
ROUNDS = 2 if IS_TINY else 30
QUESTIONS, GAPS = (20, 5) if IS_TINY else (150, 20)

AGGREGATE = """
WITH newest AS (
    SELECT r.id FROM questionnaires_report r JOIN questionnaires_assessment a ON a.id = r.assessment_id
    JOIN accounts_membership m ON m.organisation_id = a.organisation_id AND m.user_id = %s
    WHERE NOT EXISTS (
        SELECT 1 FROM questionnaires_report s JOIN questionnaires_assessment b ON b.id = s.assessment_id
        WHERE b.series = a.series AND b.revision > a.revision))
SELECT f.kind, f.key, COUNT(*), AVG(f.value), MIN(f.value), SUM(f.not_met)
FROM questionnaires_reportfigure f JOIN newest n ON n.id = f.report_id
WHERE f.kind IN ('overall', 'legal_force') AND f.value IS NOT NULL GROUP BY f.kind, f.key
UNION ALL
SELECT g.severity, g.ref, COUNT(*), NULL, NULL, SUM(CASE WHEN g.outcome = 'not_met' THEN 1 ELSE 0 END)
FROM questionnaires_reportgap g JOIN newest n ON n.id = g.report_id GROUP BY g.severity, g.ref, g.is_binding
"""


def run() -> None:
    from django.db import connection

    from tests.bench import data, factories_of_reports
    from tests.bench.browsing import Browser

    heading("P9  portfolio, against one SELECT of its aggregates")
    version = data.version_of(QUESTIONS, instruments=12)
    counts = []
    for assessments in ASSESSMENTS:
        owner = factories_of_reports.organisation_of(version, assessments, revisions=REVISIONS, gaps=GAPS)
        data.refresh_statistics()
        browser = Browser(owner)

        def ours(browser=browser):
            return browser.get("/portfolio/")

        def select(owner=owner):
            with connection.cursor() as cursor:
                cursor.execute(AGGREGATE, [owner.pk])
                return cursor.fetchall()

        assert f"{assessments} deployments" in ours() and len(select()) > GAPS
        target = AT_MOST if assessments == ASSESSMENTS[-1] else None
        compare(f"portfolio, {assessments} assessments", *interleaved(ours, select, rounds=ROUNDS), at_most=target)
        counts.append(count_queries(ours))
    is_met = len(set(counts)) == 1
    line("  statements, at each size", str(max(counts)), str(min(counts)), ratio=None, target="equal", is_met=is_met)


if __name__ == "__main__":
    random.seed(9)
    with scratch_database():
        run()

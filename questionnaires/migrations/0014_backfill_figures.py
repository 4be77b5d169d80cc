"""Figures and gaps of the reports that are there already, from their payloads."""

import json

from django.db import migrations

OUTCOMES = ("met", "partly_met", "not_met", "not_applicable", "unanswered")


def backfill(apps, schema_editor):
    Report, ReportFigure, ReportGap = (
        apps.get_model("questionnaires", name) for name in ("Report", "ReportFigure", "ReportGap")
    )
    for report in Report.objects.filter(figures__isnull=True).only("payload").iterator(chunk_size=50):
        result = json.loads(report.payload)["result"]
        scores = [("overall", "", result["overall"])]
        for kind in ("legal_force", "instrument", "section"):
            scores += [(kind, key, score) for key, score in result[f"by_{kind}"].items()]
        ReportFigure.objects.bulk_create(
            ReportFigure(
                report=report,
                kind=kind,
                key=key,
                value=score["value"],
                low=score["low"],
                high=score["high"],
                **{outcome: score["outcomes"].get(outcome, 0) for outcome in OUTCOMES},
            )
            for kind, key, score in scores
        )
        ReportGap.objects.bulk_create(
            ReportGap(
                report=report,
                ref=gap["ref"],
                severity=gap["severity"],
                outcome=gap["outcome"],
                is_binding=gap["is_binding"],
                points=gap["points"],
            )
            for gap in result["gaps"]
        )


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0013_figures_of_reports")]

    operations = [migrations.RunPython(backfill, migrations.RunPython.noop)]

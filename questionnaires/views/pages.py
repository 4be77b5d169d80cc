from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from questionnaires.models import Instrument, Provision


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What FRCheck is, for whoever is not signed in."""
    if request.user.is_authenticated:
        return redirect("questionnaires:assessment-list")
    cited = Provision.objects.shown().filter(instrument=OuterRef("pk"), questions__version__published_at__isnull=False)
    return render(request, "home.html", {"instruments": Instrument.objects.filter(Exists(cited)).in_order()})

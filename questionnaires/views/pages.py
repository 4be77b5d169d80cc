from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from questionnaires.models import Instrument, Provision, Version
from questionnaires.schemas import FOLDER, NAMES


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What FRCheck is, for whoever is not signed in."""
    if request.user.is_authenticated:
        return redirect("questionnaires:assessment-list")
    cited = Provision.objects.shown().filter(
        instrument=OuterRef("pk"), questions__version__in=Version.objects.published().shared()
    )
    instruments = Instrument.objects.shared().filter(Exists(cited)).in_order()
    return render(request, "home.html", {"instruments": instruments})


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The JSON Schema of a file of the library, for editors and other tools."""
    if name not in NAMES:
        raise Http404
    return FileResponse((FOLDER / f"{name}.schema.json").open("rb"), content_type="application/schema+json")

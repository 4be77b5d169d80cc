"""The addresses of the editor, below a version's: /editor/ and what its page asks for.

Who may see a version or change it is for VersionAdmin to say; each kind of part has its own permissions beside.
"""

from functools import wraps

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from questionnaires.admin.editor import cards, finding, samples
from questionnaires.admin.editor.adding import ADDED, AddForm
from questionnaires.admin.editor.panels import card_url, label_of, panel_of, part_or_404, shown_with
from questionnaires.admin.editor.sample_reports import sample_content, sample_problems
from questionnaires.admin.editor.trees import CITING, node_of, tree_of
from questionnaires.models import Citation, DutyCitation, Instrument, Provision, Version, editing
from questionnaires.models.edits import KINDS, kind_of
from questionnaires.models.ownership import edits_content_of
from questionnaires.reporting.web import draw

UNSAVED = 422
TEMPLATES = "admin/questionnaires/editor"
GETTING, POSTING = require_GET, require_POST
BOTH = require_http_methods(["GET", "POST"])


class Editor:
    """The pages of one admin site's editor; `admin` is its VersionAdmin."""

    def __init__(self, admin: ModelAdmin):
        self.admin = admin
        self.site: AdminSite = admin.admin_site

    @property
    def urls(self) -> list:
        part = "part/<slug:kind>/<int:part_id>/"
        pages = [
            ("editor", "", self.page, GETTING),
            ("editor_tree", "tree/", self.tree, GETTING),
            ("editor_part", part, self.part, GETTING),
            ("editor_card", f"{part}cards/<slug:name>/", self.card, BOTH),
            ("editor_remove", f"{part}remove/", self.remove, BOTH),
            ("editor_cite", f"{part}citations/", self.cite, POSTING),
            ("editor_find", f"{part}citations/find/", self.find, GETTING),
            ("editor_add", "add/<slug:kind>/", self.add, BOTH),
            ("editor_move", "move/", self.move, POSTING),
            ("editor_check", "check/<slug:name>/", self.check, POSTING),
            ("editor_sample", "sample/", self.sample, GETTING),
            ("editor_instruments", "instruments/", self.instruments, GETTING),
            ("editor_report", "report/", self.report, GETTING),
        ]
        views = [(name, tail, self.site.admin_view(self._given(allow(view)))) for name, tail, view, allow in pages]
        return [path(f"<int:pk>/editor/{tail}", view, name=f"questionnaires_{name}") for name, tail, view in views]

    def _given(self, view):
        """Call the view with the version, where the person may see it."""

        @wraps(view)
        def wrapped(request, pk, **kwargs):
            visible = Version.objects.visible_in_admin_to(request.user).select_related("question_set")
            version = get_object_or_404(visible, pk=pk)
            if not self.admin.has_view_permission(request, version):
                raise PermissionDenied
            return view(request, version, **kwargs)

        return wrapped

    # --- permissions ---

    def _may(self, request: HttpRequest, action: str, version: Version, kind_name: str, owner: Model | None) -> bool:
        """Whether the person may do it to this kind: in a draft of theirs, or to an instrument of theirs.

        `owner` is the instrument or provision, None where one is added.
        """
        if not request.user.has_perm(f"questionnaires.{action}_{kind_name}"):
            return False
        if KINDS[kind_name].version:
            return self.admin.has_change_permission(request, version)
        if owner is None:
            return edits_content_of(request.user, version.question_set.organisation_id)
        return owner.is_edited_by(request.user)

    def _require(self, request: HttpRequest, action: str, version: Version, kind_name: str, owner=None) -> None:
        if not self._may(request, action, version, kind_name, owner):
            raise PermissionDenied

    def _answer(
        self, request: HttpRequest, name: str, context: dict, *, status: int = 200, say: str = ""
    ) -> HttpResponse:
        response = TemplateResponse(request, f"{TEMPLATES}/{name}.html", context, status=status)
        return trigger_client_event(response, "editor:say", {"text": say}) if say else response

    # --- looking ---

    def page(self, request: HttpRequest, version: Version) -> HttpResponse:
        kind_name, _dash, pk = request.GET.get("part", "").rpartition("-")
        panel = None
        if kind_name in KINDS and pk.isdecimal() and len(pk) < 19:
            panel = self._panel(request, version, part_or_404(request.user, version, kind_name, int(pk)))
        context = self._tree_context(request, version) | {
            "panel": panel,
            "sample_facts": samples.sample_facts(version, request.GET),
            "opts": self.admin.opts,
            "title": version,
            "is_nav_sidebar_enabled": False,
        }
        return self._answer(request, "page", self.site.each_context(request) | context)

    def tree(self, request: HttpRequest, version: Version) -> HttpResponse:
        return self._answer(request, "_tree", self._tree_context(request, version))

    def _tree_context(self, request: HttpRequest, version: Version) -> dict:
        is_editing = self.admin.has_change_permission(request, version)
        return {"version": version, "tree": tree_of(version), "is_editing": is_editing}

    def _panel(self, request: HttpRequest, version: Version, part: Model):
        name = kind_of(part).name
        may_change, may_delete = (self._may(request, do, version, name, part) for do in ("change", "delete"))
        return panel_of(version, part, is_editing=may_change, may_remove=may_delete)

    def part(self, request: HttpRequest, version: Version, kind: str, part_id: int) -> HttpResponse:
        part = part_or_404(request.user, version, kind, part_id)
        if not request.htmx:
            return redirect(f"{reverse('admin:questionnaires_editor', args=[version.pk])}?part={kind}-{part_id}")
        return self._answer(request, "_panel", {"panel": self._panel(request, version, part), "version": version})

    # --- one card ---

    def card(self, request: HttpRequest, version: Version, kind: str, part_id: int, name: str) -> HttpResponse:
        """Save one card; the answer is the line under it and what the tree says of the part. GET: the card anew."""
        part = part_or_404(request.user, version, kind, part_id)
        columns = cards.card_columns(kind).get(name) if kind in cards.LAYOUT else None
        if columns is None:
            raise Http404
        is_editing = self._may(request, "change", version, kind, part)
        about = {"url": card_url(version, part)(name), "is_editing": is_editing}
        if request.method == "GET":
            return self._answer(request, "_card", {"card": cards.card_of(part, name, **about)})
        if not is_editing:
            return self._closed(request, version, part, name, about)
        form = cards.CardForm(request.POST, part=part, columns=columns)
        save, status = self._save(request, form)
        card = cards.card_of(part, name, save=save, form=form, **about)
        node = node_of(part) if save.state == "saved" else None
        return self._answer(request, "_saved", {"card": card, "node": node}, status=status)

    def _save(self, request: HttpRequest, form: cards.CardForm) -> tuple[cards.Save, int]:
        if not form.is_valid():
            return cards.invalid(form), UNSAVED
        part = form.part
        try:
            editing.change(part, form.values, by=request.user, seen=form.cleaned_data["seen"])
        except editing.Stale as e:
            if e.current is None:
                raise Http404 from None
            return cards.conflict(form, e), 409
        except Version.Published:
            return cards.Save(part.revision, "closed"), 409
        return cards.saved(part), 200

    def _closed(self, request: HttpRequest, version: Version, part: Model, name: str, about: dict) -> HttpResponse:
        """Handed in or published while the page was open; without the permission the page had no inputs."""
        if version.is_draft:
            raise PermissionDenied
        card = cards.card_of(part, name, save=cards.Save(part.revision, "closed"), **about)
        return self._answer(request, "_saved", {"card": card, "node": None}, status=409)

    # --- adding, removing, moving ---

    def add(self, request: HttpRequest, version: Version, kind: str) -> HttpResponse:
        model = next((model for model in ADDED if model._meta.model_name == kind), None)
        if model is None:
            raise Http404
        parent = self._parent(request, version, kind, request.POST.get("parent") or request.GET.get("parent", ""))
        self._require(request, "add", version, kind, parent)
        form = AddForm(request.POST or None, version=version, model=model, parent=parent)
        if not form.is_valid():
            context = {
                "form": form,
                "version": version,
                "kind": kind,
                "label": model._meta.verbose_name,
                "parent": parent,
            }
            return self._answer(request, "_add", context, status=UNSAVED if form.is_bound else 200)
        try:
            part = editing.add(form.part, by=request.user)
        except Version.Published:
            return self._refused(request, _("Not added: the version takes no edits any more."))
        return self._changed(request, version, shown_with(part), say=_("Added."))

    def _parent(self, request: HttpRequest, version: Version, kind: str, posted: str) -> Model | None:
        name = KINDS[kind].parent
        if name in ("", "version"):
            return version if name else None
        if not (posted.isdecimal() and len(posted) < 19):
            raise Http404
        model = KINDS[kind].model._meta.get_field(name).related_model
        return part_or_404(request.user, version, model._meta.model_name, int(posted))

    def remove(self, request: HttpRequest, version: Version, kind: str, part_id: int) -> HttpResponse:
        part = part_or_404(request.user, version, kind, part_id)
        self._require(request, "delete", version, kind, part)
        seen = request.POST.get("seen", "")
        if request.method == "GET" or not seen.isdecimal():
            below = [(KINDS[name].model._meta.verbose_name_plural, n) for name, n in editing.goes_with(part).items()]
            shown = shown_with(part)
            context = {"part": part, "kind": kind, "label": label_of(part), "version": version, "below": below}
            return self._answer(request, "_remove", context | {"shown": shown, "shown_kind": kind_of(shown).name})
        parent = shown_with(part)
        parent = None if parent is part else parent
        try:
            editing.remove(part, by=request.user, seen=int(seen))
        except editing.Stale:
            text = _("Not removed: somebody changed it in the meantime.")
            return self._refused(request, text)
        except (RestrictedError, ProtectedError) as e:
            users = sorted(
                {label_of(row) for row in list(getattr(e, "restricted_objects", ()) or e.protected_objects)[:5]}
            )
            return self._refused(
                request, _("Not removed, for these rest on it: %(users)s.") % {"users": "; ".join(users)}
            )
        except Version.Published:
            return self._refused(request, _("Not removed: the version takes no edits any more."))
        return self._changed(request, version, parent, say=_("Removed."))

    def _changed(self, request: HttpRequest, version: Version, part: Model | None, *, say: str) -> HttpResponse:
        """The panel of that part, or none, with the whole tree anew."""
        panel = self._panel(request, version, part) if part else None
        context = self._tree_context(request, version) | {"panel": panel}
        return self._answer(request, "_changed", context, say=say)

    def _refused(self, request: HttpRequest, text: str) -> HttpResponse:
        return self._answer(request, "_refused", {"text": text}, status=409, say=text)

    def move(self, request: HttpRequest, version: Version) -> HttpResponse:
        """Put a part before a sibling or at the end, also under another parent; the browser has done so already."""
        kind = request.POST.get("kind", "")
        ids = {name: request.POST.get(name, "") for name in ("part", "before", "parent")}
        if kind not in KINDS or not KINDS[kind].parent or not all(len(i) < 19 for i in ids.values()):
            raise Http404
        rows = {name: int(pk) for name, pk in ids.items() if pk.isdecimal()}
        if "part" not in rows:
            raise Http404
        part = part_or_404(request.user, version, kind, rows["part"])
        self._require(request, "change", version, kind, part)
        try:
            before = part_or_404(request.user, version, kind, rows["before"]) if "before" in rows else None
            parent = self._parent(request, version, kind, ids["parent"]) if "parent" in rows else None
            editing.move(part, by=request.user, before=before, parent=parent)
        except (Http404, editing.Stale):
            return self._refused(request, _("Not moved: somebody changed the order in the meantime."))
        except Version.Published:
            return self._refused(request, _("Not moved: the version takes no edits any more."))
        return HttpResponse(status=204)

    # --- citations ---

    def find(self, request: HttpRequest, version: Version, kind: str, part_id: int) -> HttpResponse:
        part = self._citing(request, version, kind, part_id)
        words = request.GET.get("q", "").strip()[:100]
        cited = part.citations.values_list("provision_id", flat=True)
        among = Provision.objects.citable_for(version.question_set.organisation_id)
        lines, more = finding.found_provisions(words, among=among, cited=cited) if words else ([], 0)
        return self._answer(request, "_found", {"lines": lines, "more": more, "words": words})

    def cite(self, request: HttpRequest, version: Version, kind: str, part_id: int) -> HttpResponse:
        part = self._citing(request, version, kind, part_id)
        model = Citation if kind == "question" else DutyCitation
        self._require(request, "add", version, model._meta.model_name)
        posted = request.POST.get("provision", "")
        pk = int(posted) if posted.isdecimal() and len(posted) < 19 else 0
        citable = Provision.objects.citable_for(version.question_set.organisation_id).shown()
        provision = get_object_or_404(citable.select_related("instrument"), pk=pk)
        if not part.citations.filter(provision=provision).exists():
            try:
                editing.add(model(**{kind: part}, provision=provision, position=None), by=request.user)
            except Version.Published:
                return self._refused(request, _("Not added: the version takes no edits any more."))
        context = {"panel": self._panel(request, version, part), "version": version, "node": node_of(part)}
        return self._answer(request, "_cited", context, say=_("%(provision)s is cited.") % {"provision": provision})

    def _citing(self, request: HttpRequest, version: Version, kind: str, part_id: int) -> Model:
        if kind not in CITING:
            raise Http404
        return part_or_404(request.user, version, kind, part_id)

    # --- trying out ---

    def check(self, request: HttpRequest, version: Version, name: str) -> HttpResponse:
        """What an expression that is being typed says; nothing is saved."""
        if name not in cards.EXPRESSIONS:
            raise Http404
        text = next((value for key, value in request.POST.items() if key.endswith(f"-{name}")), "")
        facts = samples.sample_facts(version, request.POST)
        comparable = {sample.fact.ref: sample.fact.type for sample in facts}
        if name == "holds_if":
            comparable = cards.comparable(version, name)
        tried = samples.check(text, facts, comparable)
        return self._answer(request, "_check", {"tried": tried, "name": name, "is_empty": not text.strip()})

    def sample(self, request: HttpRequest, version: Version) -> HttpResponse:
        trial = samples.try_out(version, samples.sample_facts(version, request.GET))
        return self._answer(request, "_trial", {"trial": trial, "version": version})

    def instruments(self, request: HttpRequest, version: Version) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:100]
        among = Instrument.objects.visible_in_admin_to(request.user)
        context = {"instruments": finding.found_instruments(words, among=among), "version": version}
        context["may_add"] = self._may(request, "add", version, "instrument", None)
        return self._answer(request, "_instruments", context)

    def report(self, request: HttpRequest, version: Version) -> HttpResponse:
        """A report on an invented assessment of the version."""
        problems = sample_problems(version)
        article = (
            None if problems else draw(sample_content(version, by=request.user), language=get_language(), digest=None)
        )
        return self._answer(request, "report", {"version": version, "article": article, "problems": problems})

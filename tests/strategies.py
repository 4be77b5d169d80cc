"""Hypothesis strategies of content values that have the form of the library's format, whatever they mean."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from questionnaires import content
from questionnaires.applicability import FactKind
from questionnaires.content import EMPTY, Place, Text
from questionnaires.scoring import Outcome, Severity
from questionnaires.validation import TIMING

SOMEWHERE = Place("generated", 1)
# What a format takes for something else than text, in front, behind and within.
ODDITIES = [
    *("yes", "null", "~", "0x1f", "1_000", "2020-01-01", "1e5", "007", "-", "?", ":", "a: b", "- a", "# a", "a # b"),
    *("'", '"', '\\"', "\\", "{a}", "[a, b]", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">", "---", "...", "<<"),
    *("=1+1", "+1", "-1", '=cmd|"/c calc"!A0', "a\nb", "a\n\n\nb", "a\tb", "a\n- b: c", "_x000D_", "_x005F_x000D_"),
    *(
        "a\u2028b",
        "a\u2029b",
        "a\ufeffb",
        "a\xa0b",
        "a\u3000b",
        "a\u200bb",
        "a\ufffeb",
        "😀",
        "𠮷",
        "é",
        "é",
        "× " * 29,
    ),
    *("&amp;", "<b>", "]]>", "</t>", "“”‘’", "（）：；", "true", "on", "a,b", "a;b", "#REF!"),
]
letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z", "M", "Cf", "Co"), include_characters="\n\t")


def strings(longest=60):
    """What is left of a text in one language when it is read: something, without blanks around it."""
    text = st.sampled_from(ODDITIES) | st.text(letters, min_size=1, max_size=20)
    return text.map(str.strip).filter(lambda value: 0 < len(value) <= longest)


def texts(longest=60):
    return st.builds(Text, strings(longest), strings(longest))


def optional(strategy, nothing=EMPTY):
    return st.just(nothing) | strategy


def long_texts():
    return texts() | st.builds(lambda text: Text(text.en.ljust(4000, "x"), text.zh.ljust(4000, "字")), texts())


names = st.from_regex(r"[a-z0-9][a-z0-9./-]{0,20}", fullmatch=True) | st.sampled_from(["yes", "no", "on", "1", "1.0"])
dates = st.dates(date(1900, 1, 1), date(2200, 1, 1))


def plain_decimals(lowest, highest, places):
    return st.decimals(lowest, highest, places=places).map(content.plain)


def named(strategy, *, most, fewest=0):
    """A tuple of parts, no two of one ref."""
    return st.lists(strategy, min_size=fewest, max_size=most, unique_by=lambda part: part.ref).map(tuple)


keys = st.lists(names, max_size=3, unique=True).map(tuple)
levels = st.builds(
    content.Level,
    ref=names,
    label=texts(),
    description=optional(texts()),
    outcome=st.sampled_from([Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET]),
    score=plain_decimals(0, 1, 3),
    place=st.just(SOMEWHERE),
)
scales = st.builds(content.Scale, ref=names, title=texts(), levels=named(levels, most=2), place=st.just(SOMEWHERE))
facts = st.builds(
    content.Fact,
    ref=names,
    kind=st.sampled_from(FactKind),
    text=texts(),
    help=optional(texts()),
    choices=named(st.builds(content.Choice, names, texts(), st.just(SOMEWHERE)), most=2),
    place=st.just(SOMEWHERE),
)
contradictions = st.builds(content.Contradiction, ref=names, text=texts(), holds_if=strings(), place=st.just(SOMEWHERE))


@st.composite
def duties(draw):
    rhythm = draw(st.sampled_from(content.Rhythm))
    timing = {
        "day": dates,
        "month": st.integers(1, 12),
        "day_of_month": st.integers(1, 28),
        "count": st.integers(1, 999),
        "unit": st.sampled_from(content.Unit),
        "event": texts(),
    }
    return content.Duty(
        ref=draw(names),
        title=draw(texts()),
        text=draw(texts()),
        rhythm=rhythm,
        applies_if=draw(optional(strings(), "")),
        citations=draw(keys),
        place=SOMEWHERE,
        **{name: draw(timing[name]) for name in TIMING[rhythm]},
    )


@st.composite
def questions(draw, refs, scale_refs):
    return content.Question(
        ref=draw(st.sampled_from(refs)),
        text=draw(texts()),
        why=draw(long_texts()),
        evidence=draw(texts()),
        remediation=draw(texts()),
        severity=draw(st.sampled_from(Severity)),
        scale=draw(st.sampled_from(scale_refs)),
        applies_if=draw(optional(strings(), "")),
        citations=draw(keys),
        place=SOMEWHERE,
        group=draw(optional(texts())),
    )


@st.composite
def versions(draw):
    """A version of one to three scales; refs are unique as validation wants them."""
    own_scales = draw(named(scales, fewest=1, most=2))
    refs = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    asked = draw(named(questions(refs, [scale.ref for scale in own_scales]), most=4))
    section_refs = draw(st.lists(names, max_size=3, unique=True))
    homes = [draw(st.integers(0, len(section_refs) - 1)) for _ in asked] if section_refs else []
    sections = tuple(
        content.Section(
            ref=ref,
            title=draw(texts()),
            intro=draw(texts()),
            questions=tuple(q for q, home in zip(asked, homes, strict=False) if home == at),
            place=SOMEWHERE,
        )
        for at, ref in enumerate(section_refs)
    )
    return content.Version(
        slug=draw(names),
        number=draw(st.integers(1, 9999)),
        title=draw(texts()),
        description=draw(texts()),
        weights={severity: draw(plain_decimals(Decimal("0.01"), Decimal("9999.99"), 2)) for severity in Severity},
        scales=own_scales,
        facts=draw(named(facts, most=2)),
        sections=sections,
        place=SOMEWHERE,
        duties=draw(named(duties(), most=2)),
        contradictions=draw(named(contradictions, most=2)),
    )


def terms():
    """Dates in force in either order, and a successor: form alone."""
    return st.fixed_dictionaries(
        {
            "in_force_from": st.none() | dates,
            "in_force_until": st.none() | dates,
            "superseded_by": st.none() | names,
        }
    )


@st.composite
def provisions(draw):
    return content.Provision(
        key=draw(names),
        ref=draw(texts()),
        statement=draw(long_texts()),
        binds=draw(texts()),
        verification=draw(st.sampled_from(content.Verification)),
        place=SOMEWHERE,
        is_derived=draw(st.booleans()),
        change_note=draw(optional(texts())),
        note=draw(optional(texts())),
        **draw(terms()),
    )


@st.composite
def instruments(draw):
    return content.Instrument(
        slug=draw(names),
        title=draw(texts()),
        short_title=draw(texts(40)),
        issuer=draw(texts()),
        legal_force=draw(st.sampled_from(content.LegalForce)),
        stage=draw(st.sampled_from(content.Stage)),
        source=draw(texts()),
        verification=draw(st.sampled_from(content.Verification)),
        provisions=tuple(draw(st.lists(provisions(), max_size=2))),
        place=SOMEWHERE,
        jurisdiction=draw(st.sampled_from(content.Jurisdiction)),
        number=draw(optional(texts())),
        note=draw(optional(texts())),
        issued_on=draw(st.none() | dates),
        **draw(terms()),
    )

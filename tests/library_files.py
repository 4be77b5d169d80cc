"""A small valid library as YAML, and ways to spoil it."""

INSTRUMENT = """\
slug: law-a
title: {en: "Law A", zh: "甲法"}
short_title: {en: "Law A", zh: "甲法"}
issuer: {en: "Congress", zh: "大会"}
number: {en: "No. 1", zh: "第1号"}
legal_force: law
stage: adopted
issued_on: 2020-01-01
in_force_from: 2021-01-01
in_force_until: 2030-12-31
source: {en: "Gazette", zh: "公报"}
verification: verified
note: {en: "Read with care.", zh: "请谨慎阅读。"}
provisions:
  - key: law-a/1
    ref: {en: "Art. 1", zh: "第1条"}
    statement: {en: "Ask first.", zh: "先征得同意。"}
    binds: {en: "Everyone", zh: "所有人"}
    verification: verified
    in_force_from: 2030-01-01
  - key: law-a/2
    ref: {en: "Art. 2", zh: "第2条"}
    statement: {en: "Tell why.", zh: "说明目的。"}
    binds: {en: "Everyone", zh: "所有人"}
    verification: section
    is_derived: true
    change_note: {en: "New in 2020", zh: "2020年新增"}
    note: {en: "By section only.", zh: "仅到条。"}
    in_force_from: 2022-01-01
    in_force_until: 2029-12-31
    superseded_by: law-a/1
  - key: law-a/3
    ref: {en: "Art. 3", zh: "第3条"}
    statement: {en: "Unknown.", zh: "不明。"}
    binds: {en: "Everyone", zh: "所有人"}
    verification: withheld
"""

VERSION = """\
slug: first
number: 1
title: {en: "First set", zh: "第一套"}
description: {en: "All of it.", zh: "全部。"}
weights: {critical: 8, high: 4, medium: 2.5, low: 1}
scales:
  - ref: yes-no
    title: {en: "Yes or no", zh: "是或否"}
    levels:
      - {ref: "yes", label: {en: "Yes", zh: "是"}, outcome: met, score: "1"}
      - {ref: "no", label: {en: "No", zh: "否"}, description: {en: "Never.", zh: "从不。"}, outcome: not_met, score: 0}
  - ref: practice
    title: {en: "Practice", zh: "做法"}
    levels:
      - {ref: good, label: {en: "Good", zh: "好"}, outcome: met, score: "0.875"}
facts:
  - ref: minors
    kind: yes_no
    text: {en: "Children?", zh: "儿童？"}
    help: {en: "Under 14.", zh: "未满十四周岁。"}
  - ref: size
    kind: choice
    text: {en: "How many?", zh: "多少？"}
    choices:
      - {ref: small, label: {en: "Few", zh: "少"}}
      - {ref: large, label: {en: "Many", zh: "多"}}
sections:
  - ref: consent
    title: {en: "Consent", zh: "同意"}
    intro: {en: "Ask.", zh: "征求。"}
    questions:
      - ref: consent.separate
        text: {en: "Do you ask?", zh: "是否征求？"}
        why: {en: "Faces are sensitive.", zh: "人脸敏感。"}
        evidence: {en: "A form.", zh: "表格。"}
        remediation: {en: "Ask.", zh: "征求。"}
        severity: critical
        citations: [law-a/1, law-a/3]
      - ref: consent.children
        text: {en: "Do you ask parents?", zh: "是否征求家长？"}
        why: {en: "Children cannot.", zh: "儿童不能。"}
        evidence: {en: "A form.", zh: "表格。"}
        remediation: {en: "Ask parents.", zh: "征求家长。"}
        severity: medium
        group: {en: "Children", zh: "儿童"}
        scale: practice
        applies_if: "minors == yes"
        citations: [law-a/2]
duties:
  - ref: filing.deadline
    title: {en: "File what is stored", zh: "备案存量"}
    text: {en: "Stores of before are filed.", zh: "存量应当备案。"}
    rhythm: on
    day: 2025-07-14
    applies_if: "minors == yes"
    citations: [law-a/2, law-a/1]
  - ref: filing.growth
    title: {en: "File when you grow", zh: "达量备案"}
    text: {en: "Large stores are filed.", zh: "大量存储应当备案。"}
    rhythm: within
    count: 30
    unit: working_days
    event: {en: "reaching 100,000 persons", zh: "达到10万人"}
    citations: [law-a/1]
  - ref: minors.report
    title: {en: "Report the audit", zh: "报送审计"}
    text: {en: "Each January.", zh: "每年一月。"}
    rhythm: yearly
    month: 1
    day_of_month: 31
    citations: [law-a/1]
  - ref: audit.regular
    title: {en: "Audit", zh: "审计"}
    text: {en: "Every two years.", zh: "每两年一次。"}
    rhythm: every
    count: 2
    unit: years
    citations: [law-a/1]
  - ref: records.kept
    title: {en: "Keep records", zh: "保存记录"}
    text: {en: "For three years.", zh: "保存三年。"}
    rhythm: keep
    count: 36
    unit: months
    citations: [law-a/1]
contradictions:
  - ref: children.unseen
    text: {en: "No children, yet parents are asked.", zh: "无儿童却征求家长。"}
    holds_if: "minors == no and consent.children in (met, partly_met)"
"""

LAW_A = "instruments/law-a.yaml"
FIRST_1 = "question-sets/first/1.yaml"


def write_library(folder, files=None):
    """Write the small library, or other files by path, and return its folder."""
    library = folder / "library"
    for path, text in ({LAW_A: INSTRUMENT, FIRST_1: VERSION} | (files or {})).items():
        file = library / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text, encoding="utf-8")
    return library


def edited(text, old, new):
    """The text with the first place of `old` replaced, which must be there."""
    assert old in text
    return text.replace(old, new, 1)


def line_of(text, part):
    """The 1-based line where `part` first stands."""
    return text[: text.index(part)].count("\n") + 1


def next_edition(number=2):
    return edited(VERSION, "number: 1\n", f"number: {number}\n")

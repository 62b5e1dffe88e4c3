"""templates/constraints: the files load, and a broken one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nl2opt.check.codes import CODES
from nl2opt.explain.gallery import gallery
from nl2opt.resources import data_folder
from nl2opt.templates import TemplateError, load_objectives, load_templates

THIRTEEN = {
    "lower_bound_variable", "upper_bound_variable", "lower_bound_sum", "upper_bound_sum", "lower_bound_weighted_sum",
    "upper_bound_weighted_sum", "lower_bound_share", "upper_bound_share", "comparison", "implication", "exactly_one",
    "at_least_one", "at_most_one",
}  # fmt: skip


def test_the_thirteen_are_there() -> None:
    """The types of Li, Zhang and Mak-Hau, each with all its fields."""
    templates = load_templates()
    assert set(templates) >= THIRTEEN
    assert len(templates) >= 35
    for name, template in templates.items():
        assert template.name == name
        assert template.cues and template.narrations and template.pitfalls


def test_narrations_use_their_slots_only() -> None:
    """Every brace in a narration names a slot."""
    for template in (*load_templates().values(), *load_objectives().values()):
        slots = {slot.name: "x" for slot in template.slots}
        for narration in template.narrations:
            assert narration.format(**slots)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("name: comparison", "name: compare"), "file stem"),
        (("summary:", "abstract:"), "unknown field 'abstract'"),
        (("kind: variable", "kind: vegetable"), "a kind among"),
        (("cues:", "cues: none\nimplied:"), "'cues'"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    """A misnamed or malformed file raises with its name and the field."""
    good = (data_folder("templates") / "constraints" / "comparison.yaml").read_text(encoding="utf-8")
    (tmp_path / "comparison.yaml").write_text(good.replace(*change, 1), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"comparison\.yaml") as error:
        load_templates(tmp_path)
    assert told in str(error.value)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """No templates at all means a broken installation."""
    with pytest.raises(TemplateError, match="no template files"):
        load_templates(tmp_path)


def test_unknown_folders_are_refused() -> None:
    """Only the known data folders are looked for."""
    with pytest.raises(FileNotFoundError):
        data_folder("secrets")


def test_lints_are_codes_and_parents_are_templates() -> None:
    """What a template refers to is there, and no template is its own ancestor."""
    for known in (load_templates(), load_objectives()):
        for template in known.values():
            assert set(template.lints) <= set(CODES)
            assert template.narrations and template.cues and template.pitfalls and template.example["text"]
            seen, left = set[str](), list(template.kind_of)
            while left:
                parent = left.pop()
                seen.add(parent)
                left.extend(known[parent].kind_of)
            assert template.name not in seen


def test_every_lint_comes_from_a_pitfall() -> None:
    """And is named by the template it guards."""
    told = {c for known in (load_templates(), load_objectives()) for t in known.values() for c in t.lints}
    assert told == {c for c in CODES if c.startswith("L")}


def test_the_gallery_is_current() -> None:
    """docs/TEMPLATES.md is what `make reference` writes."""
    page = (Path(__file__).parents[1] / "docs/TEMPLATES.md").read_text(encoding="utf-8")
    assert page == gallery()
    assert all(f"(`{name}`)" in page for name in (*load_templates(), *load_objectives()))


def test_an_unknown_parent_is_named(tmp_path: Path) -> None:
    """`kind_of` points at a template of the same folder."""
    good = (data_folder("templates") / "constraints" / "comparison.yaml").read_text(encoding="utf-8")
    (tmp_path / "comparison.yaml").write_text(good.replace("slots:", "kind_of: [nothing]\nslots:", 1), encoding="utf-8")
    with pytest.raises(TemplateError, match="nothing"):
        load_templates(tmp_path)

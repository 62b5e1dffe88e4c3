"""The left side: a text or a model file, data files and settings; afterwards the text as it was understood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant import findings, markup
from assistant.job import SERVER
from assistant.session import Session, watch
from assistant.task import DATA_FILES, DATA_MEGABYTES, DOCUMENT_MEGABYTES, TEXT_CHARACTERS, File, ModelTask, Translation
from nl2opt.errors import Diagnostic
from nl2opt.resources import data_folder

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

WORDS, MODEL_FILE = "In words", "A model file"
EXAMPLE = "model.yaml"
TRANSLATORS = {"embedded": "Built in, works offline", "llm": "A language model"}
_PLACEHOLDER = "What can be chosen? What does each choice bring, cost and need? What limits it? What should be best?"


def show(session: Session) -> None:
    """The panel, as a form or as the text that was understood."""
    if session.study is not None and not st.session_state.get("editing", False):
        _understood(session)
    else:
        _form(session)


# the form ------------------------------------------------------------------------------------------------------------


def _form(session: Session) -> None:
    origin = st.segmented_control(
        "How the problem is told",
        (WORDS, MODEL_FILE),
        default=WORDS,
        required=True,
        key="origin",
        persist_state="session",
        label_visibility="collapsed",
    )
    if origin == WORDS:
        _text()
    else:
        _document()
    st.file_uploader(
        "Data files, if there are any",
        type=["csv", "xlsx", "json"],
        accept_multiple_files=True,
        max_upload_size=DATA_MEGABYTES,
        key="data",
        help="Tables and lists that the problem mentions: columns and sheets are matched by their names.",
    )
    if origin == WORDS:
        with st.expander("Settings"):
            _translator()
    st.button(
        "Model it",
        type="primary",
        icon=":material/schema:",
        width="stretch",
        key="model_it",
        on_click=_begin,
        args=(session,),
    )
    if session.study is not None:
        st.button("Back to what was understood", type="tertiary", key="back", on_click=_edit, args=(False,))
    if "model" in session.jobs:
        watch(session, "model", "Reading")
    findings.show_failure(session, "model")


def _begin(session: Session) -> None:
    """Start to model what the form holds, or say what keeps it from that."""
    entered = st.session_state
    in_words = entered["origin"] == WORDS
    uploaded = None if in_words else entered["document"]
    example = "" if in_words or uploaded is not None else entered["model_example"] or ""
    document = _chosen(uploaded, example)
    files = tuple(File(u.name, u.getvalue()) for u in entered["data"] or ()) or _data_beside(example)
    text = entered["text"] if in_words else _told(example)
    translation, wrong = _translation() if in_words else (Translation(), "")
    if wrong := _unfit(text, document, files, in_words) or wrong:
        session.failures["model"] = (Diagnostic("", wrong),)
        return
    entered["editing"] = False
    session.model(ModelTask(text, document, translation, files))


def _text() -> None:
    examples = {_named(p.stem): p for p in sorted((data_folder("datasets") / "demo").glob("*.txt"))}
    st.selectbox(
        "Start from an example",
        list(examples),
        index=None,
        placeholder="Start from an example",
        key="example",
        label_visibility="collapsed",
        on_change=_take_example(examples),
    )
    st.text_area(
        "The problem in words",
        height=260,
        max_chars=25 * TEXT_CHARACTERS,  # beyond, a text is cut in silence: the limit that is told comes first
        placeholder=_PLACEHOLDER,
        key="text",
        label_visibility="collapsed",
        persist_state="session",
    )


def _take_example(examples: dict[str, Path]) -> Callable[[], None]:
    def take() -> None:
        if chosen := st.session_state["example"]:
            st.session_state["text"] = examples[chosen].read_text(encoding="utf-8").strip()

    return take


def _named(stem: str) -> str:
    """`1_ferry_company` -> `Ferry company`."""
    words = stem.lstrip("0123456789_").replace("_", " ")
    return words[:1].upper() + words[1:]


def _document() -> None:
    st.selectbox(
        "Start from an example",
        list(_examples()),
        index=None,
        placeholder="Start from an example",
        key="model_example",
        label_visibility="collapsed",
    )
    st.file_uploader(
        "Or a model of your own",
        type=["yaml", "yml", "json", "lp", "mps"],
        max_upload_size=DOCUMENT_MEGABYTES,
        key="document",
        help="A model document (YAML, JSON), or an LP or MPS file of another program.",
    )


def _examples() -> dict[str, Path]:
    """The examples with a model: how they are called -> their folder."""
    folder = data_folder("datasets") / "examples"
    return {_named(p.parent.name): p.parent for p in sorted(folder.glob("*/model.yaml"))}


def _chosen(uploaded: UploadedFile | None, example: str) -> File | None:
    """The model file that was uploaded, else that of the example."""
    if uploaded is not None:
        return File(uploaded.name, uploaded.getvalue())
    return File(EXAMPLE, (_examples()[example] / EXAMPLE).read_bytes()) if example else None


def _told(example: str) -> str:
    """The text that an example's model was made of."""
    path = _examples()[example] / "problem.txt" if example else None
    return path.read_text(encoding="utf-8").strip() if path is not None and path.is_file() else ""


def _data_beside(example: str) -> tuple[File, ...]:
    """The first set of data that lies beside an example's model."""
    if not example:
        return ()
    folder = _examples()[example]
    first = [*sorted(folder.glob("data_1.json")), *sorted((folder / "data_1").glob("*.csv"))]
    return tuple(File(p.name, p.read_bytes()) for p in first)


def _translator() -> None:
    chosen = st.selectbox(
        "Translator", list(TRANSLATORS), format_func=TRANSLATORS.__getitem__, key="translator", persist_state="session"
    )
    if chosen != "llm":
        return
    st.text_input("Name of the model", max_chars=200, key="llm_model", persist_state="session")
    st.text_input(
        "Address of its server",
        placeholder="empty: OpenAI's own; else such as http://localhost:8000/v1",
        max_chars=500,
        key="llm_url",
        persist_state="session",
    )
    st.caption(
        f"The key is read from the environment of this server. It goes to OpenAI's own address and to `{SERVER}` only;"
        " any other server is asked without one."
    )


def _translation() -> tuple[Translation, str]:
    """Who translates, and what is still missing for it."""
    entered = st.session_state
    if entered["translator"] != "llm":
        return Translation(), ""
    name, url = entered["llm_model"].strip(), entered["llm_url"].strip()
    if not name:
        return Translation("llm"), "Please name the language model."
    if url and not url.startswith(("http://", "https://")):
        return Translation("llm"), "The address of the server begins with http:// or https://."
    return Translation("llm", name, url), ""


def _unfit(text: str, document: File | None, files: tuple[File, ...], in_words: bool) -> str:
    """What keeps the input from being modelled, '' where nothing does."""
    if in_words and not text.strip():
        return "Please describe the problem, or start from an example."
    if in_words and len(text) > TEXT_CHARACTERS:
        return f"The text is longer than {TEXT_CHARACTERS} characters; put its tables into data files."
    if not in_words and document is None:
        return "Please choose a model file, or start from an example."
    if document is not None and len(document.content) > DOCUMENT_MEGABYTES * 2**20:
        return f"The model file is larger than {DOCUMENT_MEGABYTES} MB."
    if len(files) > DATA_FILES:
        return f"At most {DATA_FILES} data files are taken."
    if any(len(f.content) > DATA_MEGABYTES * 2**20 for f in files):
        return f"A data file is larger than {DATA_MEGABYTES} MB."
    return ""


# what was understood -------------------------------------------------------------------------------------------------


def _understood(session: Session) -> None:
    study = session.study
    assert study is not None
    with st.container(horizontal=True):
        st.button("Change the problem", icon=":material/edit:", key="edit", on_click=_edit, args=(True,))
        if study.instance is not None:
            st.button("Solve", type="primary", icon=":material/play_arrow:", key="solve", on_click=session.solve)
    if "model" in session.jobs:
        watch(session, "model", "Putting the numbers in")
    findings.show_failure(session, "model")
    if study.text:
        marked = [study.refusal.found] if study.refusal is not None else []
        markup.show(markup.coloured(study.text, study.spans, marked) + markup.legend(study.spans))
    elif study.model is not None:
        markup.show(markup.title(study.model.description or study.model.name.replace("_", " ")))
    findings.show(study)


def _edit(editing: bool) -> None:
    st.session_state["editing"] = editing

"""DOCX archives written by hand: the parts that a test is about, and the least of what must stand beside them."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = (
    f'xmlns:r="{_OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
ROOT_RELATIONS = f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
<Relationship Id="b" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>"""


def paragraph(text: str, style: str = "", more: str = "") -> str:
    """A w:p with one run; `more` goes into its properties."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{styled}{more}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def archive(parts: dict[str, str | bytes]) -> bytes:
    """A zip archive of these parts."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return packed.getvalue()


def word_file(body: str, *, namespace: str = TRANSITIONAL, **parts: str) -> bytes:
    """A document of this body; `footnotes`, `endnotes`, `styles` and `relations` are the insides of those parts.

    `core` is that of the core properties.
    """
    opened = f'xmlns:w="{namespace}" {NAMESPACES}'
    files: dict[str, str | bytes] = {
        "_rels/.rels": ROOT_RELATIONS,
        "word/document.xml": f"<w:document {opened}><w:body>{body}<w:sectPr/></w:body></w:document>",
    }
    for name in ("footnotes", "endnotes", "styles"):
        if name in parts:
            files[f"word/{name}.xml"] = f"<w:{name} {opened}>{parts[name]}</w:{name}>"
    if "relations" in parts:
        inside = f'<Relationships xmlns="{_PACKAGE}/relationships">{parts["relations"]}</Relationships>'
        files["word/_rels/document.xml.rels"] = inside
        files["word/_rels/footnotes.xml.rels"] = inside
    if "core" in parts:
        files["docProps/core.xml"] = (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
            f"{parts['core']}</cp:coreProperties>"
        )
    return archive(files)

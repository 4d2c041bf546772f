"""The zip archive that a DOCX is: its parts as element trees, and what keeps a hostile archive from doing harm."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from index.errors import UnreadableFile

MAX_MEMBERS = 10_000
MAX_UNPACKED = 500_000_000
MAX_PART = 64_000_000
MAX_RATIO = 200
_SMALL = 10_000_000  # below this no ratio does harm

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, OverflowError, struct.error,
    ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """A part's relationship: the last word of its type, its target, and whether that is outside of the archive."""

    kind: str
    target: str
    external: bool


class Package:
    """An opened archive.

    Raises:
        UnreadableFile: on opening and on reading, with the reason and what to do.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self._name = name
        _check_kind(name, data)
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
            members = self._archive.infolist()
        except _DAMAGE as error:
            raise UnreadableFile(
                f"{name}: the file is damaged ({_reason(error)}). Open it in Word, repair it and save it again."
            ) from error
        _check_size(name, members, len(data))
        self._members = {_normal(member.filename): member for member in members}

    def __contains__(self, part: str) -> bool:
        return part in self._members

    def relations(self, part: str) -> dict[str, Relation]:
        """The relationships of a part by id; of the archive itself where `part` is empty."""
        folder, base = posixpath.split(part)
        tree = self.tree(posixpath.join(folder, "_rels", f"{base}.rels"))
        found = {}
        for entry in tree if tree is not None else ():
            kind, target = (entry.get("Type") or "").rpartition("/")[2], entry.get("Target") or ""
            external = entry.get("TargetMode") == "External"
            if not external:
                target = _normal(posixpath.join("/" if target.startswith("/") else folder, target))
            found[entry.get("Id") or ""] = Relation(kind, target, external)
        return found

    def tree(self, part: str) -> etree._Element | None:
        """The root of a part, None where the archive has no such part."""
        member = self._members.get(part)
        if member is None:
            return None
        try:
            data = self._archive.read(member)
        except RuntimeError as error:  # how zipfile says that a member is encrypted
            raise UnreadableFile(
                f"{self._name}: the archive is protected by a password. Save it without one."
            ) from error
        except _DAMAGE as error:
            raise self._damaged(part, error) from error
        if (
            b"<!DOCTYPE" in data
            or "<!DOCTYPE".encode("utf-16-le") in data
            or "<!DOCTYPE".encode("utf-16-be") in data
        ):
            raise UnreadableFile(
                f"{self._name}: its part '{part}' declares entities, which no Word document does; it is not read. "
                "Save it again in Word."
            )
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise self._damaged(part, error) from error

    def _damaged(self, part: str, error: Exception) -> UnreadableFile:
        return UnreadableFile(
            f"{self._name}: its part '{part}' is damaged ({_reason(error)}). "
            "Open the file in Word, repair it and save it again."
        )


def _check_kind(name: str, data: bytes) -> None:
    if not data:
        raise UnreadableFile(f"{name}: the file is empty.")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFile(
                f"{name}: the document is encrypted. Open it in Word with its password, take the password away and "
                "save it again."
            )
        raise UnreadableFile(
            f"{name}: this is the format of Word before 2007, not docx. Open it in Word or LibreOffice and save it "
            "as .docx."
        )
    if not data.startswith(_ZIP):
        kind = next(
            (kind for head, kind in ((b"{\\rtf", "RTF"), (b"%PDF", "PDF")) if data.startswith(head)),
            "no docx",
        )
        raise UnreadableFile(
            f"{name}: the content of this file is {kind}. Open it in the program that made it and save it as .docx."
        )


def _check_size(name: str, members: list[zipfile.ZipInfo], packed: int) -> None:
    """Refuse what would unpack to much more than any document holds."""
    unpacked = sum(member.file_size for member in members)
    largest = max(
        (member.file_size for member in members if member.filename.lower().endswith((".xml", ".rels"))),
        default=0,
    )
    too_much = (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_UNPACKED
        or largest > MAX_PART
        or (unpacked > _SMALL and unpacked > MAX_RATIO * packed)
    )
    if too_much:
        raise UnreadableFile(
            f"{name}: unpacks to {unpacked / 1e6:,.0f} MB in {len(members):,} parts, more than a document of "
            f"{packed / 1e6:.1f} MB should; it is not opened. Split it, or save it again in Word."
        )


def _normal(path: str) -> str:
    return posixpath.normpath("/" + unquote(path.replace("\\", "/"))).lstrip("/")


def _reason(error: Exception) -> str:
    first = next(iter(str(error).splitlines()), "")
    return first[:120].rstrip(".") or type(error).__name__

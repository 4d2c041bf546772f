"""E-mail messages: headers, the part that is the text, quoted replies and what is attached."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnreadableFile
from index.readers import Contents, email, read_file

HEAD = """From: Ann Smith <ann@quay.example>
To: Bo <bo@mill.example>
Subject: Salt
Date: Fri, 3 May 2024 23:12:13 -0900
"""
BOUND = 'MIME-Version: 1.0\nContent-Type: multipart/{}; boundary="b"\n\n'
PLAIN = '--b\nContent-Type: text/plain; charset="utf-8"\n\n{}\n'
HTML = '--b\nContent-Type: text/html; charset="utf-8"\n\n{}\n'


def read(message: str | bytes) -> Contents:
    return email.read("letter.eml", message.encode() if isinstance(message, str) else message)


def texts(contents: Contents, *kinds: str) -> list[str]:
    return [block.text for block in contents.blocks if block.kind in (kinds or ("prose", "item"))]


def test_headers_are_metadata_and_the_body_is_text() -> None:
    found = read(HEAD + "\nDear Bo,\n\nthe salt is dear\nand wet.\n\n- cod\n- ham\n")
    assert found.metadata == {"title": "Salt", "author": "Ann Smith", "date": "2024-05-03"}
    assert texts(found) == ["Dear Bo,", "the salt is dear and wet.", "cod", "ham"]
    assert texts(found, "masthead")[0] == "From: Ann Smith <ann@quay.example>"


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("Subject: =?utf-8?q?K=C3=A4se?= =?utf-8?q?_und_Salz?=\n", {"title": "Käse und Salz"}),
        ("From: =?iso-8859-1?Q?J=F6rg?= <j@q.example>\n", {"author": "Jörg"}),
        ("From: j@q.example\nDate: soon\n", {"author": "j@q.example"}),
        ("Subject: Käse\n", {"title": "Käse"}),
        ("Subject: =?no-such?q?x?=\n a\n", {"title": "x a"}),
    ],
)
def test_headers_are_decoded(head: str, known: dict[str, str]) -> None:
    assert read(head + "\nThe text.\n").metadata == known


def test_quoted_replies_keep_their_marks() -> None:
    found = read(HEAD + "\nNo.\n\nOn 2 May Bo wrote:\n> Is salt\n> dear?\n>\n> > Who asks?\n> - Bo\n")
    assert texts(found) == ["No.", "On 2 May Bo wrote:", "> Is salt dear?", ">> Who asks?", "> Bo"]


def test_the_plain_text_goes_before_the_html() -> None:
    both = PLAIN.format("Plain.") + HTML.format("<p>HTML.</p>") + "--b--\n"
    assert texts(read(HEAD + BOUND.format("alternative") + both)) == ["Plain."]


@pytest.mark.parametrize("plain", ["", "Your e-mail client does not support HTML."])
def test_html_is_read_where_the_plain_text_says_nothing(plain: str) -> None:
    page = "<h2>Prices</h2><p>Salt: <b>5</b></p><table><tr><td>rye</td><td>3</td></tr></table>"
    found = read(HEAD + BOUND.format("alternative") + PLAIN.format(plain) + HTML.format(page) + "--b--\n")
    assert (texts(found, "prose", "heading"), found.tables) == (["Prices", "Salt: 5", "rye | 3"], 1)


def test_lines_that_flow_are_one() -> None:
    flowed = 'Content-Type: text/plain; format=flowed; charset="utf-8"\n\nThe salt is \ndear.\nRye is not.\n'
    assert texts(read(HEAD + flowed)) == ["The salt is dear. Rye is not."]


@pytest.mark.parametrize("charset", ["utf-8", "no-such", "us-ascii", "windows-1252"])
def test_a_wrong_charset_is_put_right(charset: str) -> None:
    head = f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    text = "Käse für 5 €."
    for encoding in ("utf-8", "cp1252") if charset != "windows-1252" else ("cp1252",):
        assert texts(read(head.encode() + text.encode(encoding))) == [text]


def test_attachments_are_named_and_not_read() -> None:
    attached = (
        PLAIN.format("The text.")
        + '--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="list.txt"\n\nsecret\n'
        + "--b\nContent-Type: image/png\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: Old\n\nOld text.\n--b--\n"
    )
    found = read(HEAD + BOUND.format("mixed") + attached)
    assert texts(found) == ["The text."]
    (remark,) = found.remarks
    assert remark.startswith("3 attachments were not read: list.txt, image/png, message/rfc822.")


REFUSED = {
    "empty": ("", "the file is empty"),
    "no headers": ("Just a text.\nOf two lines.", "headers"),
    "no text": (HEAD + "\n\n", "the message has no text"),
    "only a picture": (HEAD + "Content-Type: image/png\n\nx", "the message has no text"),
    "encrypted": (HEAD + BOUND.format("encrypted") + PLAIN.format("x") + "--b--", "is encrypted"),
}


@pytest.mark.parametrize(("message", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_is_refused_in_one_sentence(message: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^letter\.eml: [^\n]+$") as raised:
        read_file(Path("letter.eml"), message.encode())
    assert reason in str(raised.value)


def test_deep_nesting_is_no_crash() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(3000))
    with pytest.raises(UnreadableFile):
        read(HEAD + nested + "Content-Type: text/plain\n\nText.")


LINES = st.sampled_from(
    f"""{HEAD}
--b
--b--
> quoted
text of it.
[1] x
Content-Type: text/html
Content-Type: multipart/alternative; boundary="b"
Content-Type: text/plain; charset*=x''y; format=flowed
Content-Transfer-Encoding: base64
Content-Transfer-Encoding: uuencode
Subject: =?x?b?a?=
=?utf-8?q?=ff?=
=E4==
From: <
Date: 1 2""".split("\n")
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_any_message_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = read_file(Path("letter.eml"), "\n".join(lines).encode())
    except UnreadableFile:
        return
    "".join([*found.metadata.values(), *texts(found)]).encode()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for message in (data, b"Subject: x\n" + data, HEAD.encode() + b"\n" + data):
        try:
            found = read_file(Path("letter.eml"), message)
        except UnreadableFile:
            continue
        "".join([*found.metadata.values(), *texts(found)]).encode()

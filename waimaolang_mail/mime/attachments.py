# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a mail carries: names, bytes, digests; and images inside the HTML."""

import hashlib
import re
from urllib.parse import unquote, unquote_to_bytes

from .charsets import clean
from .parsed import INLINE_SRC, ParsedAttachment
from .tree import Part
from .words import from_base64

# File systems take 255 bytes; Chinese characters are three each in UTF-8.
MAX_NAME = 80
MAX_EXTENSION = 16

_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/xml": ".xml",
    "text/rfc822-headers": ".txt",
    "application/ics": ".ics",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
}
# Controls, and marks that make "exe.pdf" out of "fdp.exe".
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
_MIMETYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
_DATA_IMAGE = re.compile(
    r"data:(image/[a-z0-9.+-]{1,30})(?:;[a-z]+=[\w-]*)*(;base64)?,([^\"'<>)]{1,20000000})",
    re.I,
)
_DATA_SRC = re.compile(
    r"(\ssrc\s*=\s*)(\"\s*data:image/[^\"]*\"|'\s*data:image/[^']*')", re.I
)
_SUBJECT_CUT = 60


def safe_name(name: str, mimetype: str, index: int) -> str:
    """A file name without path, tricks and excess; never empty."""
    name = _HIDDEN.sub("", clean(name))
    if "%" in name and name.isascii():
        name = _unquoted(name)
    name = re.split(r"[\\/]", name)[-1]
    name = _SPACES.sub(" ", _FORBIDDEN.sub("_", name)).strip(" .")
    if not name:
        default = ".bin" if not mimetype.startswith("text/") else ".txt"
        return f"attachment-{index}{_EXTENSIONS.get(mimetype, default)}"
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        if not dot or len(extension) > MAX_EXTENSION:
            stem, extension = name, ""
        room = MAX_NAME - len(extension) - len(dot)
        name = f"{stem[:room].rstrip()}{dot if extension else ''}{extension}"
    return name


def _unquoted(name: str) -> str:
    """Some web mailers percent-encode without saying so."""
    try:
        decoded = unquote_to_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        return name
    return name if decoded.isascii() else _HIDDEN.sub("", decoded)


def declared_name(part: Part) -> str:
    """What the mail calls the part; "" where it does not."""
    return (
        part.disposition_params.get("filename")
        or part.params.get("name")
        or part.params.get("filename")
        or part.disposition_params.get("name")
        or ""
    )


def content_id(part: Part) -> str:
    raw = part.first("content-id").decode("utf-8", "replace")
    return clean(raw).strip().strip("<>").strip()[:255]


class Collector:
    """The attachments of one mail. An index is given once and stays: html refers
    to it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.refused = 0
        self.items: list[ParsedAttachment] = []
        self.key_digests: list[str] = []
        self._shown: set[int] = set()
        self._by_cid: dict[str, int] = {}
        self._by_digest: dict[str, int] = {}

    def add_part(self, part: Part, name: str = "") -> None:
        data = part.raw[part.whole : part.end] if part.opaque else part.data()
        mimetype = part.mimetype if not part.opaque else "application/octet-stream"
        location = part.first("content-location").decode("ascii", "ignore").strip()
        cid = content_id(part)
        index = self.add(declared_name(part) or name, mimetype, data, cid)
        if index >= 0 and location:
            self._by_cid.setdefault(location.lower(), index)

    def add(self, name: str, mimetype: str, data: bytes, cid: str = "") -> int:
        """Its index; -1 where there are too many."""
        if len(self.items) >= self.limit:
            self.refused += 1
            return -1
        index = len(self.items)
        if not _MIMETYPE.match(mimetype):
            mimetype = "application/octet-stream"
        digest = hashlib.sha256(data).hexdigest()
        self.items.append(
            ParsedAttachment(
                name=safe_name(name, mimetype, index + 1),
                mimetype=mimetype,
                content_id=cid,
                inline=False,
                sha256=digest,
                size=len(data),
                data=data,
            )
        )
        self.key_digests.append(_key_digest(mimetype, data, digest))
        if cid:
            self._by_cid.setdefault(cid.lower(), index)
        self._by_digest.setdefault(digest, index)
        return index

    def show(self, cid: str) -> str | None:
        """The placeholder of the image that html calls ``cid`` (attribute value,
        still escaped); marks it as shown."""
        key = unquote(cid.replace("&amp;", "&")).strip().strip("<>").lower()
        index = self._by_cid.get(key)
        if index is None:
            return None
        self._shown.add(index)
        return INLINE_SRC % index

    def take_data_images(self, html: str) -> str:
        """Moves data: images into attachments, each once, and leaves cid: there.
        (Odoo would hang them on the record, where anybody reads them.)"""
        if "data:image/" not in html and "DATA:image/" not in html:
            return html
        return _DATA_SRC.sub(self._take_data_image, html)

    def _take_data_image(self, match: re.Match) -> str:
        image = _DATA_IMAGE.match(match[2].strip("\"' \t\r\n"))
        if not image:
            return f'{match[1]}""'
        mimetype, is_base64, payload = image[1].lower(), image[2], image[3]
        if is_base64:
            data = from_base64(unquote(payload).encode("ascii", "ignore"))
        else:
            data = unquote_to_bytes(payload)
        digest = hashlib.sha256(data).hexdigest()
        index = self._by_digest.get(digest, -1)
        if index < 0:
            name = f"image-{len(self.items) + 1}{_EXTENSIONS.get(mimetype, '')}"
            index = self.add(name, mimetype, data)
        if index < 0:
            return f'{match[1]}""'
        token = f"data-{index}-{digest[:16]}@waimaolang"
        self._by_cid[token] = index
        return f'{match[1]}"cid:{token}"'

    def finished(self) -> tuple[ParsedAttachment, ...]:
        return tuple(
            ParsedAttachment(
                item.name,
                item.mimetype,
                item.content_id,
                index in self._shown,
                item.sha256,
                item.size,
                item.data,
            )
            for index, item in enumerate(self.items)
        )


def _key_digest(mimetype: str, data: bytes, digest: str) -> str:
    """For the content key: relays re-encode text and change its line ends."""
    if not mimetype.startswith(("text/", "message/")):
        return digest
    return hashlib.sha256(
        b"\n".join(map(bytes.rstrip, data.split(b"\n"))).strip()
    ).hexdigest()

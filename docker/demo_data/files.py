# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Small documents: PDF and spreadsheets, written by hand to stay reproducible."""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from xml.sax.saxutils import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE = (595, 842)


def _cell(text, x, y, size, bold=False):
    """PDF operators of one line of text; what Latin-1 lacks goes to the CJK font."""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", text)
        plain = "".join(char for char in plain if not unicodedata.combining(char))
        try:
            data = plain.encode("latin-1")
        except UnicodeEncodeError:
            code = text.encode("utf-16-be").hex()
            return f"BT /F3 {size} Tf {x} {y} Td <{code}> Tj ET".encode()
    for char in (b"\\", b"(", b")"):
        data = data.replace(char, b"\\" + char)
    font = "F2" if bold else "F1"
    return f"BT /{font} {size} Tf {x} {y} Td (".encode() + data + b") Tj ET"


def pdf(title, number, left, right, table, notes):
    """One page: head, two blocks of lines, a table, notes. Returns bytes."""
    ops = [b"0.13 0.29 0.42 rg 0 782 595 60 re f 1 g"]
    ops += [_cell(title, 40, 804, 18, True), _cell(number, 400, 806, 11)]
    ops.append(b"0 g")
    for x, lines in ((40, left), (320, right)):
        for row, line in enumerate(lines):
            ops.append(_cell(line, x, 752 - 14 * row, 9, row == 0))
    y = 752 - 14 * max(len(left), len(right)) - 18
    widths = [40, 270, 350, 440]
    for row, cells in enumerate(table):
        if row == 0:
            ops.append(f"0.9 g 36 {y - 5} 523 17 re f 0 g".encode())
        for x, text in zip(widths, cells, strict=False):
            ops.append(_cell(str(text), x, y, 9, row == 0))
        ops.append(f"0.7 G 0.5 w 36 {y - 6} m 559 {y - 6} l S".encode())
        y -= 18
    y -= 16
    for line in notes:
        ops.append(_cell(line, 40, y, 9))
        y -= 14
    foot = "Ningbo Lanyue International Trade Co., Ltd. | www.lanyue-trade.example"
    ops.append(_cell(foot, 40, 36, 7))
    return _pdf_file(b"\n".join(ops))


def _pdf_file(content):
    packed = zlib.compress(content)
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    info = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_PAGE[0]} {_PAGE[1]}] "
        "/Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R /F3 7 0 R >> >> "
        ">>".encode(),
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        + packed
        + b"\nendstream",
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light "
        b"/Encoding /UniGB-UCS2-H /DescendantFonts [8 0 R] >>",
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light {info} "
        "/FontDescriptor 9 0 R /DW 1000 /W [1 95 500] >>".encode(),
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /ItalicAngle 0 "
        b"/FontBBox [-25 -254 1000 880] /Ascent 880 /Descent -120 /CapHeight 880 "
        b"/StemV 93 >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        out += f"{offset:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    out += f"startxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def xlsx(rows):
    """A workbook of one sheet; numbers stay numbers. Returns bytes."""
    ns = "http://schemas.openxmlformats.org"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for column, value in enumerate(row):
            ref = f"{'ABCDEFGHIJ'[column]}{number}"
            if isinstance(value, (int, float)):
                cells += f'<c r="{ref}"><v>{value}</v></c>'
            else:
                text = escape(str(value))
                cells += f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    main = f"{ns}/spreadsheetml/2006/main"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = f"{ns}/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{types}.sheet.main+xml"/><Override '
        'PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship '
        f'Id="rId1" Type="{rels}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet '
        'name="Packing list" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{rels}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><cols><col min="1" '
        'max="1" width="38" customWidth="1"/><col min="2" max="8" width="14" '
        f'customWidth="1"/></cols><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            # a fixed date: the archive must be the same each time
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, head + text)
    return out.getvalue()


def csv(rows):
    """UTF-8 with a byte order mark, as spreadsheets save it."""
    text = "\r\n".join(",".join(str(cell) for cell in row) for row in rows)
    return b"\xef\xbb\xbf" + text.encode() + b"\r\n"

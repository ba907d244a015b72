"""PDFs as somebody would build them who wants to end the process that reads them."""

from __future__ import annotations

import zlib

_PAGE = b"/MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >>"

HELLO = b"BT /F 12 Tf 72 700 Td (Hello brave world) Tj ET\n"


def pdf(objects: list[bytes], more: bytes = b"", *, ring: bool = False) -> bytes:
    """A PDF of numbered objects, the first of them its root; a `ring` table names itself."""
    out, offsets = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    more += b" /Prev %d" % table if ring else b""
    tail = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return out + tail % (len(objects) + 1, more, table)


def page(
    content: bytes = HELLO,
    *,
    filters: bytes = b"/FlateDecode",
    kids: bytes = b"[3 0 R]",
    count: int = 1,
    more: bytes = b"",
    ring: bool = False,
) -> bytes:
    """A PDF of one page with a content that is compressed once, unless `filters` say otherwise."""
    data = zlib.compress(content) if filters == b"/FlateDecode" else content
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % more,
            b"<< /Type /Pages /Kids %s /Count %d >>" % (kids, count),
            b"<< /Type /Page /Parent 2 0 R %s >>" % _PAGE,
            b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(data), filters, data),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ],
        ring=ring,
    )


def squeezed(unit: bytes, mebibytes: int, times: int = 1) -> bytes:
    """As many mebibytes of a repeated unit, compressed; only one of them is ever made."""
    press = zlib.compressobj(9)
    head = press.compress(HELLO) + press.flush(zlib.Z_FULL_FLUSH)
    block = press.compress(unit * ((1 << 20) // len(unit))) + press.flush(zlib.Z_FULL_FLUSH)
    data = head + block * mebibytes + press.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return data

"""Small real files of every format that the Connect API accepts."""

import io
import struct
import zipfile
import zlib


def _zip(names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def _png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


def pdf(size=None):
    """A PDF, filled up to `size` bytes with all possible bytes."""
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    if size is None:
        return content
    return (content + bytes(range(256)) * (size // 256 + 1))[:size]


_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# By the extension of the name: the media type, and content.
FORMATS = {
    "pdf": ("application/pdf", pdf()),
    "zip": ("application/zip", _zip(["statement.csv"])),
    "txt": ("text/plain", "Grüße aus der Wüste\r\n".encode()),
    "doc": ("application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)),
    "docx": (_DOCX, _zip(["[Content_Types].xml", "word/document.xml"])),
    "png": ("image/png", _png()),
    "jpg": ("image/jpeg", _JPEG),
    "jpeg": ("image/jpeg", _JPEG),
    "gif": ("image/gif", b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"),
    "bmp": ("image/bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\0\0\xff\0"),
}

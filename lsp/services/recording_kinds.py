"""What a recording may be: containers of video and sound, known by their first bytes and never by their name."""

from __future__ import annotations

#: So many bytes are enough to tell.
HEAD = 64
#: Pictures live in the same container as MP4; they are no recording.
_PICTURES = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"})  # fmt: skip
ENDINGS = {
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
}
ACCEPT = "video/*,audio/*,.mkv,.webm,.m4a,.ogg"
WORDS = "MP4, MOV, WebM, MKV, M4A, MP3, atau OGG"


def content_type_of(head: bytes) -> str:
    """The content type that the first bytes tell; empty for what is no recording."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _PICTURES:
            return ""
        return {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime"}.get(
            brand, "video/mp4"
        )
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:HEAD] else "video/x-matroska"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    return "audio/mpeg" if head.startswith(b"ID3") or _is_mpeg_frame(head) else ""


def _is_mpeg_frame(head: bytes) -> bool:
    """The header of a frame of MPEG audio layer III: sync, version, layer, and no reserved bit rate or sampling."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, rate, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and rate not in (0, 15) and sampling != 3

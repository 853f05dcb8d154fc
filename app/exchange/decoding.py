"""From the bytes of a text file to its text, and the name of the encoding that it was in. Pure functions."""

from __future__ import annotations

import codecs

from app.exchange.errors import FileBrokenError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 (BOM)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16LE (BOM)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16BE (BOM)"),
)
_LOOKED_AT = 4096


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of the encoding). UTF-8, UTF-16 and GBK (as GB18030), the Unicode ones with or without a mark.

    Raises FileBrokenError(encoding_unknown) for what is none of them.
    """
    for bom, codec, name in _BOMS:
        if data.startswith(bom):
            return _strictly(data[len(bom) :], codec), name
    wide = _wide(data[:_LOOKED_AT])
    if wide:
        return _strictly(data, wide), wide.replace("utf-16-", "UTF-16").replace("le", "LE").replace("be", "BE")
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _strictly(data, "gb18030"), "GBK"


def _strictly(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise FileBrokenError("encoding_unknown") from error


def _wide(sample: bytes) -> str:
    """The codec of UTF-16 without a mark: digits, commas and line ends leave a zero in every other byte. "" for none."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    few = max(1, len(sample) // 20)
    if odd > few and even * 10 < odd:
        return "utf-16-le"
    if even > few and odd * 10 < even:
        return "utf-16-be"
    return ""

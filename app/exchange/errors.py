"""What may go wrong with an import as a whole. What is wrong with a row is no error but a note (notes.py)."""

from __future__ import annotations

from app.errors import SeatrushError


class ImportNotFoundError(SeatrushError):
    code = "import_not_found"
    status = 404
    zh = "没有这次导入。"
    en = "There is no such import."


class KindUnknownError(SeatrushError):
    code = "import_kind_unknown"
    status = 404
    zh = "没有这类数据。"
    en = "There is no such kind of data."


class ImportStateError(SeatrushError):
    """Data: `state` of the import."""

    code = "import_not_checked"
    status = 409
    zh = "只有检查完成、尚未执行的导入才能确认。"
    en = "Only an import that has been checked, and was not confirmed yet, can be confirmed."


class ImportFaultyError(SeatrushError):
    """Data: `errors`, how many rows are faulty. Confirm with `skip_errors` to leave them out."""

    code = "import_has_errors"
    status = 409
    zh = "有 {errors} 行有错误。请改正后重新上传，或选择跳过这些行。"
    en = "{errors} rows are faulty. Correct and upload again, or confirm without them."


class ImportEmptyError(SeatrushError):
    """There is no row that would change anything."""

    code = "import_changes_nothing"
    status = 409
    zh = "没有需要写入的行。"
    en = "There is no row that would change anything."


class FileTooLargeError(SeatrushError):
    """Data: `limit_mb`."""

    code = "file_too_large"
    status = 413
    zh = "文件过大，最多 {limit_mb} MB。请分成几份上传。"
    en = "The file is too large: {limit_mb} MB at most. Upload it in parts."


class FileBrokenError(Exception):
    """The file as a whole cannot be read; `note` and `data` are kept with the import (notes.py), nobody is refused."""

    def __init__(self, note: str, **data: object) -> None:
        super().__init__(note, data)
        self.note = note
        self.data = data

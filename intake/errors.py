"""Why a scan can't be turned into pages, or a folder not be watched."""

from __future__ import annotations

from models.errors import PaperclaimError, ScanError


class EncryptedPdfError(ScanError):
    """The PDF asks for a password."""

    code = "pdf.encrypted"
    remedy = "Save the PDF without a password, or ask the sender to."


class DynamicFormError(ScanError):
    """The PDF is a dynamic XFA form, which shows itself in Adobe's programs only."""

    code = "pdf.dynamic_form"
    remedy = "Open the form in Adobe Reader and print it to a PDF, or on paper."


class FilesInsideError(ScanError):
    """The PDF holds scans as files of their own: a portfolio, or PDFs one after the other."""

    code = "pdf.files_inside"
    remedy = "Save the files out of the PDF, and drop them in the inbox one by one."


class MorePicturesError(ScanError):
    """The JPEG or PNG holds further pictures as large as its first, which no program prints."""

    code = "scan.more_pictures"
    remedy = "Save each picture as a file of its own, or all of them as PDF or TIFF."


class BrokenScanError(ScanError):
    """The file is damaged or cut short."""

    code = "scan.broken"
    remedy = "Scan the paper again, or copy the file again: it may have been cut short."


class EmptyScanError(ScanError):
    """There is no page in the file."""

    code = "scan.empty"
    remedy = "Scan the paper again; the file holds no page."


class TooLargeError(ScanError):
    """A page or the file is larger than the limits allow."""

    code = "scan.too_large"
    remedy = "Scan at 300 dpi in smaller batches, or raise limits.pixels or limits.bytes."


class TooManyPagesError(ScanError):
    """The file has more pages than the limits allow."""

    code = "scan.too_many_pages"
    remedy = "Split the batch, or raise limits.pages."


class ScanTimeoutError(ScanError):
    """Decoding took longer than the limits allow."""

    code = "scan.timeout"
    remedy = "Scan the paper again as TIFF, or raise limits.seconds."


class ScanMemoryError(ScanError):
    """Decoding needed more memory than the limits allow."""

    code = "scan.memory"
    remedy = "Scan the paper again at 300 dpi, or raise limits.memory_mb."


class UnsupportedScanError(ScanError):
    """The file is none of the formats that we read."""

    code = "scan.unsupported"


class NoSuchPageError(ScanError):
    """The file has fewer pages than that."""

    code = "scan.no_such_page"
    remedy = "Ask for a page between 1 and the number of pages."


class DecoderError(ScanError):
    """The decoding child died or answered nonsense: a hostile file, or a fault in a library."""

    code = "scan.decoder"
    remedy = "Scan the paper again; if it happens with a good scan, keep the file for a bug report."


class FoldersOverlapError(PaperclaimError):
    """Two folders that must be apart lie in each other."""

    code = "intake.folders_overlap"
    remedy = (
        "Give inbox, outbox, quarantine, letters and the store folders of their own, side by side "
        "and beside `work`, `tmp`, `redis` and `profiles` in the data folder."
    )
    exit_code = 2


class FolderError(PaperclaimError):
    """A folder is not there, or can't be made."""

    code = "intake.folder"
    remedy = (
        "Mount the share that it lies on, or make the folder: outside the data folder none is made."
    )
    exit_code = 2


class TakeError(PaperclaimError):
    """A file of the inbox could not be taken."""

    code = "intake.take"
    remedy = (
        "It stays in the inbox and is tried again; check the rights and the room of the folder."
    )

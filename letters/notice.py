"""A notice by e-mail: that a letter waits, and nothing of what it says."""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from config.settings import Letters
from letters.errors import PostError, UnsureError
from letters.reference import long_day

#: seconds for each answer of the mail server
_PATIENCE: Final = 30.0
_PORTS: Final = {"smtp": 25, "smtps": 465}
_TEXT: Final = """\
Hello,

a letter about a claim that you sent us waits for you{where}.

    Our claim number: {dcn}
    Please answer by: {due}

For your patients' privacy this message says no more than that.{phone}

{payer}
"""


def message(house: Letters, address: str, dcn: str, due: dt.date, name: str) -> EmailMessage:
    """The notice of one letter.

    Args:
        house: the settings of letters.
        address: of the provider.
        dcn: control number of the claim.
        due: until when an answer is asked for.
        name: what its Message-ID is made of: the same letter has the same one, whenever it is sent.
    """
    made = EmailMessage()
    made["From"] = Address(house.payer, addr_spec=house.sender)
    made["To"] = address
    made["Subject"] = "A letter about a claim waits for you"
    made["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    made["Message-ID"] = f"<{name}@{house.sender.rpartition('@')[2] or 'localhost'}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(
        _TEXT.format(
            where=f" at {house.portal}" if house.portal else "",
            dcn=dcn,
            due=long_day(due),
            phone=f"\nQuestions? Call us: {house.phone}" if house.phone else "",
            payer=house.payer,
        )
    )
    return made


def send(house: Letters, made: EmailMessage) -> None:
    """Hand a message to the mail server.

    Raises:
        PostError: it surely did not take it.
        UnsureError: it may have, and did not say so.
    """
    url = urlsplit(house.smtp.get_secret_value())
    if url.scheme not in _PORTS or not url.hostname or not house.sender:
        raise PostError(
            "No mail server is set.", remedy="Set letters.smtp and letters.sender, and retry."
        )
    port = url.port or _PORTS[url.scheme]
    try:
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                url.hostname, port, timeout=_PATIENCE, context=context
            )
        else:
            server = smtplib.SMTP(url.hostname, port, timeout=_PATIENCE)
    except (OSError, smtplib.SMTPException) as error:
        raise PostError(f"The mail server does not answer ({type(error).__name__}).") from None
    try:
        _greet(server, unquote(url.username or ""), unquote(url.password or ""))
        server.send_message(made)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise PostError(f"The mail server refuses ({type(error).__name__}).") from None
    except (OSError, smtplib.SMTPException) as error:
        raise UnsureError(f"The mail server fell silent ({type(error).__name__}).") from None
    finally:
        # what it says to a farewell changes nothing
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def _greet(server: smtplib.SMTP, user: str, password: str) -> None:
    """Encrypt where the server can, and sign in where there is a name; never in the clear."""
    try:
        server.ehlo()
        secure = isinstance(server, smtplib.SMTP_SSL)
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            secure = True
        if user and not secure:
            raise PostError("The mail server offers no encryption, and a password is set.")
        if user:
            server.login(user, password)
    except (OSError, smtplib.SMTPException) as error:
        raise PostError(f"The mail server refuses ({type(error).__name__}).") from None

"""Errors of the HTTP API: RFC 9457 problem documents with our own codes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from models.dcn import DcnError
from models.errors import PaperclaimError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong: `code` is stable, `detail` is for people and holds no claim content."""

    type: str = Field(examples=["urn:paperclaim:error:api.token"])
    title: str
    status: int
    detail: str
    code: str


class ApiError(PaperclaimError):
    """A request to the API can't be answered."""

    code = "api"
    remedy = "See the API's description at /v1/openapi.json."
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST


class TokenError(ApiError):
    """The request brings no token that is valid."""

    code = "api.token"
    remedy = "Send `Authorization: Bearer TOKEN`; `paperclaim token add NAME` makes one."
    status = HTTPStatus.UNAUTHORIZED


class NotFoundError(ApiError):
    """There is no such claim, revision or page, or it is not delivered yet."""

    code = "api.not_found"
    remedy = "GET /v1/claims lists what was delivered."
    status = HTTPStatus.NOT_FOUND


class GoneError(ApiError):
    """A claim was delivered, and has been purged since."""

    code = "api.purged"
    remedy = "What was fetched before is all there is; its `sha256` stays in the list."
    status = HTTPStatus.GONE


class ParameterError(ApiError):
    """A parameter is not what the API's description asks for."""

    code = "api.parameter"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class CursorError(ApiError):
    """A cursor is ahead of everything that was delivered: the database is not the one it is of."""

    code = "api.cursor"
    remedy = (
        "The database was restored from a backup, or is another one: follow from 0 again, and "
        "leave out what you have, by `sha256`."
    )
    status = HTTPStatus.CONFLICT


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem document."""

    @app.exception_handler(PaperclaimError)
    def ours(_request: Request, error: PaperclaimError) -> JSONResponse:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        if isinstance(error, ApiError):
            status = error.status
        elif isinstance(error, DcnError):
            status = HTTPStatus.NOT_FOUND
        return answer(status, error.code, f"{error.message} {error.advice}")

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        where = sorted({str(part["loc"][-1]) for part in error.errors()})
        detail = f"Not valid: {', '.join(where)}. {ParameterError.remedy}"
        return answer(ParameterError.status, ParameterError.code, detail)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        return answer(status, f"http.{status.value}", status.phrase, error.headers)

    @app.exception_handler(Exception)
    def anything(_request: Request, _error: Exception) -> JSONResponse:
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "paperclaim", "The log says more.")


def answer(
    status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem document as a response; `headers` are what its status asks for, such as Allow."""
    problem = Problem(
        type=f"urn:paperclaim:error:{code}",
        title=status.phrase,
        status=status.value,
        detail=detail,
        code=code,
    )
    if status is HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(problem.model_dump(), status.value, headers, MEDIA_TYPE)

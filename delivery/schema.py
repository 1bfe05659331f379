"""The published JSON Schemas, from the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from delivery.api import openapi
from delivery.document import ClaimDocument
from models.reading import Reading

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[BaseModel], name: str) -> dict[str, Any]:
    """The JSON Schema of what `model` writes, named `name` (such as `claim/1`)."""
    body = model.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": DIALECT, "$id": f"urn:paperclaim:{name.replace('/', ':')}"} | body


def published() -> dict[str, str]:
    """Every schema file by its name, as text."""
    schemas = {
        "reading-1.json": schema_of(Reading, "reading/1"),
        "claim-1.json": schema_of(ClaimDocument, "claim/1"),
    }
    schemas["openapi.json"] = openapi()
    return {name: text(schema) for name, schema in schemas.items()}


def text(schema: dict[str, Any]) -> str:
    """A schema as it is written to its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"

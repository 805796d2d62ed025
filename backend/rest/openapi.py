"""OpenAPI 3.1 from the table of endpoints, and its page, which works without internet."""

from pathlib import Path
from typing import Any

import flask_swagger_ui
from quart import Quart, Response, send_from_directory
from quart_schema import Info, QuartSchema
from quart_schema.openapi import OpenAPIProvider

from shared import wire
from shared.endpoints import ENDPOINTS, Endpoint
from shared.ids import MAX_KEY
from shared.problems import STATUS, Code, ErrorBody
from shared.roles import Role, allows

ASSETS_PATH = "/api/docs/assets"
_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_DESCRIPTION = """
Create a stream, publish to its `rtmpUrl`, play its `hlsUrl`, chat and act over Socket.IO in the namespace `/live`.

Send a token as `Authorization: Bearer`. Without one the caller is a guest, known by `X-Session-Id`. Unknown fields
are ignored; wrong ones are refused with 400 and one entry in `errors` for each. Amounts are exact JSON numbers.
"""
_INFO = Info("Liveshop", "0.1.0", description=_DESCRIPTION.strip())


class ContractProvider(OpenAPIProvider):
    """Prints the shared table in place of what could be guessed from the routes."""

    def schema(self) -> dict[str, Any]:
        """The OpenAPI document."""
        bodies, answers = _types()
        found, components = wire.schemas([*bodies, *answers, ErrorBody])
        lookup = {_key(kind): schema for kind, schema in zip([*bodies, *answers, ErrorBody], found, strict=True)}
        paths: dict[str, dict[str, Any]] = {}
        for endpoint in ENDPOINTS:
            for path in (endpoint.path, *endpoint.aliases):
                operation = _operation(endpoint, lookup, components)
                if path != endpoint.path:
                    operation["operationId"] = f"{endpoint.name}ForAffiliate"
                paths.setdefault(endpoint.base + path, {})[endpoint.method.lower()] = operation
        return {
            "openapi": "3.1.0",
            "info": _INFO.schema(camelize=True),
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            },
        }


def bind(app: Quart) -> None:
    """Serve `/openapi.json` and `/api/docs`."""
    app.config["QUART_SCHEMA_SWAGGER_JS_URL"] = f"{ASSETS_PATH}/swagger-ui-bundle.js"
    app.config["QUART_SCHEMA_SWAGGER_CSS_URL"] = f"{ASSETS_PATH}/swagger-ui.css"
    QuartSchema(
        app,
        info=_INFO,
        openapi_path="/openapi.json",
        swagger_ui_path="/api/docs",
        redoc_ui_path=None,
        scalar_ui_path=None,
        openapi_provider_class=ContractProvider,
    )

    async def asset(name: str) -> Response:
        return await send_from_directory(_ASSETS, name)

    app.add_url_rule(f"{ASSETS_PATH}/<name>", "docs_asset", asset)


def _types() -> tuple[list[Any], list[Any]]:
    bodies = [kind for endpoint in ENDPOINTS for kind in (endpoint.body, endpoint.signed_body, endpoint.query) if kind]
    answers = [kind for endpoint in ENDPOINTS for kind in (endpoint.returns, *endpoint.or_returns)]
    return bodies, answers


def _key(kind: Any) -> str:
    return repr(kind)


def _operation(endpoint: Endpoint[Any], lookup: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint, lookup, components),
        "responses": _responses(endpoint, lookup),
        "security": [{}, {"bearer": []}] if _serves_guests(endpoint) else [{"bearer": []}],
    }
    if endpoint.needs:
        over = f" over the {endpoint.target}" if endpoint.target and not endpoint.listing else ""
        operation["description"] = f"Needs the permission `{endpoint.needs}`{over}."
    if body := endpoint.body or endpoint.signed_body:
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {"application/json": {"schema": lookup[_key(body)]}},
        }
    return operation


def _serves_guests(endpoint: Endpoint[Any]) -> bool:
    return endpoint.needs is None or allows(Role.GUEST, endpoint.needs)


def _headers(endpoint: Endpoint[Any]) -> list[dict[str, Any]]:
    """The request's headers that an operation looks at, beside the token."""
    found = []
    if endpoint.needs and _serves_guests(endpoint):
        found.append(_header("X-Session-Id", "A guest's session, where there is no token.", maxLength=128))
    if endpoint.idempotent:
        found.append(_header("Idempotency-Key", "The same key and body get the same answer.", maxLength=MAX_KEY))
    if endpoint.signed_body:
        signature = "`t=<unix seconds>,v1=<hex HMAC-SHA256 of '<unix seconds>.<raw body>'>`"
        found.append({**_header("Liveshop-Signature", signature), "required": True})
    return found


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string", **schema}}


def _parameters(endpoint: Endpoint[Any], lookup: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}} for name in names
    ]
    if endpoint.query is not None:
        reference = lookup[_key(endpoint.query)]["$ref"].rsplit("/", 1)[1]
        members = components[reference]["properties"]
        found += [{"name": name, "in": "query", "schema": schema} for name, schema in members.items()]
    return found + _headers(endpoint)


def _responses(endpoint: Endpoint[Any], lookup: dict[str, Any]) -> dict[str, Any]:
    shapes = [lookup[_key(kind)] for kind in (endpoint.returns, *endpoint.or_returns)]
    schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    responses: dict[str, Any] = {
        str(int(endpoint.status)): {
            "description": endpoint.status.phrase,
            "content": {"application/json": {"schema": schema}},
        }
    }
    for status, codes in sorted(_refusals(endpoint).items()):
        responses[str(status)] = {
            "description": " or ".join(f"`{code}`" for code in codes),
            "content": {"application/json": {"schema": lookup[_key(ErrorBody)]}},
        }
    return responses


def _refusals(endpoint: Endpoint[Any]) -> dict[int, list[str]]:
    codes = [*endpoint.problems, Code.UNAUTHORIZED]
    if endpoint.needs:
        codes.append(Code.FORBIDDEN)
    body = endpoint.body or endpoint.signed_body
    if body or endpoint.query:
        codes.append(Code.VALIDATION_FAILED)
    if body:
        codes += [Code.MALFORMED_BODY, Code.TOO_LARGE]
    if "{" in endpoint.path:
        codes.append(Code.NOT_FOUND)
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        found.setdefault(int(STATUS[code]), []).append(code)
    return found

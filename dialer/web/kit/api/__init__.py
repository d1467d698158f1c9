"""The API's framework: routes with types, their dispatcher, the OpenAPI document, the live events."""

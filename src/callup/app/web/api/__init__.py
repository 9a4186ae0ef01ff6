"""The interface for programs, ``/api/v1``: the same acts as the pages, as JSON, described by OpenAPI and refused in RFC 9457 problems."""

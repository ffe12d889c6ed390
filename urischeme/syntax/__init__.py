"""Text in, text out: RFC 3986 without I/O, registry or clock."""

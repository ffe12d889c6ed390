"""What is printed of a text that was accepted: everything but its password (RFC 3986 section 7.5)."""

from __future__ import annotations

from urischeme.display import mask_password, mask_refused
from urischeme.errors import ParseError
from urischeme.syntax.uri import Reference, parse_reference


def hide_password(text: str) -> str:
    """An accepted reference or target with its password masked.

    >>> hide_password("ftp://ada:s3cret@h/a:b@c"), hide_password("mailto:a:b@c")
    ('ftp://ada:***@h/a:b@c', 'mailto:a:b@c')
    """
    if "@" not in text:
        return text
    try:
        userinfo = parse_reference(text, zone_ids=True).userinfo
    except ParseError:
        return mask_refused(text)  # a target may be what is no reference
    if userinfo is None:
        return text
    return text.replace(f"//{userinfo}@", f"//{mask_password(userinfo)}@", 1)


def without_password(reference: Reference) -> Reference:
    """A reference whose text, and so each of its components, has the password masked."""
    text = str(reference)
    hidden = hide_password(text)
    # The mask is made of characters that a userinfo may have: what comes out is a reference again.
    return reference if hidden == text else parse_reference(hidden, zone_ids=True)

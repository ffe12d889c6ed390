r"""RFC 3986 Appendix A as regular expressions, read from its last line to its first.

Above each name stands the rule it is; a reader checks one against the other by eye. Two notations serve them all:

* A rule that is a choice of single characters is the inside of a character class: `PCHAR` is used as `[{PCHAR}]`.
* `pct-encoded` stands in such a class as a bare `%`. That two hexadecimal digits follow it is asked once, of the whole
  text, by `BAD_PCT_ENCODED`: a hexadecimal digit is no delimiter, so the three always stand in one component. So every
  repeat is over a single class, possessive, and keeps no memory of its steps.

Repeats are possessive over single classes only: a possessive *group* matches wrongly on CPython before 3.11.5
(gh-106052), and Debian 12 ships 3.11.2.
"""

from __future__ import annotations

# ALPHA, DIGIT and HEXDIG are RFC 5234's core rules. HEXDIG is of both cases: ABNF literals are (RFC 5234 section 2.3).
ALPHA = "A-Za-z"
DIGIT = "0-9"
HEXDIG = "0-9A-Fa-f"

# sub-delims    = "!" / "$" / "&" / "'" / "(" / ")"
#               / "*" / "+" / "," / ";" / "="
SUB_DELIMS = "!$&'()*+,;="

# gen-delims    = ":" / "/" / "?" / "#" / "[" / "]" / "@"
# reserved      = gen-delims / sub-delims
# (no rule below uses these two)

# unreserved    = ALPHA / DIGIT / "-" / "." / "_" / "~"
UNRESERVED = rf"{ALPHA}{DIGIT}\-._~"

# pct-encoded   = "%" HEXDIG HEXDIG
PCT_ENCODED = "%"
BAD_PCT_ENCODED = rf"%(?![{HEXDIG}][{HEXDIG}])"

# pchar         = unreserved / pct-encoded / sub-delims / ":" / "@"
PCHAR = f"{UNRESERVED}{PCT_ENCODED}{SUB_DELIMS}:@"

# fragment      = *( pchar / "/" / "?" )
FRAGMENT = f"[{PCHAR}/?]*+"

# query         = *( pchar / "/" / "?" )
QUERY = f"[{PCHAR}/?]*+"

# segment       = *pchar
# segment-nz    = 1*pchar
# segment-nz-nc = 1*( unreserved / pct-encoded / sub-delims / "@" )
#               ; non-zero-length segment without any colon ":"
#
# path          = path-abempty    ; begins with "/" or is empty
#               / path-absolute   ; begins with "/" but not "//"
#               / path-noscheme   ; begins with a non-colon segment
#               / path-rootless   ; begins with a segment
#               / path-empty      ; zero characters
#
# path-abempty  = *( "/" segment )
# path-absolute = "/" [ segment-nz *( "/" segment ) ]
# path-noscheme = segment-nz-nc *( "/" segment )
# path-rootless = segment-nz *( "/" segment )
# path-empty    = 0<pchar>
#
# All five are runs of the same characters. What sets them apart is what may come first, and URI_REFERENCE looks at that
# where it knows the scheme and the authority: AFTER_AUTHORITY, WITHOUT_AUTHORITY, WITHOUT_SCHEME.
PATH = f"[{PCHAR}/]*+"

# reg-name      = *( unreserved / pct-encoded / sub-delims )
REG_NAME_CHAR = f"{UNRESERVED}{PCT_ENCODED}{SUB_DELIMS}"
REG_NAME = f"[{REG_NAME_CHAR}]*+"

# dec-octet     = DIGIT                 ; 0-9
#               / %x31-39 DIGIT         ; 10-99
#               / "1" 2DIGIT            ; 100-199
#               / "2" %x30-34 DIGIT     ; 200-249
#               / "25" %x30-35          ; 250-255
# (the longest first, as the first that fits is taken)
DEC_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"

# IPv4address   = dec-octet "." dec-octet "." dec-octet "." dec-octet
IPV4_ADDRESS = rf"{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}"

# h16           = 1*4HEXDIG
#               ; 16 bits of address represented in hexadecimal
H16 = f"[{HEXDIG}]{{1,4}}"

# ls32          = ( h16 ":" h16 ) / IPv4address
#               ; least-significant 32 bits of address
LS32 = f"(?:{H16}:{H16}|{IPV4_ADDRESS})"

IPV6_ADDRESS = (
    # IPv6address =                            6( h16 ":" ) ls32
    rf"(?:(?:{H16}:){{6}}{LS32}"
    #             /                       "::" 5( h16 ":" ) ls32
    rf"|::(?:{H16}:){{5}}{LS32}"
    #             / [               h16 ] "::" 4( h16 ":" ) ls32
    rf"|(?:{H16})?::(?:{H16}:){{4}}{LS32}"
    #             / [ *1( h16 ":" ) h16 ] "::" 3( h16 ":" ) ls32
    rf"|(?:(?:{H16}:){{0,1}}{H16})?::(?:{H16}:){{3}}{LS32}"
    #             / [ *2( h16 ":" ) h16 ] "::" 2( h16 ":" ) ls32
    rf"|(?:(?:{H16}:){{0,2}}{H16})?::(?:{H16}:){{2}}{LS32}"
    #             / [ *3( h16 ":" ) h16 ] "::"    h16 ":"   ls32
    rf"|(?:(?:{H16}:){{0,3}}{H16})?::{H16}:{LS32}"
    #             / [ *4( h16 ":" ) h16 ] "::"              ls32
    rf"|(?:(?:{H16}:){{0,4}}{H16})?::{LS32}"
    #             / [ *5( h16 ":" ) h16 ] "::"              h16
    rf"|(?:(?:{H16}:){{0,5}}{H16})?::{H16}"
    #             / [ *6( h16 ":" ) h16 ] "::"
    rf"|(?:(?:{H16}:){{0,6}}{H16})?::)"
)

# IPvFuture     = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
IPVFUTURE = rf"[vV][{HEXDIG}]++\.[{UNRESERVED}{SUB_DELIMS}:]++"

# IP-literal    = "[" ( IPv6address / IPvFuture  ) "]"
IP_LITERAL = rf"\[(?:{IPV6_ADDRESS}|{IPVFUTURE})\]"

# RFC 6874 section 2, where it is asked for:
#   IP-literal  = "[" ( IPv6address / IPv6addrz / IPvFuture  ) "]"
#   ZoneID      = 1*( unreserved / pct-encoded )
#   IPv6addrz   = IPv6address "%25" ZoneID
ZONE_ID = f"[{UNRESERVED}{PCT_ENCODED}]++"
IP_LITERAL_WITH_ZONE = rf"\[(?:{IPV6_ADDRESS}(?:%25{ZONE_ID})?|{IPVFUTURE})\]"

# port          = *DIGIT
PORT = f"[{DIGIT}]*+"

# userinfo      = *( unreserved / pct-encoded / sub-delims / ":" )
USERINFO = f"[{UNRESERVED}{PCT_ENCODED}{SUB_DELIMS}:]*+"

# scheme        = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
SCHEME = rf"[{ALPHA}][{ALPHA}{DIGIT}+\-.]*+"

# relative-part = "//" authority path-abempty
#               / path-absolute
#               / path-noscheme
#               / path-empty
# hier-part     = "//" authority path-abempty
#               / path-absolute
#               / path-rootless
#               / path-empty
AFTER_AUTHORITY = "(?![^/?#])"  # path-abempty begins with "/" or is empty
WITHOUT_AUTHORITY = "(?!//)"  # path-absolute does not begin with "//"
WITHOUT_SCHEME = r"(?![^:/?#]*+:)"  # path-noscheme has no colon in its first segment


# path [ "?" query ] [ "#" fragment ]: three groups. An optional part is an alternative with an empty second branch, so
# that no group ever repeats.
PATH_AND_REST = rf"({PATH})(?:\?({QUERY})|)(?:#({FRAGMENT})|)"


def authority(ip_literal: str) -> str:
    """The expression for `authority`, with the given `IP-literal`; three groups: userinfo, host, port."""
    # host          = IP-literal / IPv4address / reg-name
    # (every IPv4address is a reg-name too: which of the two it is, is asked when somebody wants to know)
    host = f"{ip_literal}|{REG_NAME}"
    # authority     = [ userinfo "@" ] host [ ":" port ]
    return f"(?:({USERINFO})@|)({host})(?::({PORT})|)"


def uri_reference(ip_literal: str) -> str:
    """The expression for `URI-reference`, with the given `IP-literal`; seven groups.

    Scheme, userinfo, host, port, path, query, fragment.
    """
    # URI           = scheme ":" hier-part [ "?" query ] [ "#" fragment ]
    # relative-ref  = relative-part [ "?" query ] [ "#" fragment ]
    # URI-reference = URI / relative-ref
    return (
        f"(?:({SCHEME}):|{WITHOUT_SCHEME})"
        f"(?://{authority(ip_literal)}{AFTER_AUTHORITY}|{WITHOUT_AUTHORITY})"
        f"{PATH_AND_REST}"
    )

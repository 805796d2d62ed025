"""Network addresses, as far as they stand for somebody."""

import ipaddress

V6_HOME = 64
"""Bits of an IPv6 address that one household has in common: it may use all of the rest."""


def household(address: str) -> str:
    """Who is counted under an address: an IPv4 address itself, of IPv6 the network that one subscriber is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, V6_HOME), strict=False).network_address)

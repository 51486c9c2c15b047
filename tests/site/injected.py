"""Numbers that nobody computed, put into a page at chosen kinds of places."""

import random

from lxml import html

KINDS = {
    "sentence": "//main//p",
    "cell": "//main//td",
    "header": "//main//th",
    "caption": "//main//caption",
    "title of a picture": "//main//*[local-name()='svg']/*[local-name()='title']",
    "text of a picture": "//main//*[local-name()='svg']//*[local-name()='text']",
    "list": "//main//li",
    "alternative text": "//main//img[@alt]",
    "label": "//main//*[@aria-label]",
    "fold": "//main//summary",
    "heading": "//h1|//h2",
    "first screen": "//section[contains(@class, 'answer')]//*[self::p or self::strong]",
    "navigation": "//nav//a",
    "footer": "//footer//p",
    "description": "//meta[@name='description']",
    "title": "//title",
}
ATTRIBUTES = {"alternative text": "alt", "label": "aria-label", "description": "content"}


def injected(page, kind, number, seed=1):
    """Return the page with `number` at a random place of a kind; None where it has no such place."""
    root = html.document_fromstring(page)
    found = root.xpath(KINDS[kind])
    if not found:
        return None
    place, name = random.Random(seed).choice(found), ATTRIBUTES.get(kind)
    if name:
        place.set(name, f"{place.get(name) or ''} {number}")
    elif len(place):
        place[-1].tail = f"{place[-1].tail or ''} {number}"
    else:
        place.text = f"{place.text or ''} {number}"
    return "<!DOCTYPE html>\n" + html.tostring(root, encoding="unicode")

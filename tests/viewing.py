"""What a test sees on the viewer's page."""

# A model's label, and a caption, that would break a page that took them for HTML.
NASTY = "</script><b>bold</b>"


def shown(page, canvas):
    return page.evaluate("id => document.getElementById(id).toDataURL()", canvas)


def chosen(page, side):
    return page.locator(f"#{side} option:checked").text_content()

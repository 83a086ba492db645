"""Reads a mail as a mail program does, with Python's own parsers (email, html.parser).

Takes {"head": header lines, "text": …, "html": …} on standard input, puts the mail together as a mail service would that
escapes nothing, and answers what is in it: {"headers": [[name, value], …], "defects": […], "text": …, "html":
{"shown": …, "links": […], "tags": […]}}.
"""

import base64
import json
import sys
from email import message_from_string, policy
from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page shows in its body, where its links lead, and of which elements it is made."""

    def __init__(self):
        super().__init__()
        self.shown, self.links, self.tags, self.attributes, self.inside = "", [], [], [], False

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attributes]
        self.links += [value for name, value in attributes if name in ("href", "src", "action")]
        self.inside = self.inside or tag == "body"
        if tag == "br":
            self.shown += "\n"

    def handle_data(self, data):
        if self.inside:
            self.shown += data


def part(kind, content):
    encoded = base64.encodebytes(content.encode()).decode()
    return f'--limit\r\nContent-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n'


sent = json.load(sys.stdin)
mime = 'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="limit"\r\n\r\n'
raw = sent["head"].rstrip("\r\n") + "\r\n" + mime + part("plain", sent["text"]) + part("html", sent["html"]) + "--limit--\r\n"
mail = message_from_string(raw, policy=policy.default)
assert mail.get_content_type() == "multipart/alternative", mail.get_content_type()
parts = list(mail.iter_parts())
assert [one.get_content_type() for one in parts] == ["text/plain", "text/html"], parts
text, html = [one.get_payload(decode=True).decode(one.get_content_charset()) for one in parts]
page = Page()
page.feed(html)
page.close()
print(
    json.dumps(
        {
            "headers": [[name, str(value)] for name, value in mail.items()],
            "defects": [str(defect) for one in mail.walk() for defect in one.defects],
            "text": text,
            "html": {"shown": page.shown, "links": page.links, "tags": page.tags, "attributes": page.attributes},
        }
    )
)

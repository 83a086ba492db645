//! An email message, built from plain text and rendered as text and HTML.

use sluice_values::Email;

/// The longest subject, in characters: twice an alert's subject, to leave room for its placeholders' values.
const LONGEST_SUBJECT: usize = 400;
/// The longest id that Resend accepts as an idempotency key, in characters.
const LONGEST_ID: usize = 256;

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    id: String,
    to: Email,
    subject: String,
    body: String,
    link: Option<Link>,
    unsubscribe: Option<String>,
}

/// A link for the recipient to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    label: String,
    url: String,
}

impl Mail {
    /// A message with this body. A provider that supports it sends messages with the same `id` once.
    pub fn new(id: impl AsRef<str>, to: Email, subject: &str, body: impl Into<String>) -> Self {
        let subject: String = one_line(subject).chars().take(LONGEST_SUBJECT).collect();
        let subject = if subject.is_empty() { "(no subject)".to_owned() } else { subject };
        let id = id.as_ref().chars().filter(char::is_ascii_graphic).take(LONGEST_ID).collect();
        Self { id, to, subject, body: body.into(), link: None, unsubscribe: None }
    }

    /// Adds a link below the body.
    #[must_use]
    pub fn with_link(mut self, label: &str, url: &str) -> Self {
        self.link = Some(Link { label: one_line(label), url: address(url) });
        self
    }

    /// Adds a link that unsubscribes ([`super::unsubscribe::link`]), in both parts and in the headers.
    #[must_use]
    pub fn with_unsubscribe(mut self, url: &str) -> Self {
        self.unsubscribe = Some(address(url));
        self
    }

    /// The id: messages with the same id are the same message.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn to(&self) -> &Email {
        &self.to
    }

    /// The subject: one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The plain-text part. It begins with the body, unchanged.
    pub fn text(&self) -> String {
        let link = self.link.as_ref().map(|Link { label, url }| format!("\n\n{label}: {url}")).unwrap_or_default();
        // Two hyphens and a space mark a footer for mail programs.
        let footer = self.unsubscribe.as_ref().map(|url| format!("\n\n-- \nUnsubscribe: {url}\n")).unwrap_or_default();
        format!("{}{link}{footer}", self.body)
    }

    /// The HTML part.
    pub fn html(&self) -> String {
        let paragraph =
            |Link { label, url }: &Link| format!("<p><a href=\"{}\">{}</a></p>\n", escape(url), escape(label));
        let link = self.link.as_ref().map(paragraph).unwrap_or_default();
        let footer = self.unsubscribe.as_ref().map(|url| {
            let paragraph = paragraph(&Link { label: "Unsubscribe".to_owned(), url: url.clone() });
            format!("<hr>\n{paragraph}")
        });
        format!(
            "<!doctype html>\n<html>\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n\
             <p style=\"white-space: pre-wrap\">{}</p>\n{link}{}</body>\n</html>\n",
            escape(&self.subject),
            escape(&self.body.replace("\r\n", "\n").replace('\r', "\n")).replace('\n', "<br>"),
            footer.unwrap_or_default(),
        )
    }

    /// The headers in addition to those of every message. All three ways of sending accept them.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        // RFC 3834: keeps vacation responders from answering.
        let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
        if let Some(url) = &self.unsubscribe {
            headers.push(("List-Unsubscribe", format!("<{url}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }
}

/// The text on one line: line breaks and other control characters, which could inject a header, become spaces.
pub fn one_line(text: &str) -> String {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    text.split(breaks).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// A URL for a header, between angle brackets. The gateway's own URLs contain no other characters.
fn address(url: &str) -> String {
    url.chars().filter(|character| character.is_ascii_graphic() && !matches!(character, '<' | '>')).collect()
}

/// Escapes text for HTML, in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(character),
            // Not allowed in HTML, even escaped.
            character if character.is_control() => html.push('\u{fffd}'),
            character => html.push(character),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mail(subject: &str, body: &str) -> Mail {
        Mail::new("alert/1", "jane@example.com".parse().unwrap(), subject, body)
    }

    #[test]
    fn both_parts_have_the_same_text_and_end_with_the_unsubscribe_link() {
        let mail =
            mail("Signup", "5 > 3 & \"so\" on\n\n<b>Bye</b>").with_unsubscribe("https://s.example/unsubscribe/x");
        assert_eq!(
            mail.text(),
            "5 > 3 & \"so\" on\n\n<b>Bye</b>\n\n-- \nUnsubscribe: https://s.example/unsubscribe/x\n"
        );
        let html = mail.html();
        assert!(html.contains("5 &gt; 3 &amp; &quot;so&quot; on<br><br>&lt;b&gt;Bye&lt;/b&gt;</p>"), "{html}");
        assert!(html.contains("<a href=\"https://s.example/unsubscribe/x\">Unsubscribe</a>"), "{html}");
        assert_eq!(
            mail.headers().split_off(1),
            [
                ("List-Unsubscribe", "<https://s.example/unsubscribe/x>".to_owned()),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ]
        );
    }

    #[test]
    fn a_message_without_an_unsubscribe_link_has_none_anywhere() {
        let mail = mail("Signup", "Somebody signed up. ").with_link("Accept", "https://s.example/i?code=x&y");
        assert_eq!(mail.text(), "Somebody signed up. \n\nAccept: https://s.example/i?code=x&y");
        assert!(mail.html().contains("<a href=\"https://s.example/i?code=x&amp;y\">Accept</a>"));
        assert_eq!(mail.headers(), [("Auto-Submitted", "auto-generated".to_owned())]);
    }

    #[test]
    fn a_subject_is_one_line_and_otherwise_unchanged() {
        for (sent, shown) in [
            ("  New  signup 🎉 ", "New  signup 🎉"),
            ("A\r\nBcc: eve@example.com", "A Bcc: eve@example.com"),
            ("A\u{0}\u{85}\u{2028}B\tC", "A B C"),
            ("\r\n", "(no subject)"),
        ] {
            assert_eq!(mail(sent, "x").subject(), shown);
        }
        assert_eq!(mail(&"é".repeat(500), "x").subject().chars().count(), LONGEST_SUBJECT);
    }

    #[test]
    fn an_id_fits_a_header() {
        let to: Email = "jane@example.com".parse().unwrap();
        assert_eq!(Mail::new("a\r\nb: ü/1", to.clone(), "x", "x").id(), "ab:/1");
        assert_eq!(Mail::new("x".repeat(300), to, "x", "x").id().len(), LONGEST_ID);
    }

    /// Any text, half of it made to break out of its context.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![".*", "[\r\n\u{0}\u{85}\u{2028}\t<>\"'&:; A-Za-z@.-]{0,200}", any::<String>()]
    }

    proptest! {
        #[test]
        fn no_text_ends_a_header(subject in hostile(), id in hostile(), url in hostile()) {
            let mail = Mail::new(id, "jane@example.com".parse().unwrap(), &subject, "x").with_unsubscribe(&url);
            let fits = |text: &str| !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
            prop_assert!(fits(mail.subject()) && !mail.subject().is_empty());
            prop_assert!(fits(mail.id()) && mail.id().len() <= LONGEST_ID);
            for (name, value) in mail.headers() {
                prop_assert!(fits(name) && fits(&value));
                prop_assert_eq!(value.matches(['<', '>']).count(), if name == "List-Unsubscribe" { 2 } else { 0 });
            }
        }

        #[test]
        fn the_text_begins_with_the_unchanged_body(body in hostile(), url in hostile()) {
            prop_assert!(mail("x", &body).with_unsubscribe(&url).text().starts_with(&body));
            prop_assert_eq!(mail("x", &body).text(), body);
        }

        #[test]
        fn no_text_opens_an_element(subject in hostile(), body in hostile(), label in hostile(), url in hostile()) {
            let tags = |mail: Mail| mail.html().replace("<br>", "").matches('<').count();
            let plain = tags(mail("x", "x").with_link("x", "x").with_unsubscribe("x"));
            prop_assert_eq!(tags(mail(&subject, &body).with_link(&label, &url).with_unsubscribe(&url)), plain);
            let escaped = escape(&body);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }
    }
}

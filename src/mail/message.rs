//! A message: made of plain text, and shown as text and as HTML.

use sluice_values::Email;

/// Characters in the longest subject: twice what an alert may have, for what its placeholders bring.
const LONGEST_SUBJECT: usize = 400;
/// Characters in the longest id that Resend takes as a key.
const LONGEST_ID: usize = 256;

/// A message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    id: String,
    to: Email,
    subject: String,
    body: String,
    link: Option<Link>,
    unsubscribe: Option<String>,
}

/// Something for the receiver to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    label: String,
    url: String,
}

impl Mail {
    /// A message that says `body`. Where it is handed in twice under one `id`, a service that can tell sends it once.
    pub fn new(id: impl AsRef<str>, to: Email, subject: &str, body: impl Into<String>) -> Self {
        let subject: String = one_line(subject).chars().take(LONGEST_SUBJECT).collect();
        let subject = if subject.is_empty() { "(no subject)".to_owned() } else { subject };
        let id = id.as_ref().chars().filter(char::is_ascii_graphic).take(LONGEST_ID).collect();
        Self { id, to, subject, body: body.into(), link: None, unsubscribe: None }
    }

    /// The same with a link below what it says.
    #[must_use]
    pub fn with_link(mut self, label: &str, url: &str) -> Self {
        self.link = Some(Link { label: one_line(label), url: address(url) });
        self
    }

    /// The same with a link that stops such messages ([`super::unsubscribe::link`]), in both parts and in the headers.
    #[must_use]
    pub fn with_unsubscribe(mut self, url: &str) -> Self {
        self.unsubscribe = Some(address(url));
        self
    }

    /// What makes it the same message, however often it is handed in.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whom it is for.
    pub fn to(&self) -> &Email {
        &self.to
    }

    /// The subject: one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The part in plain text. It begins with the body, to the letter.
    pub fn text(&self) -> String {
        let link = self.link.as_ref().map(|Link { label, url }| format!("\n\n{label}: {url}")).unwrap_or_default();
        // Two hyphens and a space are how mail programs know a footer.
        let footer = self.unsubscribe.as_ref().map(|url| format!("\n\n-- \nUnsubscribe: {url}\n")).unwrap_or_default();
        format!("{}{link}{footer}", self.body)
    }

    /// The part in HTML.
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

    /// The headers beside those that every mail has. All three ways out take these, and no others are needed.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        // RFC 3834: nobody's absence notice has to answer it.
        let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
        if let Some(url) = &self.unsubscribe {
            headers.push(("List-Unsubscribe", format!("<{url}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }
}

/// The text on one line: line breaks and other control characters, of which a header could be made, become a space.
pub fn one_line(text: &str) -> String {
    let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    text.split(breaks).filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// An address as it may stand in a header between angle brackets. Ours are made of nothing else.
fn address(url: &str) -> String {
    url.chars().filter(|character| character.is_ascii_graphic() && !matches!(character, '<' | '>')).collect()
}

/// The text as HTML shows it, in an element or in a quoted attribute.
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
            // Not allowed in HTML, escaped or not.
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
    fn both_parts_say_the_same_and_end_with_the_way_out() {
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
    fn without_a_way_out_there_is_none() {
        let mail = mail("Signup", "Somebody signed up. ").with_link("Accept", "https://s.example/i?code=x&y");
        assert_eq!(mail.text(), "Somebody signed up. \n\nAccept: https://s.example/i?code=x&y");
        assert!(mail.html().contains("<a href=\"https://s.example/i?code=x&amp;y\">Accept</a>"));
        assert_eq!(mail.headers(), [("Auto-Submitted", "auto-generated".to_owned())]);
    }

    #[test]
    fn a_subject_is_one_line_and_otherwise_kept() {
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

    /// Any text, of which half is made to break out of something.
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
        fn the_text_begins_with_the_body_to_the_letter(body in hostile(), url in hostile()) {
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

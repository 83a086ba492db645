//! A name as strangers may see it in a mail: on one line, short, and nothing but what it shows.

/// Characters of the longest name.
const LONGEST: usize = 40;

/// The name on one line in at most 40 characters, without characters that are invisible or that turn or hide their neighbours.
pub fn plain_name(name: &str) -> String {
    let shown = name.chars().filter_map(|character| match character {
        character if is_hidden(character) => None,
        character if character.is_whitespace() || character.is_control() => Some(' '),
        character => Some(character),
    });
    let shown: String = shown.collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}

/// Whether nothing of this character is seen but its effect on others: Unicode's format characters (Cf), the other
/// `Default_Ignorable_Code_Point` ranges, what has no glyph of its own, and what no standard says the look of (Co, noncharacters).
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_says_only_what_it_shows() {
        for (sent, shown) in [
            ("Jane Doe", "Jane Doe"),
            ("José Ñuñez-Größe 注册 🎉", "José Ñuñez-Größe 注册 🎉"),
            ("\u{202e}moc.elpmaxe\u{202c} Payroll", "moc.elpmaxe Payroll"),
            ("J\u{200b}a\u{200d}n\u{2060}e\u{feff}", "Jane"),
            ("A\r\nBcc: x\u{2028}B\u{85}C\u{0}D", "A Bcc: x B C D"),
            (" \u{a0}\u{3000}\u{2003}A \u{1680} B\t", "A B"),
            ("x\u{e0041}\u{e007f}\u{fe0f}\u{e0100}", "x"),
            ("\u{3164}\u{115f}\u{ffa0}\u{2800}\u{ad}", ""),
            ("\u{2066}a\u{2069}\u{61c}\u{200e}\u{200f}", "a"),
        ] {
            assert_eq!(plain_name(sent), shown, "{sent:?}");
        }
        assert_eq!(plain_name(&"é".repeat(100)).chars().count(), 40);
        assert_eq!(plain_name(&format!("{} B", "A".repeat(39))), "A".repeat(39));
    }

    proptest! {
        #[test]
        fn no_name_has_more_than_it_shows(name in any::<String>(), hidden in "[\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}\\u{2060}-\\u{2069}\\u{e0001}-\\u{e007f}]{0,9}") {
            let shown = plain_name(&format!("{hidden}{name}{hidden}"));
            prop_assert_eq!(&shown, &plain_name(&name));
            prop_assert!(shown.chars().count() <= 40 && shown.trim() == shown);
            prop_assert!(!shown.chars().any(|character| is_hidden(character) || character.is_control()));
            prop_assert_eq!(plain_name(&shown), shown);
        }
    }
}

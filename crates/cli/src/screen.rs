//! The terminal: what is one, how wide it is, colour, and the way to stdout and stderr.

use std::env;
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdin, stdout};

use crate::failure::{Failure, Outcome};

/// The width of a table that no terminal limits.
const WIDTH: u16 = 80;

/// How a command speaks to whoever called it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Whether stdout is a terminal.
    pub terminal: bool,
    pub colour: bool,
    /// Whether questions may be asked.
    pub prompts: bool,
    pub width: u16,
}

impl Screen {
    pub fn new(no_color: bool, no_input: bool) -> Self {
        let terminal = stdout().is_terminal();
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            terminal,
            colour: terminal && !no_color && !is_set("NO_COLOR") && !is_dumb,
            prompts: terminal && stdin().is_terminal() && !is_set("CI") && !no_input,
            width: crossterm::terminal::size().map_or(WIDTH, |(columns, _)| if columns == 0 { WIDTH } else { columns }),
        }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// A block in a colour such as `#8dcdff`.
    pub fn swatch(self, hex: &str) -> String {
        let part = |from: usize| hex.get(from..from + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (part(1), part(3), part(5)) {
            (Some(red), Some(green), Some(blue)) => self.paint(&format!("48;2;{red};{green};{blue}"), "  "),
            _ => "  ".to_owned(),
        }
    }
}

/// Writes to stdout. A reader that has gone, as `head` does, is no failure.
pub fn print(text: &str) -> Outcome {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(format!("stdout: {error}"))),
        _ => Ok(()),
    }
}

/// What is piped in. A terminal would echo it, and nobody would know that it is waited for.
pub fn piped(flag: &str) -> Outcome<String> {
    if stdin().is_terminal() {
        return Err(Failure::usage(format!("{flag} reads stdin, which is a terminal")));
    }
    std::io::read_to_string(stdin()).map_err(|error| Failure::failed(format!("stdin: {error}")))
}

/// Says something beside the data.
pub fn note(text: &str) {
    let _ = writeln!(stderr(), "{}", plain(text));
}

/// Text without what would move the cursor or change colours: it may come from a visitor.
pub fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\n' { '\u{fffd}' } else { char }).collect()
}

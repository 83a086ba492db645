//! What is read of a connection's past, as a queue message names it.

use std::fmt;
use std::str::FromStr;

use sluice_providers::ledger::Origin;
use sluice_providers::provider::Provider;
use sluice_values::WebsiteId;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All there is.
    Import,
    /// What changed in the last three days.
    Sweep,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Import, Self::Sweep];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sweep => "sweep",
        }
    }

    pub const fn origin(self) -> Origin {
        match self {
            Self::Import => Origin::Import,
            Self::Sweep => Origin::Sweep,
        }
    }
}

/// Names what is read of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub website: WebsiteId,
    pub provider: Provider,
    pub kind: Kind,
}

impl fmt::Display for Past {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}:{}", self.kind.as_str(), self.website, self.provider)
    }
}

impl FromStr for Past {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split(':');
        let (kind, website, provider) = (parts.next(), parts.next(), parts.next());
        let kind = Kind::ALL.into_iter().find(|known| Some(known.as_str()) == kind).ok_or(())?;
        let website = website.and_then(|id| id.parse().ok()).ok_or(())?;
        let provider = provider.and_then(|name| name.parse().ok()).ok_or(())?;
        if parts.next().is_some() { Err(()) } else { Ok(Self { website, provider, kind }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_a_connection_and_what_is_read_of_it() {
        let website: WebsiteId = "665f0b3c4d2e1a0012345678".parse().unwrap();
        for kind in Kind::ALL {
            let past = Past { website, provider: Provider::LemonSqueezy, kind };
            assert_eq!(past.to_string().parse(), Ok(past));
        }
        for wrong in [
            "",
            "import",
            "import:665f0b3c4d2e1a0012345678",
            "import:x:stripe",
            "export:665f0b3c4d2e1a0012345678:stripe",
        ] {
            assert_eq!(wrong.parse::<Past>(), Err(()), "{wrong}");
        }
        assert_eq!("import:665f0b3c4d2e1a0012345678:stripe:x".parse::<Past>(), Err(()));
    }
}

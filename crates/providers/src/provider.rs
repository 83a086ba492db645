//! The six payment providers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A payment provider. Its name is in paths, in records and in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Shopify,
    WooCommerce,
    Stripe,
    LemonSqueezy,
    Polar,
    Paddle,
}

impl Provider {
    /// Shops first: a shop keeps the row of a payment that its processor tells of too (docs/contract/providers.md#2.2).
    pub const ALL: [Self; 6] =
        [Self::Shopify, Self::WooCommerce, Self::Stripe, Self::LemonSqueezy, Self::Polar, Self::Paddle];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::Stripe => "stripe",
            Self::LemonSqueezy => "lemonsqueezy",
            Self::Polar => "polar",
            Self::Paddle => "paddle",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shopify => "Shopify",
            Self::WooCommerce => "WooCommerce",
            Self::Stripe => "Stripe",
            Self::LemonSqueezy => "Lemon Squeezy",
            Self::Polar => "Polar",
            Self::Paddle => "Paddle",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// The text names no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

impl FromStr for Provider {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        Self::ALL.into_iter().find(|provider| provider.name() == name).ok_or(Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_one_way_everywhere() {
        for provider in Provider::ALL {
            assert_eq!(provider.name().parse(), Ok(provider));
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.name());
        }
        for wrong in ["", "Stripe", "stripe ", "lemon-squeezy"] {
            assert_eq!(wrong.parse::<Provider>(), Err(Unknown), "{wrong}");
        }
    }
}

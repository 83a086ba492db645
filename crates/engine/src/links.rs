//! What pages of an import tell about payments that come on later pages (docs/contract/providers.md#3.6): kept until it is over.

use serde::{Deserialize, Serialize};

use sluice_providers::provider::Provider;

use crate::error::Error;
use crate::sets;
use crate::site::Site;
use crate::sql::{Sql, Value};

/// What is known of a payment or a subscription, by its id: texts that the reader writes and reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLink {
    pub id: String,
    pub session: Option<String>,
    pub invoice: Option<String>,
}

/// Keeps links, then finds some, then forgets those of the provider if the import is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepLinks {
    pub provider: Provider,
    #[serde(default)]
    pub kept: Vec<KeptLink>,
    #[serde(default)]
    pub wanted: Vec<String>,
    #[serde(default)]
    pub is_over: bool,
}

impl<S: Sql> Site<S> {
    /// Returns those of the wanted links that there are.
    pub fn keep_links(&self, asked: &KeepLinks) -> Result<Vec<KeptLink>, Error> {
        let provider = asked.provider.name();
        self.write(|| {
            let rows = asked.kept.iter().map(|KeptLink { id, session, invoice }| -> Vec<Value> {
                vec![provider.into(), id.into(), session.as_deref().into(), invoice.as_deref().into()]
            });
            let keep = "INSERT INTO provider_links (provider, id, session, invoice) \
                        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true \
                        ON CONFLICT (provider, id) DO UPDATE SET session = coalesce(excluded.session, session), \
                        invoice = coalesce(excluded.invoice, invoice)";
            sets::run(self, keep, &rows.collect::<Vec<_>>())?;
            let wanted: Vec<Vec<Value>> =
                asked.wanted.iter().map(|id| vec![provider.into(), id.as_str().into()]).collect();
            let find = "SELECT l.id, l.session, l.invoice FROM json_each(?1) w CROSS JOIN provider_links l \
                        ON l.provider = w.value ->> 0 AND l.id = w.value ->> 1";
            let found = sets::read(self, find, &wanted)?.into_iter();
            let found = found
                .map(|mut row| Ok(KeptLink { id: row.next()?, session: row.next()?, invoice: row.next()? }))
                .collect::<Result<Vec<_>, Error>>()?;
            if asked.is_over {
                self.sql.run("DELETE FROM provider_links WHERE provider = ?1", &[provider.into()])?;
            }
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn what_several_pages_tell_of_one_payment_is_put_together_until_the_import_is_over() {
        let site = Site::open(Memory::default(), || Ok([7; 32])).unwrap();
        let keep = |provider, kept: &[KeptLink], is_over| {
            let wanted = vec!["pi_1".to_owned(), "pi_2".to_owned(), "pi_3".to_owned()];
            site.keep_links(&KeepLinks { provider, kept: kept.to_vec(), wanted, is_over }).unwrap()
        };
        let link = |id: &str, session: Option<&str>, invoice: Option<&str>| KeptLink {
            id: id.to_owned(),
            session: session.map(str::to_owned),
            invoice: invoice.map(str::to_owned),
        };
        keep(Provider::Stripe, &[link("pi_1", Some("a"), None), link("pi_2", Some("b"), None)], false);
        let found = keep(Provider::Stripe, &[link("pi_1", None, Some("c"))], false);
        assert_eq!(found, [link("pi_1", Some("a"), Some("c")), link("pi_2", Some("b"), None)]);
        assert_eq!(keep(Provider::Paddle, &[], true).len(), 0, "links of another provider");
        assert_eq!(keep(Provider::Stripe, &[], true).len(), 2);
        assert_eq!(keep(Provider::Stripe, &[], false).len(), 0);
    }
}

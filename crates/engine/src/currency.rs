//! A change of the website's currency, in slices and without a moment of mixed figures.
//!
//! `payments.value` is in one currency, `payments.other` may be in a second one. A change fills `other`, a slice at a time,
//! while reports go on reading `value`. Every call says in which currency its website is. When the first call names the
//! second currency, the columns are swapped in one statement; a late call that still names the first swaps them back. So
//! no report ever reads both.

use sluice_money::Rates;
use sluice_values::Currency;

use crate::error::Error;
use crate::rows::PaymentRow;
use crate::site::Site;
use crate::sql::Sql;
use crate::value_columns::ValueColumns as Columns;

/// Payments converted at once.
pub(crate) const SLICE: i64 = 2_000;

fn columns<S: Sql>(site: &Site<S>) -> Result<Option<Columns>, Error> {
    if let Some(columns) = &site.caches.borrow().money {
        return Ok(columns.clone());
    }
    let stored = site.sql.first("SELECT value FROM meta WHERE key = 'money'", &[])?;
    let columns: Option<Columns> = stored.map(|mut row| row.json()).transpose()?;
    site.caches.borrow_mut().money = Some(columns.clone());
    Ok(columns)
}

/// What the values of payments are in; `None` if the website never changed its currency.
pub(crate) fn of_values<S: Sql>(site: &Site<S>) -> Result<Option<Currency>, Error> {
    Ok(columns(site)?.map(|columns| columns.value))
}

/// An amount in the currency before a change, at the rates of the change.
pub(crate) fn at_change<S: Sql>(site: &Site<S>, value: i64, from: Currency, to: Currency) -> Result<i64, Error> {
    let rates = columns(site)?.map(|columns| Rates::parse(&columns.rates)).transpose();
    let rates = rates.map_err(|error| Error::new(error.to_string()))?.unwrap_or_else(|| Rates::fallback().clone());
    Ok(rates.convert(value, from.iso(), to.iso()).unwrap_or(value))
}

fn store<S: Sql>(site: &Site<S>, columns: &Columns) -> Result<(), Error> {
    let json = serde_json::to_string(columns).map_err(|error| Error::new(error.to_string()))?;
    site.caches.borrow_mut().money = Some(Some(columns.clone()));
    site.sql.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('money', ?1)", &[json.into()])
}

/// Sees to it that `value` is in the currency of the website, as the caller knows it.
pub(crate) fn be_in<S: Sql>(site: &Site<S>, currency: Currency) -> Result<(), Error> {
    let has_both = |columns: &Columns| columns.other == currency && columns.filled_to.is_none();
    // Most websites never change their currency.
    let Some(columns) = columns(site)?.filter(has_both) else { return Ok(()) };
    site.write(|| {
        site.sql.run("UPDATE payments SET value = ifnull(other, value), other = value", &[])?;
        let Columns { value, other, .. } = columns.clone();
        store(site, &Columns { value: other, other: value, ..columns.clone() })
    })
}

/// Converts everything at once, as an older Worker asks that has changed its website already. Returns how many payments
/// changed.
pub(crate) fn change_at_once<S: Sql>(site: &Site<S>, to: Currency, rates: &str) -> Result<i64, Error> {
    let before = columns(site)?.map_or(Currency::USD, |columns| columns.value);
    while !site.write(|| change(site, before, to, rates))? {}
    let changed = site.sql.one("SELECT count(*) FROM payments WHERE other <> value", &[])?.next()?;
    be_in(site, to)?;
    Ok(changed)
}

/// Begins a change from one currency to another, or goes on with it by a slice. Returns whether every payment is
/// converted; then the website may change. Runs within a transaction.
pub(crate) fn change<S: Sql>(site: &Site<S>, from: Currency, to: Currency, rates: &str) -> Result<bool, Error> {
    let going_on = columns(site)?.filter(|columns| (columns.value, columns.other) == (from, to));
    let columns = match going_on {
        // A change that was made and taken back before begins anew, at the newest rates.
        Some(columns) if columns.filled_to.is_some() || columns.rates == rates => columns,
        _ => Columns { value: from, other: to, rates: rates.to_owned(), filled_to: Some(0) },
    };
    fill(site, columns)
}

/// Converts a slice of the payments, if a change is going on. Returns whether there is more to do. Runs within a
/// transaction.
pub(crate) fn go_on<S: Sql>(site: &Site<S>) -> Result<bool, Error> {
    match columns(site)? {
        Some(columns) if columns.filled_to.is_some() => fill(site, columns).map(|is_done| !is_done),
        _ => Ok(false),
    }
}

fn fill<S: Sql>(site: &Site<S>, mut columns: Columns) -> Result<bool, Error> {
    let Some(filled_to) = columns.filled_to else { return Ok(true) };
    let rates = Rates::parse(&columns.rates).map_err(|error| Error::new(error.to_string()))?;
    let rows = site.sql.rows(
        "SELECT id, amount, currency, value FROM payments WHERE id > ?1 ORDER BY id LIMIT ?2",
        &[filled_to.into(), SLICE.into()],
    )?;
    let is_last = i64::try_from(rows.len()).unwrap_or(SLICE) < SLICE;
    columns.filled_to = None;
    for mut row in rows {
        let (id, amount): (PaymentRow, i64) = (row.next()?, row.next()?);
        let (paid, value): (Currency, i64) = (row.next()?, row.next()?);
        let other = converted(&columns, &rates, amount, paid, value);
        site.sql.run("UPDATE payments SET other = ?2 WHERE id = ?1", &[id.into(), other.into()])?;
        columns.filled_to = Some(id.0);
    }
    if is_last {
        columns.filled_to = None;
    }
    store(site, &columns)?;
    site.is_changing_currency.set(!is_last);
    Ok(is_last)
}

/// A payment in the other currency: as it was paid, or else from its present value.
fn converted(columns: &Columns, rates: &Rates, amount: i64, paid: Currency, value: i64) -> i64 {
    let from_value = || rates.convert(value, columns.value.iso(), columns.other.iso());
    rates.convert(amount, paid.iso(), columns.other.iso()).or_else(from_value).unwrap_or(value)
}

/// What a change of the currency has made of a payment.
pub(crate) fn as_converted<S: Sql>(site: &Site<S>, amount: i64, paid: Currency, value: i64) -> Result<i64, Error> {
    let Some(columns) = columns(site)? else { return Ok(value) };
    let rates = Rates::parse(&columns.rates).map_err(|error| Error::new(error.to_string()))?;
    // Since the change, what it was in is the other one.
    let before = Columns { value: columns.other, other: columns.value, ..columns };
    Ok(converted(&before, &rates, amount, paid, value))
}

/// The `other` of a new payment. Runs within a transaction.
pub(crate) fn other<S: Sql>(site: &Site<S>, amount: i64, paid: Currency, value: i64) -> Result<Option<i64>, Error> {
    let Some(columns) = columns(site)? else { return Ok(None) };
    let rates = Rates::parse(&columns.rates).map_err(|error| Error::new(error.to_string()))?;
    Ok(Some(converted(&columns, &rates, amount, paid, value)))
}

/// Notes the currency of a website that never changed it. Runs within a transaction.
pub(crate) fn note<S: Sql>(site: &Site<S>, currency: Currency) -> Result<(), Error> {
    if columns(site)?.is_some() {
        return Ok(());
    }
    site.sql.run(
        "INSERT INTO meta (key, value) VALUES ('currency', ?1) ON CONFLICT DO UPDATE SET value = excluded.value \
         WHERE value <> excluded.value",
        &[currency.into()],
    )
}

impl<S: Sql> Site<S> {
    /// What the values of payments are in.
    pub(crate) fn currency(&self) -> Result<Currency, Error> {
        if let Some(currency) = of_values(self)? {
            return Ok(currency);
        }
        let noted = self.sql.first("SELECT value FROM meta WHERE key = 'currency'", &[])?;
        noted.map_or(Ok(Currency::USD), |mut noted| noted.next())
    }

    /// Whether a change of currency has begun and is not done, as far as this instance knows.
    pub fn is_changing_currency(&self) -> bool {
        self.is_changing_currency.get()
    }

    /// The currency that the website is changing to while its payments are converted. Converts a slice of them.
    pub fn change_currency_on(&self) -> Result<Option<CurrencyChange>, Error> {
        let is_going_on = columns(self)?.is_some_and(|columns| columns.filled_to.is_some());
        if !is_going_on {
            return Ok(None);
        }
        let more = self.write(|| go_on(self))?;
        let to = columns(self)?.map(|columns| columns.other);
        Ok(to.map(|to| CurrencyChange { to, is_done: !more }))
    }
}

/// How far a change of currency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyChange {
    pub to: Currency,
    /// Whether every payment is converted.
    pub is_done: bool,
}

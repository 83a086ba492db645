//! The console: the web app that the gateway's owner opens, and the routes that only it calls.
//!
//! [`session`] signs in and out, [`sessions`] lists the devices that are signed in, [`tickets`] are the operator's way in, [`codes`]
//! come by mail, [`passkeys`] are added and removed, [`access`] takes the word of Cloudflare Access,
//! [`status`] says how one can sign in, [`shell`] is the page itself. [`reports`] answers the reports of a view in one request,
//! [`websites`] all websites with figures, [`installation`] what arrives at one.

pub mod access;
pub mod codes;
pub mod installation;
pub mod passkeys;
pub mod reports;
pub mod session;
pub mod sessions;
pub mod shell;
pub mod status;
pub mod tickets;
pub mod websites;

//! What belongs to accounts: the account itself, its tokens, its websites and their keys and teams.

pub mod access_tokens;
pub mod invitation_mail;
pub mod profile;
pub mod setup;
pub mod team;
pub mod website_keys;
pub mod websites;

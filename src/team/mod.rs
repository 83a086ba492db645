//! A website's team: its members, the invitations to it, and what goes when a member does (docs/contract/account-api.md#10;
//! docs/contract/README.md#31 and #41).

pub mod departure;
pub mod invitation_mail;
pub mod invitation_page;
pub mod invitations;
pub mod members;
pub mod plain_name;
pub mod transfer;
pub mod transfer_mail;
pub mod waiting;

//! Typed values: ids, names, time zones, hosts. Text from outside is parsed into one of these types or refused at the
//! boundary; the code inside never passes such a value around as a plain string.

mod address;
mod countries;
mod decimal;
pub mod display_names;
mod duration;
mod environment;
mod goal_name;
mod hex;
mod id;
mod invalid;
mod limit;
mod list;
pub mod ordered;
mod page;
mod place;
mod region;
mod text;
mod text_value;
mod timestamp;
mod visitor;

pub use address::{Domain, Email, Hostname, IpRange, host_in_unicode, host_meant, host_of, is_host_label};
pub use countries::is_unknown as is_unknown_country;
pub use decimal::{Decimal, nearest};
pub use duration::Duration;
pub use environment::Environment;
pub use goal_name::{GoalName, LooseGoalName, SpelledGoalName};
pub use hex::hex;
pub use id::{
    AccountId, AlertId, AuditId, ConsoleSessionId, DeliveryId, FunnelId, Id, InvitationId, NoteId, OauthClientId,
    PasskeyId, ProviderEventId, TokenId, WebhookId, WebsiteId, WebsiteKeyId, WebsiteName, kinds,
};
pub use invalid::{Invalid, excerpt};
pub use limit::{Limit, Offset};
pub use list::List;
pub use page::{PagePattern, PathPattern, path_of, route_of, written_part, written_path};
pub use place::Place;
pub use region::{Country, Currency, TimeZone};
pub use text::{Name, Text, Verbatim, compared, is_invisible, slug};
pub use timestamp::{Moment, Timestamp, lost_plus};
pub use visitor::{EventId, SessionId, VisitorId};

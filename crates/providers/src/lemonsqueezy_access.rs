//! Verifying a key and a store of Lemon Squeezy (docs/contract/providers.md#4.2).

use sluice_values::Environment;

use crate::access::{Check, Refused, Verified, account};
use crate::fields::Node;
use crate::request::{Answer, Request};

const KEY: &str = "lemonsqueezyApiKey";
const STORE: &str = "lemonsqueezyStoreId";

pub fn checks(store: &str) -> Vec<Check> {
    [Request::get("/v1/users/me"), Request::get(format!("/v1/stores/{store}"))]
        .map(|request| Check::new(request, ""))
        .into()
}

/// What the answers to [`checks`] mean.
pub fn verified(answers: &[Answer], environment: Environment) -> Result<Verified, Refused> {
    let [user, store] = answers else { return Err(Refused::Later) };
    if [user, store].iter().any(|answer| matches!(answer.status, 401 | 403)) {
        return Err(Refused::field(KEY, "Lemon Squeezy does not accept this key"));
    }
    if store.status == 404 {
        return Err(Refused::field(STORE, "the key has no such store"));
    }
    if !user.is_ok() || !store.is_ok() {
        return Err(Refused::Later);
    }
    let is_test = |answer: &&Answer| Node::new("answer", &answer.body).is("/meta/test_mode");
    let test_mode = [user, store].iter().any(is_test);
    if test_mode && environment == Environment::Production {
        return Err(Refused::field(KEY, "a key of the test mode"));
    }
    let account = account(&Node::new("store", &store.body), "/data/id", &["/data/attributes/name"]);
    Ok(Verified { account, registers: true, missing: Vec::new(), test_mode, expires_at: None })
}

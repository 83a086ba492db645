//! The consumer of the queue of payment providers.

use futures_util::future::join_all;

use super::queue::Hint;
use super::{imports, polling, registration, work};
use crate::platform::{Platform, PlatformError, log};

/// Does what messages are about. A failing one delays no other.
pub async fn take(platform: &Platform, bodies: &[String]) -> Result<(), PlatformError> {
    let hints = bodies.iter().filter_map(|body| Hint::parse(body));
    let done = hints.map(async |hint| match hint {
        Hint::Event(id) => work::work(platform, id).await,
        Hint::Past(past) => imports::read_on(platform, past).await,
        Hint::Poll(website) => polling::look(platform, website).await,
        Hint::Connected => registration::run_due(platform, platform.now()).await,
    });
    for failed in join_all(done).await.into_iter().filter_map(Result::err) {
        log::failure("queue", "providers", &failed.to_string());
    }
    Ok(())
}

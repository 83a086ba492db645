//! KV: what the edge reads on every event and may be a minute late.

use worker::Env;

use super::meter::{Hop, Meter};
use super::{PlatformError, clock};

/// The tracking configurations of websites, by tracking id and by website id.
pub struct Tracking<'a> {
    env: &'a Env,
    meter: &'a Meter,
}

impl<'a> Tracking<'a> {
    /// The namespace among these bindings; its operations count on `meter`.
    pub fn new(env: &'a Env, meter: &'a Meter) -> Self {
        Self { env, meter }
    }

    /// Stores one value, as JSON text, under each of `keys`.
    pub async fn put(&self, keys: &[&str], json: &str) -> Result<(), PlatformError> {
        let namespace = self.env.kv("TRACKING")?;
        for key in keys {
            let start = clock::now();
            let put = namespace.put(key, json)?.execute().await;
            self.meter.record(Hop::KeyValue, start, clock::now());
            put?;
        }
        Ok(())
    }
}

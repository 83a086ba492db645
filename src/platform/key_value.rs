//! KV: values that the edge reads for every event and that may be a minute old.

use worker::Env;

use super::meter::{Hop, Meter};
use super::{PlatformError, clock};

/// The name of the binding (wrangler.toml).
const BINDING: &str = "TRACKING";

/// The namespace of one invocation.
pub struct KeyValue<'a> {
    env: &'a Env,
    meter: &'a Meter,
}

impl<'a> KeyValue<'a> {
    /// The namespace among these bindings; its operations count on `meter`.
    pub fn new(env: &'a Env, meter: &'a Meter) -> Self {
        Self { env, meter }
    }

    /// Stores one value, as JSON text, under each of `keys`.
    pub async fn put(&self, keys: &[&str], json: &str) -> Result<(), PlatformError> {
        let namespace = self.env.kv(BINDING)?;
        for key in keys {
            let start = clock::now();
            let put = namespace.put(key, json)?.execute().await;
            self.meter.record(Hop::KeyValue, start, clock::now());
            put?;
        }
        Ok(())
    }

    /// Stores one value for so many seconds.
    pub async fn put_for(&self, key: &str, value: &str, seconds: u64) -> Result<(), PlatformError> {
        let start = clock::now();
        let put = self.env.kv(BINDING)?.put(key, value)?.expiration_ttl(seconds).execute().await;
        self.meter.record(Hop::KeyValue, start, clock::now());
        Ok(put?)
    }

    /// The value under a key, which may come from a cache for so many seconds.
    pub async fn get(&self, key: &str, cached_secs: u64) -> Result<Option<String>, PlatformError> {
        let start = clock::now();
        let found = self.env.kv(BINDING)?.get(key).cache_ttl(cached_secs).text().await;
        self.meter.record(Hop::KeyValue, start, clock::now());
        Ok(found?)
    }
}

//! KV: values that the edge reads for every event, and that may be a minute behind.

use super::error::PlatformError;
use super::meter::{Hop, Meter};
use super::runtime::Runtime;

/// The name of the binding (wrangler.toml).
const BINDING: &str = "TRACKING";

pub struct KeyValue<'a> {
    runtime: &'a Runtime,
    meter: &'a Meter,
}

impl<'a> KeyValue<'a> {
    pub fn new(runtime: &'a Runtime, meter: &'a Meter) -> Self {
        Self { runtime, meter }
    }

    /// Stores one value, as JSON text, under each of `keys`.
    pub async fn put(&self, keys: &[&str], json: &str) -> Result<(), PlatformError> {
        for key in keys {
            self.store(key, json, None).await?;
        }
        Ok(())
    }

    /// Stores one value for `seconds`.
    pub async fn put_for(&self, key: &str, value: &str, seconds: u64) -> Result<(), PlatformError> {
        self.store(key, value, Some(seconds)).await
    }

    /// The value under a key, possibly up to `cached_secs` old.
    pub async fn get(&self, key: &str, cached_secs: u64) -> Result<Option<String>, PlatformError> {
        let start = self.runtime.now();
        let found = match self.runtime {
            Runtime::Workers(env) => {
                env.kv(BINDING)?.get(key).cache_ttl(cached_secs).text().await.map_err(PlatformError::from)
            }
            #[cfg(test)]
            Runtime::Memory(memory) => memory.get(key),
        };
        self.meter.record(Hop::KeyValue, start, self.runtime.now());
        found
    }

    async fn store(&self, key: &str, value: &str, seconds: Option<u64>) -> Result<(), PlatformError> {
        let start = self.runtime.now();
        let put = match self.runtime {
            Runtime::Workers(env) => {
                let put = env.kv(BINDING)?.put(key, value)?;
                let put = match seconds {
                    Some(seconds) => put.expiration_ttl(seconds),
                    None => put,
                };
                put.execute().await.map_err(PlatformError::from)
            }
            #[cfg(test)]
            Runtime::Memory(memory) => memory.put(key, value),
        };
        self.meter.record(Hop::KeyValue, start, self.runtime.now());
        put
    }
}

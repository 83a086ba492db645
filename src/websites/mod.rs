//! Websites: their settings, keys, funnels and goals.

pub mod currency;
pub mod funnels;
pub mod goal_customizations;
pub mod keys;
pub mod owner;
pub mod report_context;
pub mod resource;
pub mod shards;
pub mod store_fill;
pub mod tracked_goals;
pub mod tracking_settings;
pub mod website;

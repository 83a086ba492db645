//! Websites: their settings, keys, team, funnels and goals.

pub mod currency;
pub mod funnels;
pub mod goal_customizations;
pub mod invitation_mail;
pub mod keys;
pub mod owner;
pub mod report_context;
pub mod resource;
pub mod team;
pub mod tracked_goals;
pub mod tracking_settings;
pub mod website;

//! The mails that a website's settings ask for: a report every week, and a word when unusually many people visit (`sendWeeklyReports`,
//! `sendViralTrafficAlerts`; docs/email-reports.md). They go to the website's owner. Cron has them sent, a few websites in a run.

pub mod runner;
mod schedule;
mod traffic;
pub mod unsubscribe;
mod weekly;
pub mod words;

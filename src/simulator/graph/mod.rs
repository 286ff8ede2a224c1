//! Microsoft Graph: mailboxes, and registrations of applications. It only reads.

mod error;
mod mailbox;
mod mailbox_content;
mod query;
mod registration;
mod registration_defect;
mod registration_json;
mod service;

pub(super) use service::{call, no_version, user_info};

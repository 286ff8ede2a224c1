//! Exchange Web Services.

mod admission;
mod availability;
mod envelope;
mod folder;
mod folder_lookup;
mod folder_operations;
mod items;
mod operations;
mod other_operations;
mod response;
mod service;
pub(super) mod unauthorized;

pub(super) use service::call;

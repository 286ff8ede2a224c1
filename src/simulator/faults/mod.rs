//! Every fault that the cloud can commit: one table, which the services read.

mod answer;
mod table;
mod wire_fault;

pub(crate) use answer::{
    AuthorizeError, FaultAnswer, FurtherPages, MailFault, RegistrationDefect, TokenDefect,
};
pub use table::Fault;
pub use wire_fault::{FaultTarget, WireFault};

//! IMAP, POP and SMTP submission, with sign-in by XOAUTH2.
//!
//! The protocols are documented at
//! <https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth>.
//! Every mailbox is empty, and no mail can be sent: the servers exist for sign-ins.

mod imap;
mod line_stream;
mod pop;
mod service;
mod session;
mod smtp;
mod xoauth2;

pub(super) use service::{before_tls, serve};
pub(super) use session::MailSession;

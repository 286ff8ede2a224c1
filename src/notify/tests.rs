//! Payloads of the channels.

//! Exit codes. The numbers are those of monitoring plugins.

use crate::verdict::Status;

/// Everything ok; or, for commands that judge nothing: done.
pub const OK: u8 = 0;
/// The worst is a warning; or, for commands that judge nothing: a clean no.
pub const WARNING: u8 = 1;
/// The worst is critical.
pub const CRITICAL: u8 = 2;
/// Unknown, bad usage, bad config: could not be told, or could not run.
pub const UNKNOWN: u8 = 3;

/// Returns the exit code for a fleet: the worst tenant decides, critical before unknown before
/// warning. No tenant at all is unknown: not being able to see is never ok.
pub fn code(statuses: impl IntoIterator<Item = Status>) -> u8 {
    match worst(statuses) {
        Some(Status::Ok) => OK,
        Some(Status::Warning) => WARNING,
        Some(Status::Critical) => CRITICAL,
        Some(Status::Unknown) | None => UNKNOWN,
    }
}

/// Returns the worst: critical before unknown before warning.
pub fn worst(statuses: impl IntoIterator<Item = Status>) -> Option<Status> {
    statuses.into_iter().max_by_key(|status| match status {
        Status::Ok => 0,
        Status::Warning => 1,
        Status::Unknown => 2,
        Status::Critical => 3,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_tenant_decides_and_nobody_is_unknown() {
        assert_eq!(code([Status::Ok, Status::Ok]), OK);
        assert_eq!(code([Status::Ok, Status::Warning]), WARNING);
        assert_eq!(code([Status::Warning, Status::Unknown]), UNKNOWN);
        assert_eq!(
            code([Status::Unknown, Status::Critical, Status::Ok]),
            CRITICAL
        );
        assert_eq!(code([]), UNKNOWN);
    }
}

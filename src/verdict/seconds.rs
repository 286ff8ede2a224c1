//! Times as documents have them: RFC 3339 in UTC and whole seconds, which every reader takes.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Serialize, Serializer};

/// Writes one time.
pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    at.trunc_subsecs(0).serialize(to)
}

/// A time that may not be known.
pub(crate) mod optional {
    use super::{DateTime, Serialize as _, Serializer, SubsecRound as _, Utc};

    /// Writes it, or `null`.
    #[expect(clippy::ref_option, reason = "serde hands fields over like this")]
    pub(crate) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(|at| at.trunc_subsecs(0)).serialize(to)
    }
}

//! The faults of an integration over time.

use std::time::Duration;

use crate::simulator::faults::Fault;

/// The faults of one integration over time. The last step that has begun holds; before the first,
/// the cloud has no fault.
#[derive(Debug, Clone, Default)]
pub struct FaultScript(pub Vec<FaultStep>);

/// One fault, or none, from some time on.
#[derive(Debug, Clone)]
pub struct FaultStep {
    /// The time since the start of the cloud.
    pub after: Duration,
    /// The fault from then on.
    pub fault: Option<Fault>,
}

impl FaultScript {
    /// Returns a script of one fault, or none.
    pub fn always(fault: impl Into<Option<Fault>>) -> Self {
        Self::default().then(Duration::ZERO, fault)
    }

    /// Adds a step; steps are given in order of time.
    #[must_use]
    pub fn then(mut self, after: Duration, fault: impl Into<Option<Fault>>) -> Self {
        let fault = fault.into();
        self.0.push(FaultStep { after, fault });
        self
    }

    /// Returns the fault at that time since the start.
    pub fn at(&self, elapsed: Duration) -> Option<Fault> {
        self.0
            .iter()
            .rev()
            .find(|step| step.after <= elapsed)
            .and_then(|step| step.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_that_has_begun_holds() {
        let broken = Fault::TokenAppDisabled;
        let script = FaultScript::default()
            .then(Duration::from_secs(20), broken)
            .then(Duration::from_secs(75), None);
        let at = |seconds| script.at(Duration::from_secs(seconds));
        assert_eq!(
            [at(19), at(20), at(74), at(75)],
            [None, Some(broken), Some(broken), None]
        );
    }
}

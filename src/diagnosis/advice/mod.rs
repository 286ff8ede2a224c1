//! Advice: for every cause a title, what it means here, and the steps that end it, as data.
//!
//! Texts hold places such as `{client}` that are filled with the tenant's own values. A value that
//! stands in a command is put in so that a shell takes it as one plain word, whatever it holds.

mod app;
mod context;
mod exchange;
mod graph;
mod local;
mod mail;
mod network;
mod steps;
mod user;

pub use context::{Context, cloud_step, shell_word};

use crate::verdict::cause::Cause;

/// What to tell people about one cause.
#[derive(Debug)]
pub(super) struct Advice {
    /// The cause.
    pub(super) cause: Cause,
    /// One short line.
    pub(super) title: &'static str,
    /// What it means.
    pub(super) detail: &'static str,
    /// What to do, in order, in groups that causes share.
    pub(super) steps: &'static [&'static [&'static str]],
    /// How long a change takes to spread; empty where it acts at once.
    pub(super) after: &'static str,
}

/// The tables, one per place where causes show.
const TABLES: [&[Advice]; 7] = [
    local::ADVICE,
    network::ADVICE,
    app::ADVICE,
    user::ADVICE,
    exchange::ADVICE,
    graph::ADVICE,
    mail::ADVICE,
];

/// Returns how one app is added to the list of those that EWS lets through: what to say, the command,
/// and what to know about it.
pub fn allow_app(client_id: &str) -> [String; 3] {
    let filled = Context::for_app(client_id).fill(steps::ALLOW_APP);
    let mut parts = filled.splitn(3, '`').map(str::to_owned);
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

/// Returns the advice on a cause.
pub(super) fn of(cause: Cause) -> &'static Advice {
    let all = TABLES.into_iter().flatten();
    all.into_iter()
        .find(|advice| advice.cause == cause)
        // a test proves that every cause has its own
        .unwrap_or(&local::UNKNOWN)
}

impl Advice {
    /// Returns the steps with the values of the context, the last one being how to verify.
    pub(super) fn fix(&self, context: &Context) -> Vec<String> {
        let steps = self.steps.iter().copied().flatten();
        let mut fix: Vec<String> = steps.map(|step| context.fill(step)).collect();
        let tools = ["`az ", "Connect-"];
        let uses_tools = fix
            .iter()
            .any(|step| tools.iter().any(|tool| step.contains(tool)));
        if let Some(first) = context.cloud_step().filter(|_| uses_tools) {
            fix.insert(0, first.to_owned());
        }
        let verify = if self.after.is_empty() {
            steps::VERIFY.to_owned()
        } else {
            format!("{} {}", steps::VERIFY, self.after)
        };
        fix.push(context.fill(&verify));
        fix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Advice> {
        Cause::ALL.iter().map(|cause| of(*cause))
    }

    #[test]
    fn every_cause_has_its_own_advice_with_at_least_one_step() {
        for cause in Cause::ALL {
            let advice = of(*cause);
            assert_eq!(advice.cause, *cause, "no advice on {cause}");
            assert!(
                !advice.title.is_empty() && !advice.title.ends_with('.'),
                "{cause}"
            );
            assert!(advice.title.chars().count() <= 60, "{cause}");
            assert!(advice.detail.ends_with('.'), "{cause}");
            assert!(
                advice.steps.iter().flat_map(|group| group.iter()).count() >= 1,
                "{cause}"
            );
        }
        let count = TABLES.iter().map(|table| table.len()).sum::<usize>();
        assert_eq!(count, Cause::ALL.len());
    }

    #[test]
    fn every_place_is_filled() {
        for advice in all() {
            let context = Context::unnamed();
            let detail = context.fill(advice.detail);
            for text in advice.fix(&context).iter().chain([&detail]) {
                assert!(!still_holds_a_place(text), "{}: {text}", advice.cause);
            }
        }
    }

    /// Whether a text still holds `{word}`; shells' own braces have spaces or colons in them.
    fn still_holds_a_place(text: &str) -> bool {
        text.split('{').skip(1).any(|rest| {
            let word = rest.split('}').next().unwrap_or_default();
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        })
    }

    #[test]
    fn no_command_takes_other_apps_down() {
        for advice in all() {
            for step in advice.fix(&Context::unnamed()) {
                for value in step.split("-EwsAllowedAppIDs ").skip(1) {
                    assert!(
                        value.starts_with("($new -join ','"),
                        "{}: {step}",
                        advice.cause
                    );
                    assert!(step.contains("-RetrieveEwsOperationAccessPolicy"), "{step}");
                }
                if step.contains("EwsEnabled $null") {
                    assert!(
                        step.starts_with("Emergency only"),
                        "{}: {step}",
                        advice.cause
                    );
                }
            }
        }
    }

    #[test]
    fn a_command_that_prints_a_secret_is_preceded_by_a_warning() {
        for advice in all() {
            for step in advice.fix(&Context::unnamed()) {
                let prints = ["credential reset", "Add-MgApplicationPassword"];
                if prints.iter().any(|command| step.contains(command)) {
                    assert!(
                        step.contains("prints the secret"),
                        "{}: {step}",
                        advice.cause
                    );
                    assert!(!step.contains("credential reset") || step.contains("--append"));
                }
            }
        }
    }

    #[test]
    fn az_commands_come_after_a_login_without_subscriptions() {
        for advice in all() {
            let fix = advice.fix(&Context::unnamed());
            if let Some(first) = fix.iter().find(|step| step.contains("`az ")) {
                assert!(
                    first.contains("`az login --tenant <tenant id> --allow-no-subscriptions"),
                    "{}: {first}",
                    advice.cause
                );
            }
        }
    }
}

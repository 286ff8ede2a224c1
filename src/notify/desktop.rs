//! Desktop notifications over the session bus, one bubble for each tenant.

use std::{collections::HashMap, time::Duration};

use notify_rust::{Notification, Timeout};

use super::NotifyError;
use crate::{
    alert::{Alert, Urgency},
    tenant::TenantName,
    text,
};

/// How long the bus and the service may take together; a mute one would take for ever.
const LIMIT: Duration = Duration::from_secs(3);

/// The desktop, and the bubbles that are on it.
#[derive(Debug, Default)]
pub(super) struct Desktop {
    /// The number that the service gave each bubble; with it, a bubble is replaced.
    bubbles: HashMap<Option<TenantName>, u32>,
}

impl Desktop {
    pub(super) async fn show(&mut self, alert: &Alert) -> Result<(), NotifyError> {
        let mut notification = notification(alert);
        if let Some(id) = self.bubbles.get(&alert.tenant) {
            notification.id(*id);
        }
        // not `show`, which blocks and panics inside a runtime
        let shown = tokio::time::timeout(LIMIT, notification.show_async()).await;
        let bubble = shown
            .map_err(|_elapsed| NotifyError::Mute(LIMIT))?
            .map_err(|error| NotifyError::Refused(text::line(&text::redact(&error.to_string()))))?;
        self.bubbles.insert(alert.tenant.clone(), bubble.id());
        Ok(())
    }
}

fn notification(alert: &Alert) -> Notification {
    let (urgency, timeout) = match alert.urgency {
        Urgency::Low => (notify_rust::Urgency::Low, Timeout::Default),
        Urgency::Normal => (notify_rust::Urgency::Normal, Timeout::Default),
        Urgency::Critical => (notify_rust::Urgency::Critical, Timeout::Never),
    };
    let mut notification = Notification::new();
    notification
        .appname("credwatch")
        .summary(&plain(&alert.summary))
        .body(&plain(&alert.body))
        .urgency(urgency)
        .timeout(timeout);
    notification
}

/// Returns a text that reads the same whether or not the service takes markup: escaping would show
/// its escapes where it does not, so the three characters that matter give way to their look-alikes.
fn plain(words: &str) -> String {
    text::line(words)
        .chars()
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '&' => '＆',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_do_not_reach_the_desktop() {
        let hostile = "a <b>bold</b> & \u{1b}[31mred\u{7}\n<img src=x>";
        let shown = plain(hostile);
        assert_eq!(shown, "a ‹b›bold‹/b› ＆ [31mred ‹img src=x›");
    }
}

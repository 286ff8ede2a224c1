//! Whether the address that sign-ins come back to is registered, and as what.

use url::Url;

use super::{Case, Verdict};
use crate::{
    diagnosis::advice::shell_word,
    profile::guide::{self, Platform, Redirect},
    registration::RedirectAddress,
};

impl Case<'_> {
    pub(super) fn redirect(self, wanted: Redirect) -> Verdict {
        let Some(registered) = self.setup().and_then(|setup| setup.redirects.as_ref()) else {
            return self.unseen();
        };
        let fits = |one: &&RedirectAddress| ends_in(&one.address, wanted.path);
        let candidates: Vec<_> = registered.iter().filter(fits).collect();
        let on_platform =
            |one: &RedirectAddress| wanted.platform.is_none_or(|due| one.platform == due);
        let good = candidates
            .iter()
            .find(|one| on_platform(one) && is_allowed(one, wanted));
        match (good, candidates.first()) {
            (Some(good), _) => {
                Verdict::Met(format!("{}, under {}", good.address, good.platform.name()))
            }
            (None, Some(found)) => self.misplaced(found, wanted),
            (None, None) => self.missing(registered, wanted),
        }
    }

    /// The address is there, but not as it has to be.
    fn misplaced(self, found: &RedirectAddress, wanted: Redirect) -> Verdict {
        let platform = wanted.platform.unwrap_or(found.platform);
        let address = found.address.replacen("http://", "https://", 1);
        // whoever may edit the app chose these words
        let address = shell_word(&address, "<redirect address>");
        let command = guide::add_redirect(&self.tenant.app.client_id, platform, &address);
        let kind = if is_allowed(found, wanted) {
            ""
        } else {
            " without https"
        };
        let found = format!("{}, under {}{kind}", found.address, found.platform.name());
        if !self.step.stated {
            return self.lacking(&found, "");
        }
        Verdict::Unmet {
            found,
            todo: format!(
                "https, under {}: `{command}`; then take the other away in the portal, under \
                 Authentication",
                platform.name()
            ),
        }
    }

    fn missing(self, registered: &[RedirectAddress], wanted: Redirect) -> Verdict {
        let others = match registered {
            [] => "none is registered".to_owned(),
            [one] => format!("only {}, under {}", one.address, one.platform.name()),
            [one, rest @ ..] => format!("only {} and {} more", one.address, rest.len()),
        };
        let due = match wanted.platform {
            Some(platform) => format!(
                "one that ends in {}, under {}",
                wanted.path,
                platform.name()
            ),
            None => format!(
                "one at least, such as http://localhost under {}",
                Platform::Native.name()
            ),
        };
        self.lacking(&others, &due)
    }
}

/// Whether an address is secured; vendors' addresses are those of servers.
fn is_allowed(one: &RedirectAddress, wanted: Redirect) -> bool {
    wanted.address.is_none() || one.address.starts_with("https://")
}

/// Whether the path of an address ends so; Entra tells upper from lower case there.
fn ends_in(address: &str, path: &str) -> bool {
    path.is_empty() || Url::parse(address).is_ok_and(|url| url.path().ends_with(path))
}

//! The SASL mechanism XOAUTH2, and the checks behind it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::simulator::access_token::{Caller, Resource};
use crate::simulator::backend::Backend;
use crate::simulator::faults::FaultTarget;
use crate::simulator::fleet::Integration;

/// The content of the error challenge. Exchange Online refuses without one; other servers send it, and
/// the client has to answer with an empty line (<https://developers.google.com/gmail/imap/xoauth2-protocol>).
const ERROR: &str =
    r#"{"status":"401","schemes":"bearer","scope":"https://outlook.office365.com/"}"#;

/// Returns the error challenge, in base64.
pub(crate) fn error_challenge() -> String {
    STANDARD.encode(ERROR)
}

/// The response of a client: account and token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Xoauth2Response {
    pub(crate) user: String,
    pub(crate) token: String,
}

impl Xoauth2Response {
    /// Reads `base64("user=" user "\x01auth=Bearer " token "\x01\x01")`.
    pub(crate) fn read(encoded: &str) -> Option<Self> {
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let fields = decoded.strip_suffix("\u{1}\u{1}")?;
        let (user, auth) = fields.split_once('\u{1}')?;
        let (scheme, token) = auth.strip_prefix("auth=")?.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        is_bearer.then_some(Self {
            user: user.strip_prefix("user=")?.to_owned(),
            token: token.to_owned(),
        })
    }

    /// Returns whether the token opens the mailbox of the user by that protocol. Exchange does not tell
    /// the reasons of a refusal apart.
    pub(crate) fn is_permitted(&self, backend: &Backend, target: FaultTarget) -> bool {
        let caller = backend.tokens.caller_of(&self.token, Resource::Exchange);
        caller.is_ok_and(|caller| {
            let app = backend.state.integration(caller.index);
            app.is_some_and(|app| self.opens(backend, target, app, &caller))
        })
    }

    fn opens(
        &self,
        backend: &Backend,
        target: FaultTarget,
        app: &Integration,
        caller: &Caller,
    ) -> bool {
        let (role, scope) = match target {
            FaultTarget::Imap => ("IMAP.AccessAsApp", "IMAP.AccessAsUser.All"),
            FaultTarget::Pop => ("POP.AccessAsApp", "POP.AccessAsUser.All"),
            _ => ("SMTP.SendAsApp", "SMTP.Send"),
        };
        let is_user = |one: &Integration| one.mailbox.eq_ignore_ascii_case(&self.user);
        if caller.claims.scp.is_some() {
            return caller.claims.has_any(&[scope]) && is_user(app);
        }
        // RBAC for Applications grants access without a role in the token.
        (app.granted_in_exchange || caller.claims.has_any(&[role]))
            && backend.state.in_directory(&app.tenant_id).any(is_user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_or_refused() {
        let read = |text: &str| Xoauth2Response::read(&STANDARD.encode(text));
        let response = read("user=a@b.example\u{1}auth=Bearer x.y.z\u{1}\u{1}").unwrap();
        assert_eq!(response.user, "a@b.example");
        assert_eq!(response.token, "x.y.z");
        for text in [
            "",
            "user=a\u{1}auth=Basic x\u{1}\u{1}",
            "user=a\u{1}auth=Bearer x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Xoauth2Response::read("%"), None);
    }
}

//! The page on which a person would sign in and approve.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::answer::Answer;
use super::super::behaviour::Behaviour;
use super::super::entra::check_accounts;
use super::super::entra::refusal::Refusal;
use super::super::world::World;
use super::book::{CODE_SECONDS, Code, Redeemed};
use super::redirect::{carry, registered};
use super::{GrantFault, found};

/// What the client must later show the counterpart of (RFC 7636).
#[derive(Debug, Clone)]
pub(super) struct Challenge {
    value: String,
    hashed: bool,
}

impl Challenge {
    /// Whether that is the counterpart.
    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        if self.hashed {
            challenge_of(verifier) == self.value
        } else {
            verifier == self.value
        }
    }
}

fn challenge_of(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref())
}

/// Answers `/{tenant}/oauth2/v2.0/authorize` as if the person had approved at once.
pub(in crate::simulator) fn authorize(world: &World, tenant: &str, query: &str) -> Answer {
    let fields: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let sent = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let index = found(world, tenant, field("client_id"));
    let app = index.and_then(|index| world.integration(index));
    let acting = app.and_then(|one| Some((one, one.delegated.as_ref()?)));
    let (Some(index), Some((one, delegated))) = (index, acting) else {
        return page(&Refusal::app_unknown(field("client_id"), tenant).words());
    };
    if let Err(refusal) = check_accounts(tenant, one) {
        return page(&refusal.words());
    }
    let Some(target) = registered(&delegated.redirects, field("redirect_uri")) else {
        return page(
            "AADSTS50011: The redirect URI specified in the request does not match the redirect \
             URIs configured for the application.",
        );
    };
    let challenge = challenge(field("code_challenge"), field("code_challenge_method"));
    let refused = refusal(&world.behaviour(index)).or(challenge.as_ref().err().copied());
    let (mode, state) = (field("response_mode"), field("state"));
    if let Some((error, description)) = refused {
        let told = [
            ("error", error),
            ("error_description", description),
            ("state", state),
        ];
        return carry(target, mode, &told);
    }
    let code = world.grants.code(Code {
        index,
        redirect: field("redirect_uri").to_owned(),
        challenge: challenge.ok().flatten(),
        asked: Redeemed {
            scope: sent("scope"),
            nonce: sent("nonce"),
        },
        ends_at: world.now().timestamp() + CODE_SECONDS,
        used: false,
    });
    carry(target, mode, &[("code", &code), ("state", state)])
}

/// The `error` and the words of a refusal that goes back to the application.
type Told = (&'static str, &'static str);

/// Reads the challenge, which a client may leave out: only pages of the browser itself need one.
fn challenge(value: &str, method: &str) -> Result<Option<Challenge>, Told> {
    let hashed = match method {
        "S256" => true,
        "plain" | "" => false,
        _ => {
            let text = "AADSTS50149: The code_challenge_method is not valid.";
            return Err(("invalid_request", text));
        }
    };
    let value = value.to_owned();
    Ok((!value.is_empty()).then_some(Challenge { value, hashed }))
}

fn refusal(behaviour: &Behaviour) -> Option<Told> {
    match behaviour {
        Behaviour::Grant(GrantFault::Declined) => Some((
            "access_denied",
            "AADSTS65004: User declined to consent to access the app.",
        )),
        Behaviour::Grant(GrantFault::ConsentMissing) => Some((
            "consent_required",
            "AADSTS90094: An administrator has set a policy that prevents you from granting the \
             application the permissions it is requesting.",
        )),
        _ => None,
    }
}

fn page(words: &str) -> Answer {
    Answer::page(400, "Sign in to your account", words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_rfc_7636() {
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_challenge_may_be_hashed_plain_or_left_out() {
        let of = |value, method| challenge(value, method).unwrap();
        let hashed = of("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256").unwrap();
        assert!(hashed.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!hashed.is_met_by("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert!(of("as it is", "").unwrap().is_met_by("as it is"));
        assert!(of("", "").is_none());
        assert!(challenge("x", "S512").is_err());
    }
}

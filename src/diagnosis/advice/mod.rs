//! Advice: for every cause a title, what it means here, and the steps that end it, as data.
//!
//! Texts hold places such as `{client}` that are filled with the tenant's own values; a value in a
//! command is filled in so that a shell takes it as one plain word, whatever it holds. A step says in
//! which situations it applies (credwatch's own check or a pasted text, EWS or IMAP), so that advice
//! fits the protocol and the program that failed. Called by `explain`; this module judges nothing.

mod app;
mod context;
mod credential;
mod decisive;
pub(super) mod detail;
mod draft;
mod exchange;
mod fill;
mod graph;
mod local;
mod mailbox;
mod network;
mod steps;
#[cfg(test)]
mod tests;
mod topic;
mod user;

pub use context::{Context, cloud_step, shell_word};
pub use topic::Topic;

use decisive::Decisive;
use draft::{Draft, When};

use crate::verdict::{Step, StepKind, cause::Cause};

/// What to tell people about one cause.
#[derive(Debug)]
pub(super) struct Advice {
    /// The decisive fact, in one short line.
    title: &'static str,
    /// What it means: one or two sentences.
    meaning: &'static str,
    /// Title and meaning in a situation in which the usual ones would mislead.
    instead: &'static [(When, &'static str, &'static str)],
    /// What to do, in order, in groups that causes share.
    steps: &'static [&'static [Draft]],
    /// How long a change takes to spread; empty where it takes effect at once.
    after: &'static str,
}

/// Advice in the words of one situation.
#[derive(Debug)]
pub(super) struct Advised {
    /// The decisive fact.
    pub(super) title: String,
    /// What it means.
    pub(super) meaning: String,
    /// What to do.
    pub(super) steps: Vec<Step>,
}

impl Advised {
    /// Adds a remark behind what is to be done, and before what shows whether it helped.
    pub(super) fn add_note(&mut self, text: String) {
        let proof = |step: &Step| step.kind == StepKind::Verify;
        let place = self.steps.iter().position(proof);
        let note = Step::plain(StepKind::Note, text);
        self.steps.insert(place.unwrap_or(self.steps.len()), note);
    }
}

impl Advice {
    /// The base of every table entry.
    const NONE: Self = Self {
        title: "",
        meaning: "",
        instead: &[],
        steps: &[],
        after: "",
    };

    /// Returns title and meaning for a situation.
    fn headline(&self, context: &Context) -> (&'static str, &'static str) {
        let mut instead = self.instead.iter();
        let found = instead.find(|(when, ..)| context.holds(*when));
        found.map_or((self.title, self.meaning), |(_, title, meaning)| {
            (title, meaning)
        })
    }
}

/// Returns what to tell about a cause in a situation. `decisive` is a fact that explains the failure
/// by itself, if there is one.
pub(super) fn advise(cause: Cause, decisive: Option<&Decisive>, context: &Context) -> Advised {
    let advice = of(cause);
    let (title, meaning) = match decisive {
        Some(fact) => (fact.title, fact.meaning.as_str()),
        None => advice.headline(context),
    };
    let drafts: Vec<Draft> = match decisive {
        Some(fact) => [fact.remedy]
            .into_iter()
            .chain(fact.then.iter().copied())
            .collect(),
        None => advice.steps.iter().copied().flatten().copied().collect(),
    };
    let mut steps = fill::fill(&drafts, context);
    if steps.iter().all(|step| step.kind != StepKind::Verify) {
        steps.extend(fill::fill(&[context.verify()], context));
    }
    // `after` belongs to the first proof that a step has helped
    let mut proofs = steps
        .iter_mut()
        .filter(|step| step.kind == StepKind::Verify);
    if let (Some(proof), false) = (proofs.next(), advice.after.is_empty()) {
        proof.text = format!("{} {}", proof.text, advice.after);
    }
    Advised {
        title: title.to_owned(),
        meaning: context.fill_sentence(meaning),
        steps,
    }
}

/// Returns how one app is added to the list of those that EWS lets through.
pub fn allow_app(client_id: &str) -> Step {
    let context = Context::for_app(client_id);
    let mut steps = fill::fill(&[steps::ALLOW_APP], &context);
    // the step itself stands behind the prerequisite of its command
    steps.pop().unwrap_or_default()
}

/// Returns the advice on a cause.
#[expect(
    clippy::too_many_lines,
    reason = "one arm a cause, so that a cause without advice does not compile"
)]
const fn of(cause: Cause) -> &'static Advice {
    match cause {
        Cause::SecretUnavailable => &local::SECRET_UNAVAILABLE,
        Cause::LoginMissing => &local::LOGIN_MISSING,
        Cause::DnsFailure => &network::DNS_FAILURE,
        Cause::ConnectFailure => &network::CONNECT_FAILURE,
        Cause::Timeout => &network::TIMEOUT,
        Cause::TlsUntrusted => &network::TLS_UNTRUSTED,
        Cause::TlsFailure => &network::TLS_FAILURE,
        Cause::ProxyAuthRequired => &network::PROXY_AUTH_REQUIRED,
        Cause::UnexpectedPage => &network::UNEXPECTED_PAGE,
        Cause::ClockSkew => &credential::CLOCK_SKEW,
        Cause::TenantNotFound => &app::TENANT_NOT_FOUND,
        Cause::AppNotFound => &app::APP_NOT_FOUND,
        Cause::ServicePrincipalMissing => &app::SERVICE_PRINCIPAL_MISSING,
        Cause::SecretInvalid => &credential::SECRET_INVALID,
        Cause::SecretPropagating => &credential::SECRET_PROPAGATING,
        Cause::SecretExpired => &credential::SECRET_EXPIRED,
        Cause::SecretMissing => &credential::SECRET_MISSING,
        Cause::CertificateUnknown => &credential::CERTIFICATE_UNKNOWN,
        Cause::AssertionInvalid => &credential::ASSERTION_INVALID,
        Cause::FederatedCredentialMismatch => &credential::FEDERATED_CREDENTIAL_MISMATCH,
        Cause::AppDisabled => &app::APP_DISABLED,
        Cause::TenantBlocked => &app::TENANT_BLOCKED,
        Cause::ConsentRequired => &app::CONSENT_REQUIRED,
        Cause::ResourceNotFound => &app::RESOURCE_NOT_FOUND,
        Cause::ScopeInvalid => &app::SCOPE_INVALID,
        Cause::GrantNotAllowed => &app::GRANT_NOT_ALLOWED,
        Cause::ClientTypeMismatch => &app::CLIENT_TYPE_MISMATCH,
        Cause::AccountTypeMismatch => &app::ACCOUNT_TYPE_MISMATCH,
        Cause::RedirectUriMismatch => &app::REDIRECT_URI_MISMATCH,
        Cause::TokenThrottled => &app::TOKEN_THROTTLED,
        Cause::EntraUnavailable => &app::ENTRA_UNAVAILABLE,
        Cause::RequestMalformed => &app::REQUEST_MALFORMED,
        Cause::UserNotFound => &user::USER_NOT_FOUND,
        Cause::UserPasswordWrong => &user::USER_PASSWORD_WRONG,
        Cause::UserPasswordExpired => &user::USER_PASSWORD_EXPIRED,
        Cause::UserDisabled => &user::USER_DISABLED,
        Cause::UserLocked => &user::USER_LOCKED,
        Cause::UserNotAssigned => &user::USER_NOT_ASSIGNED,
        Cause::MfaRequired => &user::MFA_REQUIRED,
        Cause::ConditionalAccessBlocked => &user::CONDITIONAL_ACCESS_BLOCKED,
        Cause::InteractionRequired => &user::INTERACTION_REQUIRED,
        Cause::RefreshTokenExpired => &user::REFRESH_TOKEN_EXPIRED,
        Cause::RefreshTokenRevoked => &user::REFRESH_TOKEN_REVOKED,
        Cause::RefreshTokenInvalid => &user::REFRESH_TOKEN_INVALID,
        Cause::AuthCodeInvalid => &user::AUTH_CODE_INVALID,
        Cause::DeviceCodePending => &user::DEVICE_CODE_PENDING,
        Cause::DeviceCodeExpired => &user::DEVICE_CODE_EXPIRED,
        Cause::AppRoleMissing => &exchange::APP_ROLE_MISSING,
        Cause::DelegatedScopeMissing => &exchange::DELEGATED_SCOPE_MISSING,
        Cause::AudienceWrong => &exchange::AUDIENCE_WRONG,
        Cause::TokenExpired => &exchange::TOKEN_EXPIRED,
        Cause::TokenRejected => &exchange::TOKEN_REJECTED,
        Cause::BasicAuthRetired => &exchange::BASIC_AUTH_RETIRED,
        Cause::AuthSchemeUnsupported => &exchange::AUTH_SCHEME_UNSUPPORTED,
        Cause::ImpersonationHeaderMissing => &exchange::IMPERSONATION_HEADER_MISSING,
        Cause::ImpersonationDenied => &exchange::IMPERSONATION_DENIED,
        Cause::AppAccessPolicyDenied => &exchange::APP_ACCESS_POLICY_DENIED,
        Cause::EwsDisabled => &exchange::EWS_DISABLED,
        Cause::EwsRetired => &exchange::EWS_RETIRED,
        Cause::MailboxNotFound => &mailbox::MAILBOX_NOT_FOUND,
        Cause::MailboxDisabled => &mailbox::MAILBOX_DISABLED,
        Cause::MailboxUnavailable => &mailbox::MAILBOX_UNAVAILABLE,
        Cause::AccessDenied => &mailbox::ACCESS_DENIED,
        Cause::EwsThrottled => &mailbox::EWS_THROTTLED,
        Cause::EwsUnavailable => &mailbox::EWS_UNAVAILABLE,
        Cause::EwsRequestInvalid => &mailbox::EWS_REQUEST_INVALID,
        Cause::EwsEndpointWrong => &mailbox::EWS_ENDPOINT_WRONG,
        Cause::GraphPermissionMissing => &graph::GRAPH_PERMISSION_MISSING,
        Cause::GraphThrottled => &graph::GRAPH_THROTTLED,
        Cause::GraphUnavailable => &graph::GRAPH_UNAVAILABLE,
        Cause::MailProtocolDisabled => &mailbox::MAIL_PROTOCOL_DISABLED,
        Cause::MailboxPermissionMissing => &mailbox::MAILBOX_PERMISSION_MISSING,
        Cause::MailThrottled => &mailbox::MAIL_THROTTLED,
        Cause::MailUnavailable => &mailbox::MAIL_UNAVAILABLE,
        Cause::Unknown => &local::UNKNOWN,
    }
}

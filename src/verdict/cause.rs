//! The named causes: the vocabulary of every verdict, metric, alert and pasted text.
//!
//! An id never changes once released; scripts and dashboards hold on to it. The effect of a cause on a
//! verdict stands here as data, so that no other module decides it again.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{Display, IntoStaticStr};

/// The role that can end a cause.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Owner {
    /// The owner of the app registration: secrets, certificates, redirect addresses.
    AppOwner,
    /// An administrator of the directory: consent, policies, users.
    TenantAdmin,
    /// An administrator of Exchange: mailboxes, access policies, the EWS switches.
    ExchangeAdmin,
    /// The person who signed in for a delegated integration.
    User,
    /// The team that runs the network between this machine and Microsoft.
    Network,
    /// The operator of credwatch: its config, its secret sources, its clock.
    Operator,
    /// Microsoft: an outage on its side.
    Microsoft,
}

impl Owner {
    /// Returns the owner as words for a sentence: `app owner must act`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AppOwner => "app owner",
            Self::TenantAdmin => "tenant administrator",
            Self::ExchangeAdmin => "Exchange administrator",
            Self::User => "the signed-in user",
            Self::Network => "network team",
            Self::Operator => "credwatch operator",
            Self::Microsoft => "Microsoft",
        }
    }
}

/// Where along the way of a check a cause shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// On this machine, before any packet is sent.
    Local,
    /// Between this machine and the service, at any stage that talks.
    Network,
    /// At the token endpoint.
    Token,
    /// In the access token.
    Claims,
    /// In the access token, or when Exchange refuses it.
    ClaimsOrEws,
    /// At Exchange Web Services.
    Ews,
    /// At Microsoft Graph.
    Graph,
    /// At the IMAP, POP or SMTP service.
    Mail,
    /// Anywhere.
    Any,
}

/// What a cause makes of the live half of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A definite no: the service refused, or cannot be reached from here.
    Failing,
    /// It could not be tried or told.
    Unknown,
}

macro_rules! causes {
    ($($name:ident: $id:literal, $origin:ident, $effect:ident, $span:ident, $owner:ident, $meaning:literal;)+) => {
        /// The named reason why an integration does not work.
        #[expect(clippy::doc_markdown, reason = "the meanings are shown to people as plain text")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $(#[doc = $meaning] $name,)+
        }

        impl Cause {
            /// Every cause, in the order in which a check can meet it.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            const fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$name => &Facts {
                        id: $id,
                        origin: Origin::$origin,
                        effect: Effect::$effect,
                        transient: causes!(@span $span),
                        owner: Owner::$owner,
                        meaning: $meaning,
                    },)+
                }
            }
        }
    };
    (@span passing) => { true };
    (@span lasting) => { false };
}

struct Facts {
    id: &'static str,
    origin: Origin,
    effect: Effect,
    transient: bool,
    owner: Owner,
    meaning: &'static str,
}

// id, where it shows, effect on `live`, does it pass by itself, who must act, meaning
causes! {
    SecretUnavailable: "secret-unavailable", Local, Unknown, lasting, Operator,
        "the configured secret source (env var, file, command, keyring) gave nothing usable";
    LoginMissing: "login-missing", Local, Unknown, lasting, Operator,
        "delegated tenant without a kept refresh token: nobody has signed in yet";
    DnsFailure: "dns-failure", Network, Failing, passing, Network,
        "host name does not resolve";
    ConnectFailure: "connect-failure", Network, Failing, passing, Network,
        "TCP connection refused, reset or unreachable";
    Timeout: "timeout", Network, Failing, passing, Network,
        "no answer within the limit";
    TlsUntrusted: "tls-untrusted", Network, Failing, lasting, Network,
        "certificate not trusted (private CA, TLS-inspecting proxy, self-signed, expired, wrong host)";
    TlsFailure: "tls-failure", Network, Failing, lasting, Network,
        "TLS handshake failed for a reason other than trust: no common version or cipher, plain text on a TLS port, client key unusable";
    ProxyAuthRequired: "proxy-auth-required", Network, Failing, lasting, Network,
        "HTTP 407 from a proxy";
    UnexpectedPage: "unexpected-page", Network, Failing, lasting, Network,
        "HTML or other non-protocol body where JSON/XML was due (captive portal, proxy block page, wrong URL)";
    ClockSkew: "clock-skew", Token, Failing, lasting, Operator,
        "assertion or token outside its valid time range: local clock off, or an assertion kept too long";
    TenantNotFound: "tenant-not-found", Token, Failing, lasting, Operator,
        "tenant id/domain unknown, malformed or in another cloud";
    AppNotFound: "app-not-found", Token, Failing, lasting, AppOwner,
        "client id not known in that tenant (wrong id, deleted, or never consented/added)";
    ServicePrincipalMissing: "service-principal-missing", Token, Failing, lasting, TenantAdmin,
        "app exists but has no service principal (not provisioned/consented) in the tenant";
    SecretInvalid: "secret-invalid", Token, Failing, lasting, AppOwner,
        "wrong client secret (typo, secret ID pasted instead of value, new secret not propagated yet, rotated elsewhere)";
    SecretPropagating: "secret-propagating", Token, Failing, passing, Operator,
        "secret refused, but it was created or changed minutes ago and may not have spread yet";
    SecretExpired: "secret-expired", Token, Failing, lasting, AppOwner,
        "client secret keys are expired";
    SecretMissing: "secret-missing", Token, Failing, lasting, AppOwner,
        "confidential client sent no secret/assertion, or public client flow is not enabled on the app";
    CertificateUnknown: "certificate-unknown", Token, Failing, lasting, AppOwner,
        "assertion signed by a certificate that is not registered on the app (or expired certificate)";
    AssertionInvalid: "assertion-invalid", Token, Failing, lasting, Operator,
        "client assertion JWT malformed, wrong audience/issuer/signature";
    FederatedCredentialMismatch: "federated-credential-mismatch", Token, Failing, lasting, AppOwner,
        "workload identity federation: issuer/subject/audience of the external token does not match";
    AppDisabled: "app-disabled", Token, Failing, lasting, TenantAdmin,
        "application or service principal is disabled (by owner, admin or Microsoft)";
    TenantBlocked: "tenant-blocked", Token, Failing, lasting, TenantAdmin,
        "tenant is disabled, deleted or blocked";
    ConsentRequired: "consent-required", Token, Failing, lasting, TenantAdmin,
        "user or admin consent is missing, declined or revoked";
    ResourceNotFound: "resource-not-found", Token, Failing, lasting, TenantAdmin,
        "resource/API (e.g. Office 365 Exchange Online) not present in tenant, or app has not requested it";
    ScopeInvalid: "scope-invalid", Token, Failing, lasting, Operator,
        "scope or resource string malformed or not allowed with this grant (e.g. client credentials without /.default)";
    GrantNotAllowed: "grant-not-allowed", Token, Failing, lasting, AppOwner,
        "grant type not supported/enabled for this app or account (unauthorized_client, unsupported_grant_type, ROPC for personal/federated accounts)";
    ClientTypeMismatch: "client-type-mismatch", Token, Failing, lasting, AppOwner,
        "public and confidential client mixed up: a secret sent for a public client, or a redirect registered as single-page app redeemed elsewhere";
    AccountTypeMismatch: "account-type-mismatch", Token, Failing, lasting, AppOwner,
        "single- vs multi-tenant mismatch: /common used with single-tenant app, account from another directory, personal account";
    RedirectUriMismatch: "redirect-uri-mismatch", Token, Failing, lasting, AppOwner,
        "redirect URI is not registered or differs";
    UserNotFound: "user-not-found", Token, Failing, lasting, Operator,
        "user account does not exist in the tenant";
    UserPasswordWrong: "user-password-wrong", Token, Failing, lasting, User,
        "user name or password wrong";
    UserPasswordExpired: "user-password-expired", Token, Failing, lasting, User,
        "user's password has expired / must be changed";
    UserDisabled: "user-disabled", Token, Failing, lasting, TenantAdmin,
        "user account disabled";
    UserLocked: "user-locked", Token, Failing, lasting, TenantAdmin,
        "user account locked (smart lockout, malicious IP)";
    UserNotAssigned: "user-not-assigned", Token, Failing, lasting, TenantAdmin,
        "user (or calling app) is not assigned to a role for the application";
    MfaRequired: "mfa-required", Token, Failing, lasting, User,
        "multi-factor authentication needed";
    ConditionalAccessBlocked: "conditional-access-blocked", Token, Failing, lasting, TenantAdmin,
        "blocked by conditional access, risk, device or security-default policy";
    InteractionRequired: "interaction-required", Token, Failing, lasting, User,
        "user must sign in again for another reason";
    RefreshTokenExpired: "refresh-token-expired", Token, Failing, lasting, User,
        "refresh token expired (inactivity, lifetime)";
    RefreshTokenRevoked: "refresh-token-revoked", Token, Failing, lasting, User,
        "refresh token/grant revoked (password change, admin revoke, session revoked)";
    RefreshTokenInvalid: "refresh-token-invalid", Token, Failing, lasting, User,
        "refresh token malformed or issued to another client/tenant";
    AuthCodeInvalid: "auth-code-invalid", Token, Failing, lasting, Operator,
        "authorization code expired, already redeemed, malformed, PKCE verifier mismatch";
    DeviceCodePending: "device-code-pending", Token, Unknown, passing, User,
        "device code not yet approved (not a fault)";
    DeviceCodeExpired: "device-code-expired", Token, Failing, lasting, User,
        "device code expired or declined";
    TokenThrottled: "token-throttled", Token, Unknown, passing, Operator,
        "entra throttled the request or detected a request loop";
    EntraUnavailable: "entra-unavailable", Token, Failing, passing, Microsoft,
        "transient Entra server fault or outage";
    RequestMalformed: "request-malformed", Token, Failing, lasting, Operator,
        "request is missing or has duplicated/invalid parameters";
    AppRoleMissing: "app-role-missing", Claims, Failing, lasting, TenantAdmin,
        "app-only token lacks the application permission needed (e.g. full_access_as_app)";
    DelegatedScopeMissing: "delegated-scope-missing", Claims, Failing, lasting, TenantAdmin,
        "delegated token lacks the scope needed (e.g. EWS.AccessAsUser.All)";
    AudienceWrong: "audience-wrong", ClaimsOrEws, Failing, lasting, Operator,
        "token was issued for another resource";
    TokenExpired: "token-expired", Ews, Failing, lasting, Operator,
        "access token expired";
    TokenRejected: "token-rejected", Ews, Failing, lasting, ExchangeAdmin,
        "401 with a bearer token for another or unstated reason";
    BasicAuthRetired: "basic-auth-retired", Ews, Failing, lasting, AppOwner,
        "basic authentication used where it is turned off";
    AuthSchemeUnsupported: "auth-scheme-unsupported", Ews, Failing, lasting, ExchangeAdmin,
        "the server does not offer the scheme used: no Bearer on an on-premises Exchange without modern authentication, or Basic/NTLM mismatch";
    ImpersonationHeaderMissing: "impersonation-header-missing", Ews, Failing, lasting, Operator,
        "app-only token without ExchangeImpersonation header (or with an invalid one)";
    ImpersonationDenied: "impersonation-denied", Ews, Failing, lasting, ExchangeAdmin,
        "application may not impersonate this mailbox (role/RBAC/management scope)";
    AppAccessPolicyDenied: "app-access-policy-denied", Ews, Failing, lasting, ExchangeAdmin,
        "an Exchange application access policy / RBAC for Applications scope excludes this mailbox";
    EwsDisabled: "ews-disabled", Ews, Failing, lasting, ExchangeAdmin,
        "EWS turned off for organisation, mailbox or application (EWSEnabled, EwsApplicationAccessPolicy, allow list)";
    EwsRetired: "ews-retired", Ews, Failing, lasting, AppOwner,
        "blocked because EWS in Exchange Online has been retired / legacy EWS access removed";
    MailboxNotFound: "mailbox-not-found", Ews, Failing, lasting, Operator,
        "no mailbox for that address (wrong SMTP, not primary, on-premises, unlicensed, deleted)";
    MailboxDisabled: "mailbox-disabled", Ews, Failing, lasting, ExchangeAdmin,
        "mailbox or its account is disabled, soft-deleted or unlicensed";
    MailboxUnavailable: "mailbox-unavailable", Ews, Failing, passing, Microsoft,
        "transient: mailbox store offline, being moved, failover";
    AccessDenied: "access-denied", Ews, Failing, lasting, ExchangeAdmin,
        "signed in, but no right to the folder/item/mailbox";
    EwsThrottled: "ews-throttled", Ews, Unknown, passing, Operator,
        "server busy / back off / too many connections / concurrency limits";
    EwsUnavailable: "ews-unavailable", Ews, Failing, passing, Microsoft,
        "transient EWS/gateway server fault (5xx, internal server error)";
    EwsRequestInvalid: "ews-request-invalid", Ews, Failing, lasting, Operator,
        "request rejected by schema/version validation";
    EwsEndpointWrong: "ews-endpoint-wrong", Ews, Failing, lasting, Operator,
        "not an EWS endpoint (404, 405, autodiscover redirect, wrong host)";
    GraphPermissionMissing: "graph-permission-missing", Graph, Failing, lasting, TenantAdmin,
        "graph call refused: the app lacks the permission (mail folder, application objects)";
    GraphThrottled: "graph-throttled", Graph, Unknown, passing, Operator,
        "graph throttled the request";
    GraphUnavailable: "graph-unavailable", Graph, Failing, passing, Microsoft,
        "transient Graph server fault";
    MailProtocolDisabled: "mail-protocol-disabled", Mail, Failing, lasting, ExchangeAdmin,
        "IMAP, POP or SMTP AUTH is switched off for this mailbox or organisation";
    MailboxPermissionMissing: "mailbox-permission-missing", Mail, Failing, lasting, ExchangeAdmin,
        "the token carries the permission, but the app's service principal has no right to this mailbox in Exchange, or was registered there with the wrong object id";
    MailThrottled: "mail-throttled", Mail, Unknown, passing, Operator,
        "IMAP, POP or SMTP asks to slow down (throttled, too many connections, back-off time)";
    MailUnavailable: "mail-unavailable", Mail, Failing, passing, Microsoft,
        "transient fault of the IMAP, POP or SMTP service (4xx, BYE, server unavailable)";
    Unknown: "unknown", Any, Failing, lasting, Operator,
        "none of the above can be told from the evidence";
}

impl Cause {
    /// Returns the stable kebab-case id.
    pub const fn id(self) -> &'static str {
        self.facts().id
    }

    /// Returns where along a check the cause shows itself.
    pub const fn origin(self) -> Origin {
        self.facts().origin
    }

    /// Returns what the cause makes of the live half of a verdict.
    pub const fn effect(self) -> Effect {
        self.facts().effect
    }

    /// Returns whether the cause may pass by itself, so that a check is repeated once before it counts.
    pub const fn is_transient(self) -> bool {
        self.facts().transient
    }

    /// Returns who can end the cause.
    pub const fn owner(self) -> Owner {
        self.facts().owner
    }

    /// Whether a kept refresh token was refused for good, so that only a new sign-in helps.
    pub const fn is_refused_sign_in(self) -> bool {
        matches!(
            self,
            Self::RefreshTokenExpired | Self::RefreshTokenRevoked | Self::RefreshTokenInvalid
        )
    }

    /// Returns one line on what the cause means.
    pub const fn meaning(self) -> &'static str {
        self.facts().meaning
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        id.parse().map_err(de::Error::custom)
    }
}

/// The text is no id of a cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no cause is called '{0}'")]
pub struct NoSuchCause(String);

impl FromStr for Cause {
    type Err = NoSuchCause;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|cause| cause.id() == id);
        found.ok_or_else(|| NoSuchCause(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_kebab_case_and_read_back() {
        let ids: HashSet<_> = Cause::ALL.iter().map(|cause| cause.id()).collect();
        assert_eq!(ids.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            assert!(
                cause
                    .id()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-'),
                "{cause}"
            );
            assert_eq!(cause.id().parse(), Ok(*cause));
            assert!(!cause.meaning().is_empty());
        }
    }
}

//! Refusals of the sign-in service: number, status, `error`, and the words.

use std::borrow::Cow;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::behaviour::TokenFault;
use super::super::world::World;

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) struct Refusal {
    pub(in crate::simulator) code: u32,
    status: u16,
    error: &'static str,
    suberror: Option<&'static str>,
    text: Cow<'static, str>,
}

/// The ids and the time that an error answer carries.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Trace {
    pub(in crate::simulator) id: String,
    correlation_id: String,
    timestamp: String,
    echo: bool,
}

impl Trace {
    /// Returns new ids; the correlation id is the client's, if it sent one.
    pub(in crate::simulator) fn of(world: &World, headers: &HeaderMap) -> Self {
        let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let correlation_id = sent("client-request-id")
            .and_then(|id| uuid::Uuid::parse_str(id).ok())
            .unwrap_or_else(uuid::Uuid::new_v4);
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            correlation_id: correlation_id.to_string(),
            timestamp: world.now().format("%Y-%m-%d %H:%M:%SZ").to_string(),
            echo: sent("return-client-request-id").is_some_and(|asked| asked == "true"),
        }
    }
}

const fn fixed(code: u32, status: u16, error: &'static str, text: &'static str) -> Refusal {
    Refusal {
        code,
        status,
        error,
        suberror: None,
        text: Cow::Borrowed(text),
    }
}

const fn made(code: u32, status: u16, error: &'static str, text: String) -> Refusal {
    Refusal {
        code,
        status,
        error,
        suberror: None,
        text: Cow::Owned(text),
    }
}

pub(in crate::simulator) const SECRET_MISSING: Refusal = fixed(
    7_000_218,
    401,
    "invalid_client",
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
);

pub(in crate::simulator) const CERTIFICATE_UNKNOWN: Refusal = fixed(
    700_027,
    401,
    "invalid_client",
    "The certificate with identifier used to sign the client assertion is not registered on \
     application. [Reason - The key was not found.]",
);

pub(in crate::simulator) const ASSERTION_INVALID: Refusal = fixed(
    50_027,
    400,
    "invalid_request",
    "JWT token is invalid or malformed.",
);

pub(in crate::simulator) const RESOURCE_WITH_V2: Refusal = fixed(
    901_002,
    400,
    "invalid_request",
    "The 'resource' request parameter isn't supported.",
);

pub(in crate::simulator) const UNKNOWN_INSTANCE: Refusal = fixed(
    50_049,
    400,
    "invalid_instance",
    "Unknown or invalid instance.",
);

pub(in crate::simulator) const SERVER_ERROR: Refusal = fixed(
    50_000,
    500,
    "server_error",
    "There was an error issuing a token or an issue with our sign-in service.",
);

impl Refusal {
    pub(in crate::simulator) fn method(method: &str) -> Self {
        let text = format!(
            "The endpoint only accepts POST, OPTIONS requests. Received a {method} request."
        );
        made(900_561, 405, "invalid_request", text)
    }

    pub(in crate::simulator) fn parameter_missing(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        made(900_144, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn parameter_twice(name: &str) -> Self {
        let text =
            format!("The request is not properly formatted. The parameter '{name}' is duplicated.");
        made(9_000_411, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn grant_unsupported(grant: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        made(70_003, 400, "unsupported_grant_type", text)
    }

    pub(in crate::simulator) fn scope_invalid(scope: &str) -> Self {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for \
             the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        made(70_011, 400, "invalid_scope", text)
    }

    /// Scopes of more than one API.
    pub(in crate::simulator) fn scope_of_several(scope: &str) -> Self {
        let text = format!(
            "Provided value for the input parameter scope is not valid because it contains more \
             than one resource. Scope {scope} is not valid."
        );
        made(28_000, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn scope_without_default(scope: &str) -> Self {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have \
             a scope value with /.default suffixed to the resource identifier (application ID URI)."
        );
        made(1_002_012, 400, "invalid_scope", text)
    }

    pub(in crate::simulator) fn directory_unknown(tenant: &str) -> Self {
        if uuid::Uuid::parse_str(tenant).is_err() && !tenant.contains('.') {
            let text = format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid \
                 external domain."
            );
            return made(900_023, 400, "invalid_request", text);
        }
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are \
             signing into the correct cloud. Check with your subscription administrator, this may \
             happen if there are no active subscriptions for the tenant."
        );
        made(90_002, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn app_unknown(client_id: &str, tenant: &str) -> Self {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You may have sent your \
             authentication request to the wrong tenant."
        );
        made(700_016, 400, "unauthorized_client", text)
    }

    pub(in crate::simulator) fn single_tenant(client_id: &str) -> Self {
        let text = format!(
            "Application '{client_id}' is not configured as a multi-tenant application. Usage of \
             the /common endpoint is not supported for such apps created after '10/15/2018'. Use a \
             tenant-specific endpoint or configure the application to be multi-tenant."
        );
        made(50_194, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn not_for_consumers(client_id: &str, name: &str) -> Self {
        let text = format!(
            "Application '{client_id}'({name}) is configured for use by Microsoft Entra users only. \
             Please do not use the /consumers endpoint to serve this request."
        );
        made(9_002_332, 400, "invalid_request", text)
    }

    pub(in crate::simulator) fn resource_unknown(resource: &str, tenant: &str) -> Self {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You might have sent your \
             authentication request to the wrong tenant."
        );
        made(500_011, 400, "invalid_resource", text)
    }

    pub(in crate::simulator) fn secret_invalid(client_id: &str) -> Self {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, not the client secret ID, for a secret added to app '{client_id}'."
        );
        made(7_000_215, 401, "invalid_client", text)
    }

    pub(in crate::simulator) fn secret_expired(client_id: &str) -> Self {
        let text = format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure \
             portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider \
             using certificate credentials for added security: https://aka.ms/certCreds."
        );
        made(7_000_222, 401, "invalid_client", text)
    }

    /// A signature that the named certificate's key did not make.
    pub(in crate::simulator) fn assertion_unsigned() -> Self {
        let text = "Client assertion contains an invalid signature. [Reason - The provided \
                    signature value did not match the expected signature value.]";
        fixed(7_000_274, 401, "invalid_client", text)
    }

    pub(in crate::simulator) fn assertion_of_another() -> Self {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
        fixed(700_021, 401, "invalid_client", text)
    }

    pub(in crate::simulator) fn certificate_ended() -> Self {
        let text = "The provided certificate is not within its specified validity window.";
        fixed(1_000_502, 401, "invalid_client", text)
    }

    /// No federated credential has that issuer, audience or subject.
    pub(in crate::simulator) fn no_federation(what: &str, presented: &str) -> Self {
        let code = match what {
            "issuer" => 700_211,
            "audience" => 700_212,
            _ => 700_213,
        };
        let text = format!(
            "No matching federated identity record found for presented assertion {what} \
             '{presented}'. Please check your federated identity credential Subject, Audience and \
             Issuer against the presented assertion."
        );
        made(code, 401, "invalid_client", text)
    }

    /// Whether the request itself is malformed, which comes before any question of who asks.
    pub(in crate::simulator) fn is_about_form(&self) -> bool {
        matches!(self.code, 900_144 | 9_000_411 | 900_561 | 70_003 | 901_002)
    }

    /// Returns it under another `error`.
    #[must_use]
    pub(in crate::simulator) fn named(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    #[must_use]
    fn sub(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    /// Returns number and words, as a page shows them.
    pub(in crate::simulator) fn words(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    /// Returns the answer, in the shape of Entra.
    pub(in crate::simulator) fn answer(&self, trace: &Trace) -> Answer {
        let Trace {
            id,
            correlation_id,
            timestamp,
            echo,
        } = trace;
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{} Trace ID: {id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
                self.words(),
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": id,
            "correlation_id": correlation_id,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        if let (Some(suberror), Value::Object(fields)) = (self.suberror, &mut body) {
            fields.insert("suberror".to_owned(), json!(suberror));
        }
        let answer = super::dressed(Answer::json(self.status, &body), id);
        let answer = if self.status == 405 {
            answer.with("allow", "POST, OPTIONS")
        } else {
            answer
        };
        if *echo {
            answer.with("client-request-id", correlation_id.clone())
        } else {
            answer
        }
    }
}

/// Returns the refusal that a scripted fault commits.
pub(in crate::simulator) fn for_fault(fault: TokenFault, client_id: &str, tenant: &str) -> Refusal {
    match fault {
        TokenFault::SecretExpired => Refusal::secret_expired(client_id),
        TokenFault::SecretInvalid => Refusal::secret_invalid(client_id),
        TokenFault::SecretMissing => SECRET_MISSING,
        TokenFault::AppNotFound => Refusal::app_unknown(client_id, tenant),
        TokenFault::TenantNotFound => Refusal::directory_unknown(tenant),
        TokenFault::ResourceMissing => {
            Refusal::resource_unknown("https://outlook.office365.com", tenant)
        }
        TokenFault::ScopeInvalid => Refusal::scope_without_default("EWS.AccessAsUser.All"),
        TokenFault::SingleTenant => Refusal::single_tenant(client_id),
        TokenFault::CertificateUnknown => CERTIFICATE_UNKNOWN,
        TokenFault::AssertionInvalid => ASSERTION_INVALID,
        TokenFault::RequestMalformed => Refusal::parameter_missing("client_id"),
        TokenFault::AppDisabled => app_disabled(client_id),
        TokenFault::ServicePrincipalMissing => service_principal_missing(client_id, tenant),
        TokenFault::ConsentMissing => consent_missing(client_id),
        TokenFault::PublicClient => public_client(),
        TokenFault::NotAssigned => not_assigned(client_id),
        TokenFault::TenantBlocked => TENANT_BLOCKED,
        TokenFault::GrantNotAllowed => GRANT_NOT_ALLOWED,
        TokenFault::ConditionalAccess => CONDITIONAL_ACCESS.sub("message_only"),
        TokenFault::FederationMismatch => FEDERATION_MISMATCH,
        TokenFault::AssertionOutsideTime => ASSERTION_OUTSIDE_TIME,
        TokenFault::UnknownNumber => UNKNOWN_NUMBER,
        TokenFault::Looping => LOOPING,
        TokenFault::TemporarilyUnavailable => TEMPORARILY_UNAVAILABLE,
        // These are no refusals; whoever asks for one all the same sees a broken service.
        TokenFault::Throttled(_)
        | TokenFault::BadGateway
        | TokenFault::Unavailable
        | TokenFault::Page
        | TokenFault::NoToken
        | TokenFault::NoRoles
        | TokenFault::WrongAudience
        | TokenFault::AlreadyExpired => SERVER_ERROR,
    }
}

const TENANT_BLOCKED: Refusal = fixed(
    5_000_224,
    400,
    "invalid_request",
    "We are sorry, this resource is not available. If you believe you are seeing this message by \
     mistake, please contact Microsoft support.",
);

pub(in crate::simulator) const GRANT_NOT_ALLOWED: Refusal = fixed(
    700_019,
    400,
    "unauthorized_client",
    "Application ID cannot be used or is not authorized.",
);

const CONDITIONAL_ACCESS: Refusal = fixed(
    53_003,
    400,
    "invalid_grant",
    "Access has been blocked by Conditional Access policies. The access policy does not allow token \
     issuance.",
);

const FEDERATION_MISMATCH: Refusal = fixed(
    700_213,
    401,
    "invalid_client",
    "No matching federated identity record found for presented assertion subject \
     'system:serviceaccount:default:sync'. Please check your federated identity credential Subject, \
     Audience and Issuer against the presented assertion.",
);

pub(in crate::simulator) const ASSERTION_OUTSIDE_TIME: Refusal = fixed(
    700_024,
    401,
    "invalid_client",
    "Client assertion is not within its valid time range. Please see \
     https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials.",
);

const UNKNOWN_NUMBER: Refusal = fixed(
    7_999_999,
    400,
    "unauthorized_client",
    "The request was refused for a reason that has no documentation yet.",
);

const LOOPING: Refusal = fixed(
    50_196,
    400,
    "invalid_grant",
    "The server terminated an operation because it encountered a client request loop. Please \
     contact your app vendor.",
);

const TEMPORARILY_UNAVAILABLE: Refusal = fixed(
    90_033,
    503,
    "temporarily_unavailable",
    "A transient error has occurred. Please try again.",
);

pub(in crate::simulator) const CODE_INVALID: Refusal = fixed(
    70_008,
    400,
    "invalid_grant",
    "The provided authorization code or refresh token has expired due to inactivity. Send a new \
     interactive authorization request for this user and resource.",
);

pub(in crate::simulator) const CODE_USED: Refusal = fixed(
    54_005,
    400,
    "invalid_grant",
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an \
     existing refresh token.",
);

pub(in crate::simulator) const VERIFIER_WRONG: Refusal = fixed(
    501_481,
    400,
    "invalid_grant",
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
);

pub(in crate::simulator) const PASSWORD_WRONG: Refusal = fixed(
    50_126,
    400,
    "invalid_grant",
    "Error validating credentials due to invalid username or password.",
);

pub(in crate::simulator) const DEVICE_PENDING: Refusal = fixed(
    70_016,
    400,
    "authorization_pending",
    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
);

pub(in crate::simulator) const DEVICE_DECLINED: Refusal = fixed(
    70_017,
    400,
    "authorization_declined",
    "The end user denied the authorization request.",
);

pub(in crate::simulator) const DEVICE_CODE_INVALID: Refusal = fixed(
    70_018,
    400,
    "bad_verification_code",
    "Bad verification code.",
);

pub(in crate::simulator) const DEVICE_CODE_EXPIRED: Refusal =
    fixed(70_019, 400, "expired_token", "Verification code expired.");

pub(in crate::simulator) fn refresh_expired() -> Refusal {
    let text = "The refresh token has expired due to inactivity. The token was issued on \
                2026-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00.";
    fixed(700_082, 400, "invalid_grant", text)
}

pub(in crate::simulator) fn refresh_revoked() -> Refusal {
    let text = "The provided grant has expired due to it being revoked, a fresh auth token is \
                needed. The user might have changed or reset their password.";
    fixed(50_173, 400, "invalid_grant", text).sub("bad_token")
}

pub(in crate::simulator) fn refresh_invalid() -> Refusal {
    let text = "Invalid request. Request is malformed or invalid.";
    fixed(9_002_313, 400, "invalid_grant", text).sub("bad_token")
}

pub(in crate::simulator) fn mfa_required() -> Refusal {
    let text = "Due to a configuration change made by your administrator, or because you moved to a \
                new location, you must use multi-factor authentication to access the resource.";
    fixed(50_076, 400, "invalid_grant", text).sub("basic_action")
}

pub(in crate::simulator) fn interaction_required() -> Refusal {
    let text = "External security challenge was not satisfied.";
    fixed(50_158, 400, "interaction_required", text)
}

pub(in crate::simulator) fn user_disabled() -> Refusal {
    fixed(
        50_057,
        400,
        "invalid_grant",
        "The user account is disabled.",
    )
}

pub(in crate::simulator) fn user_locked() -> Refusal {
    let text = "You've tried to sign in too many times with an incorrect user ID or password.";
    fixed(50_053, 400, "invalid_grant", text)
}

pub(in crate::simulator) fn user_gone() -> Refusal {
    let text = "The user account does not exist in the directory.";
    fixed(50_034, 400, "invalid_grant", text)
}

pub(in crate::simulator) fn password_expired() -> Refusal {
    let text = "The password is expired.";
    fixed(50_055, 400, "invalid_grant", text).sub("user_password_expired")
}

fn app_disabled(client_id: &str) -> Refusal {
    let text = format!("Application '{client_id}' is disabled.");
    made(7_000_112, 400, "unauthorized_client", text)
}

fn service_principal_missing(client_id: &str, tenant: &str) -> Refusal {
    let text = format!(
        "The client application {client_id} is missing service principal in the tenant {tenant}. \
         See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119"
    );
    made(7_000_229, 400, "invalid_client", text)
}

pub(in crate::simulator) fn consent_missing(client_id: &str) -> Refusal {
    let text = format!(
        "The user or administrator has not consented to use the application with ID '{client_id}'. \
         Send an interactive authorization request for this user and resource."
    );
    made(65_001, 400, "invalid_grant", text).sub("consent_required")
}

pub(in crate::simulator) fn public_client() -> Refusal {
    let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                presented.";
    fixed(700_025, 401, "invalid_client", text)
}

fn not_assigned(client_id: &str) -> Refusal {
    let text = format!(
        "Application '{client_id}' is not assigned to a role for the application \
         'https://outlook.office365.com' (Office 365 Exchange Online)."
    );
    made(501_051, 400, "invalid_grant", text)
}

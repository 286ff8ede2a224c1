//! The refusals of the sign-in service as data: number, status, `error`, `suberror` and text.
//!
//! Texts are those of the real service. `{app}`, `{tenant}` and `{value}` stand for the client id, the
//! directory and the subject of the refusal.

/// One refusal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RefusalRow {
    /// The AADSTS number.
    pub(crate) code: u32,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The `error` of OAuth.
    pub(crate) error: &'static str,
    /// The `suberror`, empty for most.
    pub(crate) suberror: &'static str,
    /// The text with its placeholders.
    pub(crate) text: &'static str,
}

/// Makes a constant of each row.
macro_rules! refusals {
    ($($name:ident = $code:literal, $status:literal, $error:literal, $suberror:literal, $text:literal;)*) => {
        $(pub(crate) static $name: RefusalRow = RefusalRow {
            code: $code,
            status: $status,
            error: $error,
            suberror: $suberror,
            text: $text,
        };)*
    };
}

refusals! {
    // The request itself.
    METHOD_WRONG = 900_561, 405, "invalid_request", "",
        "The endpoint only accepts POST, OPTIONS requests. Received a {value} request.";
    PARAMETER_MISSING = 900_144, 400, "invalid_request", "",
        "The request body must contain the following parameter: '{value}'.";
    PARAMETER_TWICE = 9_000_411, 400, "invalid_request", "",
        "The request is not properly formatted. The parameter '{value}' is duplicated.";
    GRANT_UNSUPPORTED = 70_003, 400, "unsupported_grant_type", "",
        "The app requested an unsupported grant type '{value}'.";
    RESOURCE_WITH_V2 = 901_002, 400, "invalid_request", "",
        "The 'resource' request parameter isn't supported.";
    UNKNOWN_INSTANCE = 50_049, 400, "invalid_instance", "",
        "Unknown or invalid instance.";

    // The directory, the application and the API.
    TENANT_MALFORMED = 900_023, 400, "invalid_request", "",
        "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external \
         domain.";
    TENANT_UNKNOWN = 90_002, 400, "invalid_request", "",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are \
         signing into the correct cloud. Check with your subscription administrator, this may \
         happen if there are no active subscriptions for the tenant.";
    TENANT_BLOCKED = 5_000_224, 400, "invalid_request", "",
        "We are sorry, this resource is not available. If you believe you are seeing this message \
         by mistake, please contact Microsoft support.";
    APP_UNKNOWN = 700_016, 400, "unauthorized_client", "",
        "Application with identifier '{app}' was not found in the directory '{tenant}'. This can \
         happen if the application has not been installed by the administrator of the tenant or \
         consented to by any user in the tenant. You may have sent your authentication request to \
         the wrong tenant.";
    APP_DISABLED = 7_000_112, 400, "unauthorized_client", "",
        "Application '{app}' is disabled.";
    SERVICE_PRINCIPAL_MISSING = 7_000_229, 400, "invalid_client", "",
        "The client application {app} is missing service principal in the tenant {tenant}. See \
         instructions here: https://go.microsoft.com/fwlink/?linkid=2225119";
    SINGLE_TENANT = 50_194, 400, "invalid_request", "",
        "Application '{app}' is not configured as a multi-tenant application. Usage of the /common \
         endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific \
         endpoint or configure the application to be multi-tenant.";
    NOT_FOR_CONSUMERS = 9_002_332, 400, "invalid_request", "",
        "Application '{app}'({value}) is configured for use by Microsoft Entra users only. Please \
         do not use the /consumers endpoint to serve this request.";
    RESOURCE_UNKNOWN = 500_011, 400, "invalid_resource", "",
        "The resource principal named {value} was not found in the tenant named {tenant}. This can \
         happen if the application has not been installed by the administrator of the tenant or \
         consented to by any user in the tenant. You might have sent your authentication request \
         to the wrong tenant.";
    NOT_ASSIGNED = 501_051, 400, "invalid_grant", "",
        "Application '{app}' is not assigned to a role for the application \
         'https://outlook.office365.com' (Office 365 Exchange Online).";
    GRANT_NOT_ALLOWED = 700_019, 400, "unauthorized_client", "",
        "Application ID cannot be used or is not authorized.";
    CONDITIONAL_ACCESS = 53_003, 400, "invalid_grant", "message_only",
        "Access has been blocked by Conditional Access policies. The access policy does not allow \
         token issuance.";

    // The scope.
    SCOPE_INVALID = 70_011, 400, "invalid_scope", "",
        "The provided request must include a 'scope' input parameter. The provided value for the \
         input parameter 'scope' is not valid. The scope {value} is not valid.";
    SCOPE_OF_SEVERAL = 28_000, 400, "invalid_request", "",
        "Provided value for the input parameter scope is not valid because it contains more than \
         one resource. Scope {value} is not valid.";
    SCOPE_WITHOUT_DEFAULT = 1_002_012, 400, "invalid_scope", "",
        "The provided value for scope {value} is not valid. Client credential flows must have a \
         scope value with /.default suffixed to the resource identifier (application ID URI).";
    CONSENT_MISSING = 65_001, 400, "invalid_grant", "consent_required",
        "The user or administrator has not consented to use the application with ID '{app}'. Send \
         an interactive authorization request for this user and resource.";

    // The credential of the application.
    SECRET_MISSING = 7_000_218, 401, "invalid_client", "",
        "The request body must contain the following parameter: 'client_assertion' or \
         'client_secret'.";
    SECRET_INVALID = 7_000_215, 401, "invalid_client", "",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client \
         secret value, not the client secret ID, for a secret added to app '{app}'.";
    SECRET_EXPIRED = 7_000_222, 401, "invalid_client", "",
        "The provided client secret keys for app '{app}' are expired. Visit the Azure portal to \
         create new keys for your app: https://aka.ms/NewClientSecret, or consider using \
         certificate credentials for added security: https://aka.ms/certCreds.";
    PUBLIC_CLIENT = 700_025, 401, "invalid_client", "",
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
    CERTIFICATE_UNKNOWN = 700_027, 401, "invalid_client", "",
        "The certificate with identifier used to sign the client assertion is not registered on \
         application. [Reason - The key was not found.]";
    CERTIFICATE_ENDED = 1_000_502, 401, "invalid_client", "",
        "The provided certificate is not within its specified validity window.";
    ASSERTION_INVALID = 50_027, 400, "invalid_request", "",
        "JWT token is invalid or malformed.";
    ASSERTION_UNSIGNED = 7_000_274, 401, "invalid_client", "",
        "Client assertion contains an invalid signature. [Reason - The provided signature value \
         did not match the expected signature value.]";
    ASSERTION_OF_ANOTHER = 700_021, 401, "invalid_client", "",
        "Client assertion application identifier doesn't match 'client_id' parameter.";
    ASSERTION_OUTSIDE_TIME = 700_024, 401, "invalid_client", "",
        "Client assertion is not within its valid time range. Please see \
         https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials.";
    FEDERATED_ISSUER = 700_211, 401, "invalid_client", "",
        "No matching federated identity record found for presented assertion issuer '{value}'. \
         Please check your federated identity credential Subject, Audience and Issuer against the \
         presented assertion.";
    FEDERATED_AUDIENCE = 700_212, 401, "invalid_client", "",
        "No matching federated identity record found for presented assertion audience '{value}'. \
         Please check your federated identity credential Subject, Audience and Issuer against the \
         presented assertion.";
    FEDERATED_SUBJECT = 700_213, 401, "invalid_client", "",
        "No matching federated identity record found for presented assertion subject '{value}'. \
         Please check your federated identity credential Subject, Audience and Issuer against the \
         presented assertion.";

    // People and their grants.
    CODE_INVALID = 70_008, 400, "invalid_grant", "",
        "The provided authorization code or refresh token has expired due to inactivity. Send a \
         new interactive authorization request for this user and resource.";
    CODE_USED = 54_005, 400, "invalid_grant", "",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use \
         an existing refresh token.";
    VERIFIER_WRONG = 501_481, 400, "invalid_grant", "",
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
    DEVICE_PENDING = 70_016, 400, "authorization_pending", "",
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
    DEVICE_DECLINED = 70_017, 400, "authorization_declined", "",
        "The end user denied the authorization request.";
    DEVICE_CODE_INVALID = 70_018, 400, "bad_verification_code", "", "Bad verification code.";
    DEVICE_CODE_EXPIRED = 70_019, 400, "expired_token", "", "Verification code expired.";
    REFRESH_EXPIRED = 700_082, 400, "invalid_grant", "",
        "The refresh token has expired due to inactivity. The token was issued on \
         2026-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00.";
    REFRESH_REVOKED = 50_173, 400, "invalid_grant", "bad_token",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The \
         user might have changed or reset their password.";
    REFRESH_INVALID = 9_002_313, 400, "invalid_grant", "bad_token",
        "Invalid request. Request is malformed or invalid.";
    MFA_REQUIRED = 50_076, 400, "invalid_grant", "basic_action",
        "Due to a configuration change made by your administrator, or because you moved to a new \
         location, you must use multi-factor authentication to access the resource.";
    INTERACTION_REQUIRED = 50_158, 400, "interaction_required", "",
        "External security challenge was not satisfied.";
    USER_DISABLED = 50_057, 400, "invalid_grant", "", "The user account is disabled.";
    USER_LOCKED = 50_053, 400, "invalid_grant", "",
        "You've tried to sign in too many times with an incorrect user ID or password.";
    USER_GONE = 50_034, 400, "invalid_grant", "",
        "The user account does not exist in the directory.";
    PASSWORD_WRONG = 50_126, 400, "invalid_grant", "",
        "Error validating credentials due to invalid username or password.";
    PASSWORD_EXPIRED = 50_055, 400, "invalid_grant", "user_password_expired",
        "The password is expired.";

    // The service.
    SERVER_ERROR = 50_000, 500, "server_error", "",
        "There was an error issuing a token or an issue with our sign-in service.";
    LOOPING = 50_196, 400, "invalid_grant", "",
        "The server terminated an operation because it encountered a client request loop. Please \
         contact your app vendor.";
    TEMPORARILY_UNAVAILABLE = 90_033, 503, "temporarily_unavailable", "",
        "A transient error has occurred. Please try again.";
    // No such number exists: for tests of clients that meet an unknown one.
    UNKNOWN_NUMBER = 7_999_999, 400, "unauthorized_client", "",
        "The request was refused for a reason that has no documentation yet.";
}

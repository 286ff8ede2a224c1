//! The table of faults: one row each.

use serde_json::json;

use super::answer::{
    AuthorizeError, FaultAnswer, FurtherPages, MailFault, RegistrationDefect, SignInRefusal,
    TokenDefect,
};
use super::wire_fault::{FaultTarget, WireFault};
use crate::simulator::entra::aadsts::{self, RefusalRow};
use crate::simulator::entra::grant::PersonGrant;
use crate::simulator::ews::unauthorized;
use crate::simulator::http_answer::HttpAnswer;

/// One row of the table.
struct FaultRow {
    target: FaultTarget,
    cause: Option<&'static str>,
    answer: fn() -> FaultAnswer,
}

/// Declares [`Fault`] from its rows: `NAME on TARGET is CAUSE => ANSWER`.
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident on $target:ident is $cause:expr => $answer:expr;)*) => {
        /// A fault of the cloud towards one integration.
        ///
        /// What a client gets wrong by itself (secret, scope, audience, impersonation, mailbox) is
        /// checked in every state and needs none of these.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
            /// The connection to a service breaks below its protocol.
            Wire(FaultTarget, WireFault),
        }

        impl Fault {
            /// Every row of the table. Faults of the wire are in [`WireFault::ALL`].
            pub const ALL: &[Self] = &[$(Self::$name),*];

            const fn row(self) -> Result<FaultRow, (FaultTarget, WireFault)> {
                match self {
                    $(Self::$name => Ok(FaultRow {
                        target: FaultTarget::$target,
                        cause: $cause,
                        answer: || $answer,
                    }),)*
                    Self::Wire(target, fault) => Err((target, fault)),
                }
            }
        }
    };
}

faults! {
    // Entra: any request for a token. -------------------------------------------------------------

    /// The secret has ended.
    TokenSecretExpired on Entra is Some("secret-expired") => refusal(&aadsts::SECRET_EXPIRED);
    /// The secret is another one.
    TokenSecretInvalid on Entra is Some("secret-invalid") => refusal(&aadsts::SECRET_INVALID);
    /// As if no secret had been sent.
    TokenSecretMissing on Entra is Some("secret-missing") => refusal(&aadsts::SECRET_MISSING);
    /// The application is not known in the directory.
    TokenAppNotFound on Entra is Some("app-not-found") => refusal(&aadsts::APP_UNKNOWN);
    /// The application is switched off.
    TokenAppDisabled on Entra is Some("app-disabled") => refusal(&aadsts::APP_DISABLED);
    /// The application has no service principal in the directory.
    TokenServicePrincipalMissing on Entra is Some("service-principal-missing")
        => refusal(&aadsts::SERVICE_PRINCIPAL_MISSING);
    /// The directory is not known.
    TokenTenantNotFound on Entra is Some("tenant-not-found") => refusal(&aadsts::TENANT_UNKNOWN);
    /// The directory is blocked.
    TokenTenantBlocked on Entra is Some("tenant-blocked") => refusal(&aadsts::TENANT_BLOCKED);
    /// Consent is missing.
    TokenConsentMissing on Entra is Some("consent-required") => refusal(&aadsts::CONSENT_MISSING);
    /// Exchange Online is not known in the directory.
    TokenResourceMissing on Entra is Some("resource-not-found")
        => refusal_of(&aadsts::RESOURCE_UNKNOWN, "https://outlook.office365.com");
    /// The scope is refused.
    TokenScopeInvalid on Entra is Some("scope-invalid")
        => refusal_of(&aadsts::SCOPE_WITHOUT_DEFAULT, "EWS.AccessAsUser.All");
    /// The grant is refused.
    TokenGrantNotAllowed on Entra is Some("grant-not-allowed")
        => refusal(&aadsts::GRANT_NOT_ALLOWED);
    /// The application counts as a public client.
    TokenPublicClient on Entra is Some("client-type-mismatch") => refusal(&aadsts::PUBLIC_CLIENT);
    /// The application is for one directory only and was asked for through `/common`.
    TokenSingleTenant on Entra is Some("account-type-mismatch") => refusal(&aadsts::SINGLE_TENANT);
    /// The API asks for an assignment that the application lacks.
    TokenNotAssigned on Entra is Some("user-not-assigned") => refusal(&aadsts::NOT_ASSIGNED);
    /// Conditional Access for workload identities blocks the application.
    TokenConditionalAccess on Entra is Some("conditional-access-blocked")
        => refusal(&aadsts::CONDITIONAL_ACCESS);
    /// The certificate of an assertion is not registered.
    TokenCertificateUnknown on Entra is Some("certificate-unknown")
        => refusal(&aadsts::CERTIFICATE_UNKNOWN);
    /// An assertion is malformed.
    TokenAssertionInvalid on Entra is Some("assertion-invalid")
        => refusal(&aadsts::ASSERTION_INVALID);
    /// No federated credential fits.
    TokenFederationMismatch on Entra is Some("federated-credential-mismatch")
        => refusal_of(&aadsts::FEDERATED_SUBJECT, "system:serviceaccount:default:sync");
    /// An assertion is outside its time.
    TokenAssertionOutsideTime on Entra is Some("clock-skew")
        => refusal(&aadsts::ASSERTION_OUTSIDE_TIME);
    /// A parameter is missing.
    TokenRequestMalformed on Entra is Some("request-malformed")
        => refusal_of(&aadsts::PARAMETER_MISSING, "client_id");
    /// A number that does not exist, with a known `error`.
    TokenUnknownNumber on Entra is Some("grant-not-allowed") => refusal(&aadsts::UNKNOWN_NUMBER);
    /// 429 in plain text, to be tried again after a minute.
    TokenThrottled on Entra is Some("token-throttled") => FaultAnswer::BeforeSignIn(
        HttpAnswer::new(429, "text/plain", "Too Many Requests").retry_after(Some(60)));
    /// Refused because the same request came too often.
    TokenLooping on Entra is Some("token-throttled") => refusal(&aadsts::LOOPING);
    /// The directory behind the service is out for a moment.
    TokenTemporarilyUnavailable on Entra is Some("entra-unavailable") => FaultAnswer::Refusal {
        row: &aadsts::TEMPORARILY_UNAVAILABLE, value: "", retry_after: Some(5) };
    /// A 502 with the page of a gateway.
    TokenBadGateway on Entra is Some("entra-unavailable") => FaultAnswer::Gateway(HttpAnswer::page(
        502, "502 Bad Gateway", "The server returned an invalid or incomplete response."));
    /// A 503 without a body.
    TokenUnavailable on Entra is Some("entra-unavailable")
        => FaultAnswer::Gateway(HttpAnswer::empty(503));
    /// A page instead of JSON, with status 200.
    TokenPage on Entra is Some("unexpected-page") => FaultAnswer::Gateway(
        HttpAnswer::page(200, "Welcome to Guest Wi-Fi", "Accept the terms to go on."));
    /// JSON without an access token, with status 200.
    TokenNoToken on Entra is Some("unexpected-page") => FaultAnswer::BeforeSignIn(
        HttpAnswer::json(200, &json!({"token_type": "Bearer", "expires_in": 3599})));
    /// A token without roles; for a person, without the scope that was asked for.
    TokenNoRoles on Entra is Some("app-role-missing") => FaultAnswer::Token(TokenDefect::NoRoles);
    /// A token for another resource.
    TokenWrongAudience on Entra is Some("audience-wrong")
        => FaultAnswer::Token(TokenDefect::OtherAudience);
    /// A token that has ended already.
    TokenAlreadyExpired on Entra is Some("token-expired")
        => FaultAnswer::Token(TokenDefect::Ended);

    // Entra: the sign-ins of people. --------------------------------------------------------------

    /// The refresh token was unused for too long.
    GrantRefreshExpired on Entra is Some("refresh-token-expired")
        => sign_in_by(PersonGrant::Refresh, &aadsts::REFRESH_EXPIRED);
    /// The refresh token was withdrawn.
    GrantRefreshRevoked on Entra is Some("refresh-token-revoked")
        => sign_in_by(PersonGrant::Refresh, &aadsts::REFRESH_REVOKED);
    /// The refresh token is not one.
    GrantRefreshInvalid on Entra is Some("refresh-token-invalid")
        => sign_in_by(PersonGrant::Refresh, &aadsts::REFRESH_INVALID);
    /// Consent is missing.
    GrantConsentMissing on Entra is Some("consent-required")
        => FaultAnswer::SignIn(SignInRefusal {
            row: &aadsts::CONSENT_MISSING,
            only: None,
            at_authorize: Some(AuthorizeError {
                error: "consent_required",
                description: "AADSTS90094: An administrator has set a policy that prevents you from \
                              granting the application the permissions it is requesting.",
            }),
        });
    /// A second factor is due.
    GrantMfaRequired on Entra is Some("mfa-required") => sign_in(&aadsts::MFA_REQUIRED);
    /// The person must sign in anew, for a reason outside of Entra.
    GrantInteraction on Entra is Some("interaction-required")
        => sign_in(&aadsts::INTERACTION_REQUIRED);
    /// The account of the person is switched off.
    GrantUserDisabled on Entra is Some("user-disabled") => sign_in(&aadsts::USER_DISABLED);
    /// The account of the person is locked.
    GrantUserLocked on Entra is Some("user-locked") => sign_in(&aadsts::USER_LOCKED);
    /// The account of the person is deleted.
    GrantUserGone on Entra is Some("user-not-found") => sign_in(&aadsts::USER_GONE);
    /// The password of the person has expired.
    GrantPasswordExpired on Entra is Some("user-password-expired")
        => sign_in(&aadsts::PASSWORD_EXPIRED);
    /// The person declines. A check is not affected.
    GrantDeclined on Entra is None => FaultAnswer::SignIn(SignInRefusal {
        row: &aadsts::DEVICE_DECLINED,
        only: Some(PersonGrant::Device),
        at_authorize: Some(AuthorizeError {
            error: "access_denied",
            description: "AADSTS65004: User declined to consent to access the app.",
        }),
    });
    /// The device code is never approved in time. A check is not affected.
    GrantCodeExpired on Entra is None
        => sign_in_by(PersonGrant::Device, &aadsts::DEVICE_CODE_EXPIRED);
    /// The sign-in is renewed, but with no new refresh token. A check works all the same.
    GrantNotRotated on Entra is None => FaultAnswer::Token(TokenDefect::NoRefreshToken);
    /// The access token holds another permission than the one asked for.
    GrantOtherScope on Entra is Some("delegated-scope-missing")
        => FaultAnswer::Token(TokenDefect::OtherScope);

    // Exchange Web Services. ----------------------------------------------------------------------

    /// 403, turned off for the organisation or the mailbox.
    EwsDisabled on Ews is Some("ews-disabled")
        => policy("EWS is disabled for this user or tenant");
    /// 403, the application is not on the list, or its user agent is.
    EwsBlockedByPolicy on Ews is Some("ews-disabled")
        => policy("EWS is blocked by policy for this user or tenant");
    /// 403, switched off for good. The words of the service after 2027-04-01 are not known.
    EwsRetired on Ews is Some("ews-retired")
        => policy("EWS has been retired for this user or tenant");
    /// 403 without a reason, as for a mailbox with only a Kiosk licence.
    EwsForbidden on Ews is Some("access-denied")
        => FaultAnswer::AfterSignIn(HttpAnswer::empty(403));
    /// The application may not impersonate this mailbox.
    EwsImpersonationDenied on Ews is Some("impersonation-denied")
        => soap("ErrorImpersonateUserDenied",
            "The account does not have permission to impersonate the requested user.");
    /// The impersonation header is not understood.
    EwsImpersonationHeader on Ews is Some("impersonation-header-missing")
        => soap("ErrorInvalidExchangeImpersonationHeaderData",
            "ExchangeImpersonation SOAP header must be present for this type of OAuth token.");
    /// An application access policy leaves this mailbox out.
    EwsAccessPolicy on Ews is Some("app-access-policy-denied")
        => soap("ErrorAccessDenied", "Access is denied. [RAOP] : Blocked by tenant configured \
            AppOnly AccessPolicy settings.");
    /// No mailbox has this address.
    EwsMailboxNotFound on Ews is Some("mailbox-not-found")
        => soap("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.");
    /// The address is not the primary one of its mailbox.
    EwsNotPrimaryAddress on Ews is Some("mailbox-not-found")
        => soap("ErrorNonPrimarySmtpAddress",
            "The primary SMTP address must be specified when referencing a mailbox.");
    /// The account of the mailbox is disabled.
    EwsAccountDisabled on Ews is Some("mailbox-disabled")
        => soap("ErrorAccountDisabled", "The account is disabled.");
    /// The mailbox is being moved.
    EwsMailboxMoving on Ews is Some("mailbox-unavailable")
        => response_error("ErrorMailboxMoveInProgress",
            "The mailbox is in the middle of being moved. Try again later.");
    /// The database of the mailbox is offline.
    EwsStoreUnavailable on Ews is Some("mailbox-unavailable")
        => response_error("ErrorMailboxStoreUnavailable",
            "The mailbox database is temporarily unavailable.");
    /// The mailbox fails over to another server.
    EwsMailboxFailover on Ews is Some("mailbox-unavailable")
        => response_error("ErrorMailboxFailover",
            "The mailbox is failing over to another server. Try again later.");
    /// Access to the folder is denied.
    EwsAccessDenied on Ews is Some("access-denied")
        => response_error("ErrorAccessDenied",
            "Access is denied. Check credentials and try again.");
    /// A SOAP fault that asks to wait about five minutes.
    EwsServerBusy on Ews is Some("ews-throttled") => server_busy(Some("297749"));
    /// A SOAP fault that asks to wait half a minute.
    EwsServerBusyBriefly on Ews is Some("ews-throttled") => server_busy(Some("30000"));
    /// A SOAP fault that does not say how long to wait.
    EwsServerBusyWithoutTime on Ews is Some("ews-throttled") => server_busy(None);
    /// Server busy inside an internal error inside a 200.
    EwsBusyInside on Ews is Some("ews-throttled") => FaultAnswer::ResponseError {
        code: "ErrorInternalServerError", text: INTERNAL_ERROR, busy_inside: true };
    /// Too many connections at once.
    EwsTooManyConnections on Ews is Some("ews-throttled")
        => soap("ErrorExceededConnectionCount", "You have exceeded the available concurrent \
            connections for your account. Try again once your other requests have completed.");
    /// 429 with the seconds to wait.
    EwsTooManyRequests on Ews is Some("ews-throttled")
        => FaultAnswer::AfterSignIn(HttpAnswer::empty(429).retry_after(Some(30)));
    /// 503 with the seconds to wait.
    EwsUnavailable on Ews is Some("ews-throttled") => ews_unavailable(Some(30));
    /// 503 without the seconds to wait.
    EwsUnavailableWithoutTime on Ews is Some("ews-unavailable") => ews_unavailable(None);
    /// An internal error as a SOAP fault.
    EwsInternalError on Ews is Some("ews-unavailable")
        => soap("ErrorInternalServerError", INTERNAL_ERROR);
    /// An internal error that calls itself transient.
    EwsTransientError on Ews is Some("ews-unavailable")
        => response_error("ErrorInternalServerTransientError",
            "An internal server error occurred. Try again later.");
    /// 502 with the page of a gateway.
    EwsBadGateway on Ews is Some("ews-unavailable") => FaultAnswer::BeforeSignIn(
        HttpAnswer::page(502, "502 Bad Gateway", "Try again later."));
    /// 401, the signature of the token is wrong.
    EwsTokenSignature on Ews is Some("token-rejected") => token_refused(2_000_000);
    /// 401, the token is malformed.
    EwsTokenMalformed on Ews is Some("token-rejected") => token_refused(2_000_001);
    /// 401, the token is outside its time.
    EwsTokenExpired on Ews is Some("token-expired") => token_refused(2_000_002);
    /// 401, the token is for another API.
    EwsTokenAudience on Ews is Some("audience-wrong") => token_refused(2_000_003);
    /// 401, the directory of the token is unknown.
    EwsTokenTenant on Ews is Some("token-rejected") => token_refused(2_000_004);
    /// 401, the user of the token does not exist.
    EwsTokenUser on Ews is Some("mailbox-not-found") => token_refused(2_000_005);
    /// 401, the application of the token is not accepted.
    EwsTokenApp on Ews is Some("token-rejected") => token_refused(2_000_006);
    /// 401, Exchange failed while it read the token.
    EwsTokenInternalError on Ews is Some("ews-unavailable") => token_refused(2_000_007);
    /// 401, the token holds no permission.
    EwsTokenPermissions on Ews is Some("app-role-missing") => token_refused(2_000_008);
    /// 401 that offers Bearer and gives no reason.
    EwsUnauthorizedBare on Ews is Some("token-rejected")
        => FaultAnswer::BeforeSignIn(unauthorized::challenge());
    /// 401 that offers only Basic.
    EwsBasicOnly on Ews is Some("auth-scheme-unsupported") => FaultAnswer::BeforeSignIn(
        HttpAnswer::empty(401).with("www-authenticate", "Basic realm=\"\""));
    /// 401 that offers only Negotiate and NTLM.
    EwsNegotiateOnly on Ews is Some("auth-scheme-unsupported") => FaultAnswer::BeforeSignIn(
        HttpAnswer::empty(401)
            .with("www-authenticate", "Negotiate")
            .with("www-authenticate", "NTLM"));
    /// The request does not fit the schema.
    EwsSchemaInvalid on Ews is Some("ews-request-invalid")
        => soap("ErrorSchemaValidation",
            "The request failed schema validation: The required attribute 'Id' is missing.");
    /// The version asked for is not served.
    EwsVersionInvalid on Ews is Some("ews-request-invalid")
        => soap("ErrorInvalidServerVersion", "The specified server version is invalid.");
    /// A response code that does not exist.
    EwsUnknownCode on Ews is Some("unknown")
        => response_error("ErrorOfSomeLaterRelease",
            "The request was refused for a reason that has no documentation yet.");
    /// XML that is no SOAP, cut off in the middle, with status 200.
    EwsInvalidSoap on Ews is Some("unexpected-page") => FaultAnswer::AfterSignIn(HttpAnswer::new(
        200, "text/xml; charset=utf-8", "<?xml version=\"1.0\"?><status><text>fine</te"));
    /// A page instead of SOAP, with status 200.
    EwsPage on Ews is Some("unexpected-page") => FaultAnswer::BeforeSignIn(HttpAnswer::page(
        200, "Web filter", "This site has been blocked by your organization's policy."));
    /// 404, nothing is served at the address.
    EwsNotFound on Ews is Some("ews-endpoint-wrong") => FaultAnswer::BeforeSignIn(HttpAnswer::page(
        404, "404 - File or directory not found.",
        "The resource you are looking for might have been removed."));

    // Graph: mailboxes. ---------------------------------------------------------------------------

    /// 403, no permission on the mailbox.
    GraphAccessDenied on Graph is Some("graph-permission-missing")
        => graph(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    /// 403, an application access policy leaves this mailbox out.
    GraphAccessPolicy on Graph is Some("app-access-policy-denied")
        => graph(403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant \
            configured AppOnly AccessPolicy settings.");
    /// 404, no mailbox in Exchange Online.
    GraphMailboxNotEnabled on Graph is Some("mailbox-not-found")
        => graph(404, "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
    /// 404, no such user.
    GraphUserNotFound on Graph is Some("mailbox-not-found")
        => graph(404, "ErrorInvalidUser", "The requested user is invalid.");
    /// 429 with the seconds to wait.
    GraphThrottled on Graph is Some("graph-throttled")
        => graph_later(429, "TooManyRequests", "Too many requests.", 10);
    /// 429 without the seconds to wait.
    GraphThrottledWithoutTime on Graph is Some("graph-throttled")
        => graph(429, "TooManyRequests", "Too many requests.");
    /// 503 with the seconds to wait.
    GraphUnavailable on Graph is Some("graph-unavailable")
        => graph_later(503, "ServiceUnavailable", "The service is temporarily unavailable.", 10);
    /// 503 without the seconds to wait.
    GraphUnavailableWithoutTime on Graph is Some("graph-unavailable")
        => graph(503, "ServiceUnavailable", "The service is temporarily unavailable.");
    /// 500.
    GraphInternalError on Graph is Some("graph-unavailable")
        => graph(500, "ErrorInternalServerError", "An internal server error occurred.");
    /// 401, the token is refused.
    GraphTokenRejected on Graph is Some("token-rejected")
        => graph(401, "InvalidAuthenticationToken", "Signature is invalid.");

    // Graph: registrations. No check fails by these: they are evidence about end dates. -----------

    /// 403, the app may not read registrations.
    DirectoryDenied on Graph is None
        => registration_error(403, "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.");
    /// 404 for the application, as in the directory of a customer; its service principal exists.
    DirectoryElsewhereRegistered on Graph is None
        => FaultAnswer::Registration(not_found(true));
    /// 404 for both.
    DirectoryNotFound on Graph is None => FaultAnswer::Registration(not_found(false));
    /// 429 with two hours to wait.
    DirectoryThrottled on Graph is None => directory_throttled(Some(7200));
    /// 429 without the seconds to wait.
    DirectoryThrottledWithoutTime on Graph is None => directory_throttled(None);
    /// 503.
    DirectoryUnavailable on Graph is None
        => registration_error(503, "ServiceUnavailable", "Try again later.");
    /// A page instead of JSON, with status 200.
    DirectoryPage on Graph is None => FaultAnswer::Registration(RegistrationDefect::Page);
    /// JSON that ends in the middle, with status 200.
    DirectoryTorn on Graph is None => FaultAnswer::Registration(RegistrationDefect::Torn);
    /// JSON without the list of secrets, with status 200.
    DirectoryWithoutSecrets on Graph is None
        => FaultAnswer::Registration(RegistrationDefect::WithoutSecrets);
    /// The registration of another app.
    DirectoryAnotherApp on Graph is None
        => FaultAnswer::Registration(RegistrationDefect::AnotherApp);
    /// All secrets but the first are on further pages, which come. The only one of this group after
    /// which every end date can be known.
    DirectoryPaged on Graph is None => paged(FurtherPages::Come);
    /// All secrets but the first are on a further page, which fails.
    DirectoryPageLost on Graph is None => paged(FurtherPages::Fail);
    /// All secrets but the first are said to be on another host.
    DirectoryPageElsewhere on Graph is None => paged(FurtherPages::Elsewhere);
    /// Every page has a further one.
    DirectoryEndless on Graph is None => paged(FurtherPages::Endless);

    // IMAP. ---------------------------------------------------------------------------------------

    /// Exchange refuses the token: the service principal has no right to the mailbox.
    /// <https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth>
    ImapSignInFailed on Imap is Some("mailbox-permission-missing")
        => mail_refusal("NO AUTHENTICATE failed.");
    /// Sign-in works, but the mailbox does not open. <https://github.com/jstedfast/MailKit/issues/1494>
    ImapNotConnected on Imap is Some("mailbox-permission-missing")
        => FaultAnswer::Mail(MailFault::AfterSignIn("BAD User is authenticated but not connected."));
    /// The token is refused with an error challenge, as Dovecot and Gmail do.
    ImapChallenged on Imap is Some("token-rejected")
        => mail_challenge("NO [AUTHENTICATIONFAILED] Authentication failed.");
    /// Too many requests, with the time to wait. <https://github.com/simonrob/email-oauth2-proxy/issues/191>
    ImapThrottled on Imap is Some("mail-throttled") => FaultAnswer::Mail(MailFault::AfterSignIn(
        "BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds"));
    /// The token ends during the session. <https://github.com/iroco-co/aioimaplib/issues/83>
    ImapTokenExpired on Imap is Some("token-expired")
        => FaultAnswer::Mail(MailFault::AfterSignIn("* BYE Session invalidated - AccessTokenExpired"));
    /// The server closes the connection instead of its greeting.
    /// <https://github.com/jstedfast/MailKit/issues/849>
    ImapServiceUnavailable on Imap is Some("mail-unavailable")
        => FaultAnswer::Mail(MailFault::Greeting("* BYE Connection closed. 14"));

    // POP. ----------------------------------------------------------------------------------------

    /// Exchange refuses the token: the service principal has no right to the mailbox.
    PopSignInFailed on Pop is Some("mailbox-permission-missing")
        => mail_refusal("-ERR Authentication failure: unknown user name or bad password.");
    /// The token is refused with an error challenge, as Dovecot does.
    PopChallenged on Pop is Some("token-rejected")
        => mail_challenge("-ERR [AUTH] Authentication failed.");
    /// A transient fault at sign-in (RFC 3206, section 3).
    PopUnavailable on Pop is Some("mail-unavailable")
        => mail_refusal("-ERR [SYS/TEMP] Temporary system problem.");
    /// The same fault instead of the greeting.
    PopServiceUnavailable on Pop is Some("mail-unavailable")
        => FaultAnswer::Mail(MailFault::Greeting("-ERR [SYS/TEMP] Temporary system problem."));

    // SMTP submission. ----------------------------------------------------------------------------

    /// SMTP AUTH is off in the organisation, also for OAuth.
    /// <https://github.com/simonrob/email-oauth2-proxy/issues/193>
    SmtpDisabledForTenant on Smtp is Some("mail-protocol-disabled")
        => mail_refusal("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is \
            disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. \
            [SIM0PR01CA0001.PROD.OUTLOOK.COM]");
    /// SMTP AUTH is off for the mailbox.
    SmtpDisabledForMailbox on Smtp is Some("mail-protocol-disabled")
        => mail_refusal("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is \
            disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. \
            [SIM0PR01CA0001.PROD.OUTLOOK.COM]");
    /// Exchange refuses the token: the service principal has no right to the mailbox.
    SmtpSignInFailed on Smtp is Some("mailbox-permission-missing")
        => mail_refusal("535 5.7.3 Authentication unsuccessful [SIM0PR01CA0001.PROD.OUTLOOK.COM]");
    /// The token is refused with an error challenge.
    SmtpChallenged on Smtp is Some("token-rejected")
        => mail_challenge("535 5.7.8 Authentication failed.");
    /// Too many connections at once. <https://github.com/sabuhish/fastapi-mail/issues/75>
    SmtpThrottled on Smtp is Some("mail-throttled")
        => mail_refusal("432 4.3.2 Concurrent connections limit exceeded. Visit \
            https://aka.ms/concurrent_sending for more information. \
            [Hostname=SIM0PR01MB0001.eurprd01.prod.outlook.com]");
    /// A transient fault at sign-in. <https://github.com/jstedfast/MailKit/issues/566>
    SmtpUnavailable on Smtp is Some("mail-unavailable")
        => mail_refusal("451 4.7.0 Temporary server error. Please try again later. PRX4 \
            [SIM0PR01CA0001.eurprd01.prod.outlook.com]");
    /// The server is not available (RFC 5321, section 3.8).
    SmtpServiceUnavailable on Smtp is Some("mail-unavailable")
        => FaultAnswer::Mail(MailFault::Greeting("421 4.3.2 Service not available"));
    /// STARTTLS is not offered.
    SmtpNoStartTls on Smtp is Some("tls-failure") => FaultAnswer::Mail(MailFault::NoStartTls);
}

impl Fault {
    /// Returns the service that it acts on.
    pub const fn target(self) -> FaultTarget {
        match self.row() {
            Ok(row) => row.target,
            Err((target, _)) => target,
        }
    }

    /// Returns the id of the cause that a check should name, `None` where the check passes.
    pub fn expected_cause(self) -> Option<&'static str> {
        match self.row() {
            Ok(row) => row.cause,
            Err((_, fault)) => fault.cause(),
        }
    }

    /// Returns whether it shows only where a person signed in.
    pub fn needs_person(self) -> bool {
        match self.answer() {
            FaultAnswer::SignIn(_) => true,
            FaultAnswer::Token(defect) => defect.needs_person(),
            _ => false,
        }
    }

    /// Returns whether it acts on what Graph says about registrations, and on nothing else.
    pub fn acts_on_registrations(self) -> bool {
        matches!(self.answer(), FaultAnswer::Registration(_))
    }

    /// Returns whether it shows before the integration is known. The integration then needs an
    /// address of its own, which it gets where its script names such a fault.
    pub fn needs_own_address(self) -> bool {
        match self {
            Self::Wire(_, fault) => fault.is_before_http(),
            other => match other.answer() {
                FaultAnswer::Mail(fault) => fault.is_before_sign_in(),
                _ => false,
            },
        }
    }

    /// Returns the answer that it makes.
    pub(crate) fn answer(self) -> FaultAnswer {
        match self.row() {
            Ok(row) => (row.answer)(),
            Err(_) => FaultAnswer::BrokenConnection,
        }
    }
}

const INTERNAL_ERROR: &str = "An internal server error occurred. The operation failed.";

const fn refusal(row: &'static RefusalRow) -> FaultAnswer {
    refusal_of(row, "")
}

const fn refusal_of(row: &'static RefusalRow, value: &'static str) -> FaultAnswer {
    FaultAnswer::Refusal {
        row,
        value,
        retry_after: None,
    }
}

const fn sign_in(row: &'static RefusalRow) -> FaultAnswer {
    FaultAnswer::SignIn(SignInRefusal {
        row,
        only: None,
        at_authorize: None,
    })
}

const fn sign_in_by(grant: PersonGrant, row: &'static RefusalRow) -> FaultAnswer {
    FaultAnswer::SignIn(SignInRefusal {
        row,
        only: Some(grant),
        at_authorize: None,
    })
}

/// The header is documented at
/// <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-control-access-to-ews-in-exchange>.
fn policy(reason: &str) -> FaultAnswer {
    FaultAnswer::AfterSignIn(HttpAnswer::empty(403).with("x-ews-policy-reason", reason))
}

const fn soap(code: &'static str, text: &'static str) -> FaultAnswer {
    FaultAnswer::Soap {
        code,
        text,
        value: None,
    }
}

const fn response_error(code: &'static str, text: &'static str) -> FaultAnswer {
    FaultAnswer::ResponseError {
        code,
        text,
        busy_inside: false,
    }
}

fn server_busy(milliseconds: Option<&'static str>) -> FaultAnswer {
    FaultAnswer::Soap {
        code: "ErrorServerBusy",
        text: "The server cannot service this request right now. Try again later.",
        value: milliseconds.map(|milliseconds| ("BackOffMilliseconds", milliseconds)),
    }
}

fn ews_unavailable(seconds: Option<u32>) -> FaultAnswer {
    let page = HttpAnswer::page(503, "Service Unavailable", "The service is unavailable.");
    FaultAnswer::BeforeSignIn(page.retry_after(seconds))
}

fn token_refused(diagnostics: u32) -> FaultAnswer {
    FaultAnswer::BeforeSignIn(unauthorized::rejected(diagnostics))
}

const fn graph(status: u16, code: &'static str, text: &'static str) -> FaultAnswer {
    FaultAnswer::Graph {
        status,
        code,
        text,
        retry_after: None,
    }
}

const fn graph_later(
    status: u16,
    code: &'static str,
    text: &'static str,
    seconds: u32,
) -> FaultAnswer {
    FaultAnswer::Graph {
        status,
        code,
        text,
        retry_after: Some(seconds),
    }
}

const fn registration_error(status: u16, code: &'static str, text: &'static str) -> FaultAnswer {
    FaultAnswer::Registration(RegistrationDefect::Error {
        status,
        code,
        text,
        retry_after: None,
        spares_principals: false,
    })
}

const fn directory_throttled(retry_after: Option<u32>) -> FaultAnswer {
    FaultAnswer::Registration(RegistrationDefect::Error {
        status: 429,
        code: "TooManyRequests",
        text: "Too many requests.",
        retry_after,
        spares_principals: false,
    })
}

const fn not_found(spares_principals: bool) -> RegistrationDefect {
    RegistrationDefect::Error {
        status: 404,
        code: "Request_ResourceNotFound",
        text: "Resource does not exist or one of its queried reference-property objects are not \
               present.",
        retry_after: None,
        spares_principals,
    }
}

const fn mail_refusal(text: &'static str) -> FaultAnswer {
    FaultAnswer::Mail(MailFault::SignIn {
        text,
        challenged: false,
    })
}

const fn mail_challenge(text: &'static str) -> FaultAnswer {
    FaultAnswer::Mail(MailFault::SignIn {
        text,
        challenged: true,
    })
}

const fn paged(further: FurtherPages) -> FaultAnswer {
    FaultAnswer::Registration(RegistrationDefect::Paged(further))
}

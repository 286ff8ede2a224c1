//! What the login service says beside its error numbers, for texts that lost the number: a product
//! that shows the sentence alone, or an answer that was cut. The number still names the cause.

/// A number, and what its sentence always has: all parts in this order and near each other, in
/// lower case. Only the login service speaks so.
pub(super) type Message = (u32, &'static [&'static str]);

#[rustfmt::skip]
pub(super) static MESSAGES: &[Message] = &[
    (16000, &["selected account is not supported for the scenario"]),
    (50002, &["restricted proxy access on the tenant"]),
    (50011, &["does not match the reply url"]),
    (50011, &["does not match the redirect uri"]),
    (50012, &["client assertion contains an invalid signature"]),
    (50020, &["user account", "from identity provider", "does not exist in tenant"]),
    (50034, &["user account", "does not exist in the", "directory"]),
    (50034, &["the account must be added to the", "directory"]),
    (50053, &["tried to sign in too many times with an incorrect"]),
    (50053, &["came from an ip address with malicious activity"]),
    (50055, &["password is expired", "force change password"]),
    (50056, &["invalid or null password"]),
    (50058, &["silent sign-in request was sent but no user is signed in"]),
    (50058, &["session information is not sufficient for single-sign-on"]),
    (50059, &["no tenant-identifying information found"]),
    (50072, &["you must enroll in multi-factor authentication"]),
    (50074, &["strong authentication is required"]),
    (50076, &["you must use multi-factor authentication to access"]),
    (50085, &["refresh token needs social idp login"]),
    (50089, &["flow token", "expir"]),
    (50105, &["is not assigned to a role for the application"]),
    (50105, &["block users unless they are specifically granted"]),
    (50105, &["not a direct member of a group with access"]),
    (50125, &["interrupted due to a password reset or password registration"]),
    (50126, &["error validating credentials due to invalid username or password"]),
    (50131, &["device is not in required device state"]),
    (50132, &["session is not valid due to"]),
    (50133, &["session is invalid due to expiration or recent password change"]),
    (50158, &["external security challenge was not satisfied"]),
    (50173, &["grant has expired due to it being revoked"]),
    (50178, &["session control is not supported for passthrough users"]),
    (50194, &["is not configured as a multi-tenant application"]),
    (50196, &["client request loop"]),
    (53000, &["conditional access policy requires a compliant device"]),
    (53001, &["conditional access policy requires a domain joined device"]),
    (53002, &["is not an approved app for conditional access"]),
    (53003, &["blocked by conditional access policies"]),
    (53003, &["access policy does not allow token issuance"]),
    (53003, &["does not meet the criteria to access this resource"]),
    (53004, &["needs to complete multi-factor authentication registration"]),
    (53011, &["user blocked due to risk on home tenant"]),
    (54005, &["authorization code was already redeemed"]),
    (65001, &["user or administrator has not consented to use the application"]),
    (65002, &["must be configured via preauthorization"]),
    (65004, &["user declined to consent"]),
    (70003, &["app requested unsupported grant type"]),
    (700_003, &["device object was not found in the tenant"]),
    (700_005, &["authorization code is intended to use against other tenant"]),
    (70008, &["authorization code or refresh token has expired"]),
    (70008, &["authorization code or refresh token is expired"]),
    (70008, &["authenticated as the grant is expired"]),
    (70011, &["provided value for the input parameter 'scope' is not valid"]),
    (70016, &["device flow error. authorization is pending"]),
    (70019, &["verification code expired"]),
    (70020, &["input parameter 'device_code' is not valid"]),
    (70021, &["no matching federated identity record found"]),
    (700_016, &["application with identifier", "not found in the directory"]),
    (700_016, &["client does not exist or is not enabled for consumers"]),
    (700_021, &["client assertion application identifier", "match 'client_id'"]),
    (700_024, &["client assertion is not within its valid time range"]),
    (700_025, &["client is public so neither"]),
    (700_027, &["used to sign the client assertion is not registered"]),
    (700_027, &["client assertion failed signature validation"]),
    (700_051, &["response_type 'token' is not enabled for the application"]),
    (700_054, &["response_type 'id_token' is not enabled for the application"]),
    (70043, &["invalid due to sign-in frequency checks"]),
    (700_082, &["refresh token has expired due to inactivity"]),
    (700_084, &["refresh token was issued to a single page app"]),
    (700_211, &["no matching federated identity record found for presented assertion issuer"]),
    (7_000_113, &["not authorized to make application on-behalf-of calls"]),
    (7_000_215, &["secret value, not the client secret id"]),
    (7_000_216, &["is required for the 'client_credentials' grant type"]),
    (7_000_218, &["must contain the following parameter: 'client_assertion' or 'client_secret'"]),
    (7_000_222, &["provided client secret keys", "are expired"]),
    (7_000_229, &["is missing service principal in the tenant"]),
    (90002, &["tenant '", "' not found. check to make sure you have the correct tenant"]),
    (90002, &["may happen if there are no active subscriptions for the tenant"]),
    (90002, &["no service namespace named", "was found in the data store"]),
    (900_023, &["tenant identifier", "is neither a valid dns name, nor a valid external domain"]),
    (90038, &["request is being redirected to the national cloud"]),
    (90072, &["user account", "from external identity provider", "does not exist in tenant"]),
    (90094, &["needs permission to access resources in your organization that only an admin"]),
    (90112, &["application identifier is expected to be a guid"]),
    (900_144, &["request body must contain the following parameter: '"]),
    (9_001_023, &["not supported over the /common or /consumers"]),
    (9_002_325, &["proof key for code exchange is required for cross-origin"]),
    (9_002_326, &["cross-origin token redemption is permitted only for"]),
    (9_002_327, &["may only be redeemed via cross-origin requests"]),
    (9_002_346, &["is configured for use by microsoft account users only"]),
    (1_002_012, &["client credential flows must have a scope value with /.default"]),
    (501_051, &["application", "is not assigned to a role for the application"]),
    (530_035, &["access has been blocked by security defaults"]),
    (530_032, &["user blocked", "tenant's security policy"]),
    (650_052, &["lacks a service principal for"]),
    (650_053, &["asked for scope", "that doesn't exist on the resource"]),
    (650_054, &["access a resource that has been removed or is no longer available"]),
    (650_056, &["the client has not listed any permissions for"]),
    (650_057, &["which is not listed in the requested permissions"]),
    (500_011, &["resource principal named", "was not found in the tenant"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::entra;

    #[test]
    fn messages_are_in_lower_case_and_belong_to_known_numbers() {
        for (number, parts) in MESSAGES {
            assert!(entra::code(*number).is_some(), "{number}");
            for part in *parts {
                assert_eq!(part.to_lowercase(), **part);
            }
        }
    }
}

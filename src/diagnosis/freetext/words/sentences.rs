//! The sentences of Microsoft's services and of those who read their answers, as data.

use super::Sentence;
use crate::{
    diagnosis::cause::Cause::{
        self, AccessDenied, AppAccessPolicyDenied, AppDisabled, AppNotFound, AppRoleMissing,
        AudienceWrong, BasicAuthRetired, CertificateUnknown, ClockSkew, ConditionalAccessBlocked,
        ConsentRequired, DeviceCodePending, EwsDisabled, EwsEndpointWrong, EwsRequestInvalid,
        EwsRetired, EwsThrottled, EwsUnavailable, FederatedCredentialMismatch,
        GraphPermissionMissing, GraphThrottled, ImpersonationDenied, ImpersonationHeaderMissing,
        MailboxNotFound, MailboxUnavailable, MfaRequired, RedirectUriMismatch, RefreshTokenExpired,
        RefreshTokenRevoked, ResourceNotFound, SecretExpired, SecretInvalid, SecretMissing,
        ServicePrincipalMissing, TenantNotFound, TokenExpired, TokenRejected, UnexpectedPage,
        UserDisabled, UserLocked, UserNotFound, UserPasswordExpired, UserPasswordWrong,
    },
    observation::Stage,
};

const fn token(cause: Cause, parts: &'static [&'static str]) -> Sentence {
    Sentence {
        cause,
        stage: Stage::Token,
        own: false,
        parts,
    }
}

/// A sentence that only the login service says.
const fn said(cause: Cause, parts: &'static [&'static str]) -> Sentence {
    Sentence {
        cause,
        stage: Stage::Token,
        own: true,
        parts,
    }
}

const fn ews(cause: Cause, parts: &'static [&'static str]) -> Sentence {
    Sentence {
        cause,
        stage: Stage::Ews,
        own: true,
        parts,
    }
}

const fn vague(cause: Cause, stage: Stage, parts: &'static [&'static str]) -> Sentence {
    Sentence {
        cause,
        stage,
        own: false,
        parts,
    }
}

/// Cause and the parts of its sentence.
#[rustfmt::skip]
pub(super) static SENTENCES: &[Sentence] = &[
    // the login service, where its code was cut off
    token(SecretInvalid, &["invalid client secret"]),
    token(SecretInvalid, &["client secret", "is invalid"]),
    token(SecretInvalid, &["client secret value, not the client secret id"]),
    token(SecretExpired, &["client secret keys", "expired"]),
    token(SecretExpired, &["client secret", "has expired"]),
    token(SecretExpired, &["client secret", "are expired"]),
    token(SecretExpired, &["client secret is expired"]),
    token(SecretMissing, &["must contain the following parameter", "client_assertion"]),
    token(SecretMissing, &["must contain the following parameter", "client_secret"]),
    token(AppNotFound, &["application with identifier", "was not found in the directory"]),
    token(AppNotFound, &["application with identifier", "not found"]),
    token(TenantNotFound, &["tenant '", "not found"]),
    token(TenantNotFound, &["please double check your tenant name"]),
    token(TenantNotFound, &["also please double check your tenant"]),
    token(TenantNotFound, &["unable to get authority configuration"]),
    token(TenantNotFound, &["specified tenant identifier", "is neither a valid"]),
    token(TenantNotFound, &["no tenant-identifying information"]),
    token(TenantNotFound, &["no active subscriptions for the tenant"]),
    token(ResourceNotFound, &["resource principal named", "was not found"]),
    token(ConsentRequired, &["has not consented to use the application"]),
    said(ConsentRequired, &["needs permission to access resources in your organization"]),
    said(ConsentRequired, &["need admin approval"]),
    token(ConsentRequired, &["admin consent is required"]),
    token(MfaRequired, &["must use multi-factor authentication"]),
    token(MfaRequired, &["must enroll in multi-factor"]),
    token(MfaRequired, &["due to a configuration change made by your administrator"]),
    token(UserLocked, &["account is locked"]),
    token(UserLocked, &["account has been locked"]),
    token(UserPasswordWrong, &["invalid username or password"]),
    token(UserPasswordWrong, &["invalid user name or password"]),
    token(UserPasswordExpired, &["password is expired"]),
    token(UserPasswordExpired, &["password has expired"]),
    token(UserNotFound, &["user account", "does not exist in tenant"]),
    token(UserNotFound, &["account must be added to the directory"]),
    token(UserDisabled, &["user account is disabled"]),
    token(RefreshTokenExpired, &["refresh token has expired"]),
    token(RefreshTokenExpired, &["token has expired due to inactivity"]),
    token(RefreshTokenRevoked, &["grant has expired due to it being revoked"]),
    token(RefreshTokenRevoked, &["expired due to it being revoked"]),
    token(ClockSkew, &["assertion is not within its valid time range"]),
    token(CertificateUnknown, &["key was not found", "thumbprint"]),
    token(CertificateUnknown, &["certificate with identifier used to sign", "not registered"]),
    token(RedirectUriMismatch, &["redirect uri", "does not match"]),
    token(RedirectUriMismatch, &["reply url", "does not match"]),
    token(RedirectUriMismatch, &["reply address", "does not match"]),
    token(ConditionalAccessBlocked, &["blocked by conditional access"]),
    token(ConditionalAccessBlocked, &["conditional access policies", "blocked"]),
    token(FederatedCredentialMismatch, &["no matching federated identity record"]),
    token(ServicePrincipalMissing, &["missing service principal in the tenant"]),
    token(DeviceCodePending, &["authorization is pending"]),
    token(AppDisabled, &["application", "is disabled"]),
    // Exchange
    ews(ImpersonationHeaderMissing, &["exchangeimpersonation soap header must be present"]),
    ews(ImpersonationHeaderMissing, &["exchangeimpersonation soap header is missing"]),
    ews(ImpersonationHeaderMissing, &["en-tête soap exchangeimpersonation"]),
    ews(ImpersonationHeaderMissing, &["soap-header", "exchangeimpersonation"]),
    ews(ImpersonationDenied, &["does not have permission to impersonate"]),
    ews(ImpersonationDenied, &["identität des angeforderten benutzers"]),
    ews(ImpersonationDenied, &["berechtigung", "identitätswechsel"]),
    ews(ImpersonationDenied, &["emprunter l'identité"]),
    ews(ImpersonationDenied, &["emprunter l\u{2019}identité"]),
    ews(ImpersonationDenied, &["autorisation", "usurper l'identité"]),
    ews(ImpersonationDenied, &["permiso para suplantar"]),
    ews(ImpersonationDenied, &["permisos para suplantar"]),
    ews(ImpersonationDenied, &["偽装するアクセス許可"]),
    ews(ImpersonationDenied, &["偽装する権限"]),
    ews(ImpersonationDenied, &["没有模拟"]),
    ews(MailboxNotFound, &["smtp address has no mailbox"]),
    ews(MailboxNotFound, &["smtp-adresse", "kein postfach"]),
    ews(MailboxNotFound, &["kein postfach", "smtp-adresse"]),
    ews(MailboxNotFound, &["aucune boîte aux lettres", "smtp"]),
    ews(MailboxNotFound, &["adresse smtp", "aucune boîte aux lettres"]),
    ews(MailboxNotFound, &["dirección smtp", "ningún buzón"]),
    ews(MailboxNotFound, &["dirección smtp", "no tiene", "buzón"]),
    ews(MailboxNotFound, &["smtp アドレス", "メールボックス", "ません"]),
    ews(MailboxNotFound, &["account that does not have a mailbox"]),
    ews(MailboxNotFound, &["no mailbox with such guid"]),
    vague(MailboxNotFound, Stage::Ews, &["mailbox does not exist"]),
    vague(MailboxNotFound, Stage::Ews, &["mailbox does not have smtp address"]),
    ews(MailboxNotFound, &["smtp 地址没有关联的邮箱"]),
    ews(MailboxUnavailable, &["mailbox database is temporarily unavailable"]),
    ews(MailboxUnavailable, &["die postfachdatenbank ist vorübergehend nicht verfügbar"]),
    ews(MailboxUnavailable, &["base de données de boîtes aux lettres est temporairement"]),
    ews(MailboxUnavailable, &["base de datos de buzones no está disponible"]),
    ews(MailboxUnavailable, &["メールボックス データベースは一時的に"]),
    ews(MailboxUnavailable, &["mailbox move is in progress"]),
    ews(EwsThrottled, &["server cannot service this request right now"]),
    ews(EwsThrottled, &["server kann diese anforderung", "nicht"]),
    ews(EwsThrottled, &["serveur ne peut pas traiter cette demande"]),
    ews(EwsThrottled, &["servidor no puede atender esta solicitud"]),
    ews(EwsThrottled, &["要求を処理できません"]),
    ews(EwsThrottled, &["exceeded the available concurrent connections"]),
    ews(EwsThrottled, &["too many concurrent connections opened"]),
    ews(EwsThrottled, &["the server is too busy"]),
    ews(EwsThrottled, &["application is over its mailboxconcurrency"]),
    ews(EwsUnavailable, &["exchange web services are not currently available"]),
    ews(EwsUnavailable, &["an internal server error occurred. the operation failed"]),
    ews(EwsUnavailable, &["interner serverfehler", "vorgang"]),
    ews(EwsUnavailable, &["erreur interne du serveur", "opération"]),
    ews(EwsUnavailable, &["error interno del servidor", "operación"]),
    ews(EwsUnavailable, &["内部サーバー エラー"]),
    vague(AccessDenied, Stage::Ews, &["access is denied. check credentials and try again"]),
    vague(AccessDenied, Stage::Ews, &["zugriff verweigert", "anmeldeinformationen"]),
    vague(AccessDenied, Stage::Ews, &["zugriff wurde verweigert", "anmeldeinformationen"]),
    vague(AccessDenied, Stage::Ews, &["accès refusé", "informations d'identification"]),
    vague(AccessDenied, Stage::Ews, &["accès est refusé", "identification"]),
    vague(AccessDenied, Stage::Ews, &["acceso denegado", "credenciales"]),
    vague(AccessDenied, Stage::Ews, &["アクセスが拒否されました", "資格情報"]),
    vague(AccessDenied, Stage::Ews, &["アクセスは拒否されました"]),
    vague(AppAccessPolicyDenied, Stage::Ews, &["blocked by tenant configured apponly accesspolicy"]),
    vague(AppAccessPolicyDenied, Stage::Ews, &["access to", "restricted by", "application access policy"]),
    vague(EwsRetired, Stage::Ews, &["ews", "has been retired"]),
    vague(EwsRetired, Stage::Ews, &["legacy", "token", "no longer supported", "exchange"]),
    vague(EwsDisabled, Stage::Ews, &["exchange web services", "disabled"]),
    vague(EwsDisabled, Stage::Ews, &["ews is disabled"]),
    vague(EwsDisabled, Stage::Ews, &["ews is not enabled"]),
    vague(EwsDisabled, Stage::Ews, &["ews access is disabled"]),
    vague(EwsDisabled, Stage::Ews, &["exchange-webdienste", "deaktiviert"]),
    vague(BasicAuthRetired, Stage::Ews, &["basic auth", "disabled"]),
    vague(BasicAuthRetired, Stage::Ews, &["basic auth", "deprecated"]),
    vague(BasicAuthRetired, Stage::Ews, &["basic authentication", "no longer"]),
    vague(BasicAuthRetired, Stage::Ews, &["authentication unsuccessful, basic authentication"]),
    vague(TokenRejected, Stage::Ews, &["invalid credentials for http", "exchange.asmx"]),
    vague(AudienceWrong, Stage::Ews, &["audience claim value is invalid"]),
    vague(AudienceWrong, Stage::Ews, &["audience validation failed"]),
    vague(TokenExpired, Stage::Ews, &["token has expired", "exchange"]),
    vague(TokenExpired, Stage::Ews, &["lifetime validation failed, the token is expired"]),
    vague(TokenExpired, Stage::Ews, &["access token has expired"]),
    vague(TokenExpired, Stage::Ews, &["token contains invalid signature", "expired"]),
    vague(AppRoleMissing, Stage::Ews, &["token contains not enough permissions"]),
    vague(AppRoleMissing, Stage::Ews, &["token doesn't contain the permissions"]),
    vague(AppRoleMissing, Stage::Ews, &["not enough scope/permissions"]),
    vague(AppRoleMissing, Stage::Ews, &["neither scp or roles claim"]),
    vague(AppRoleMissing, Stage::Ews, &["either scp or roles claim need to be present"]),
    vague(EwsRequestInvalid, Stage::Ews, &["request failed schema validation"]),
    vague(EwsRequestInvalid, Stage::Ews, &["fehler bei der schemaüberprüfung"]),
    vague(EwsEndpointWrong, Stage::Ews, &["autodiscover service couldn't be located"]),
    vague(EwsEndpointWrong, Stage::Ews, &["autodiscover service returned an error"]),
    vague(EwsEndpointWrong, Stage::Ews, &["autodiscover blocked a potentially insecure redirection"]),
    // Graph
    vague(GraphPermissionMissing, Stage::Graph, &["insufficient privileges to complete the operation"]),
    vague(MailboxNotFound, Stage::Graph, &["rest api is not yet supported for this mailbox"]),
    vague(MailboxNotFound, Stage::Graph, &["mailbox is either inactive, soft-deleted"]),
    vague(GraphThrottled, Stage::Graph, &["application is over its", "limit"]),
    // an answer that is no answer
    vague(UnexpectedPage, Stage::Token, &["unexpected token", "<", "json"]),
    vague(UnexpectedPage, Stage::Token, &["while parsing value: <"]),
    vague(UnexpectedPage, Stage::Ews, &["data at the root level is invalid"]),
    vague(UnexpectedPage, Stage::Token, &["expecting value: line 1 column 1"]),
    vague(UnexpectedPage, Stage::Ews, &["not allowed in prolog"]),
    vague(UnexpectedPage, Stage::Token, &["invalid character '<' looking for beginning"]),
    vague(UnexpectedPage, Stage::Token, &["'<' is an invalid start of a value"]),
    vague(UnexpectedPage, Stage::Token, &["use jsonreader.setlenient"]),
    vague(UnexpectedPage, Stage::Ews, &["unexpected eof in prolog"]),
    vague(UnexpectedPage, Stage::Ews, &["content type text/html", "does not match"]),
    vague(UnexpectedPage, Stage::Token, &["unexpected response content-type \"text/html"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_in_ascii_lower_case() {
        for part in SENTENCES.iter().flat_map(|sentence| sentence.parts) {
            assert_eq!(part.to_ascii_lowercase(), **part);
        }
    }
}

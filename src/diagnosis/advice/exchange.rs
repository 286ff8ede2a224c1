//! Advice on what Exchange refuses, and on tokens that it cannot accept.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

/// What ends with EWS, and what to do about it in time.
const RETIREMENT: &str = "Plan the move now: EWS in Exchange Online ends for good on 1 April 2027, without exceptions; Microsoft Graph is the replacement, and the vendor must support it (the twin of this test is GET https://graph.microsoft.com/v1.0/users/{mailbox}/mailFolders/inbox). Own Exchange servers keep EWS.";

/// Asking Exchange whether a scope holds a mailbox.
const TEST_SCOPE: &str = "Ask whether the app's scope holds the mailbox: `Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}` (RBAC for Applications) and `Test-ApplicationAccessPolicy -AppId {client} -Identity {mailbox}` (older access policies)";

/// Looking at a mailbox.
const SHOW_MAILBOX: &str = "Look at the mailbox: `Get-EXOMailbox -Identity {mailbox} -Properties PrimarySmtpAddress,RecipientTypeDetails` (not there: `Get-Recipient -Identity {mailbox}`, `Get-EXOMailbox -SoftDeletedMailbox -Identity {mailbox}`)";

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::AppRoleMissing,
        title: "The app lacks the Exchange permission",
        detail: "A token was issued, but without the application permission {role}, and Exchange refused it. The login service gives tokens without permissions too, so a working sign-in proves nothing. Where Exchange's own RBAC for Applications grants access, nothing shows in the token, and the refusal has another reason.",
        steps: &[
            &[
                "Sign in as an administrator: `az login --tenant {tenant} --allow-no-subscriptions`",
                "Ask for the permission (full_access_as_app of Office 365 Exchange Online): `az ad app permission add --id {client} --api 00000002-0000-0ff1-ce00-000000000000 --api-permissions dc890d15-9560-4a4c-9b7f-a736ec74ec40=Role` (portal: App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions). It opens every mailbox; RBAC for Applications with the role Application EWS.AccessAsApp opens chosen ones.",
            ],
            steps::CONSENT,
        ],
        after: "Consent shows in new tokens within minutes; Exchange may take up to an hour.",
    },
    Advice {
        cause: Cause::DelegatedScopeMissing,
        title: "The sign-in lacks the Exchange permission",
        detail: "The token is a user's, and does not carry the delegated permission EWS.AccessAsUser.All.",
        steps: &[
            &[
                "Ask for it in the sign-in: scope {resource}/EWS.AccessAsUser.All, and add it to the registration: App registrations > the app > API permissions > Office 365 Exchange Online > Delegated permissions.",
            ],
            steps::CONSENT,
            &["Sign in again, so that a new token carries it: `credwatch login {name}`"],
        ],
        after: "Consent shows in new tokens within minutes.",
    },
    Advice {
        cause: Cause::AudienceWrong,
        title: "The token is for another resource",
        detail: "The access token was issued for somebody else than the service it was sent to. A token for Graph does not open EWS, and tokens of one cloud do not open another.",
        steps: &[&[
            "For EWS ask for the scope {resource}/.default; for Graph https://graph.microsoft.com/.default.",
            "Check `cloud`, `ews_url` and `ews_resource` in the config: they must belong to the same cloud; an own Exchange server in a hybrid sets its own `ews_resource`.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::TokenExpired,
        title: "The access token has expired",
        detail: "The token was past its end when it was used. Access tokens live for about an hour.",
        steps: &[&[
            "Fetch a new token and try again; a program that meets this often does not renew its token in time.",
            "Compare this machine's clock with the service's: `date -u`, and `curl -sI https://{ews_host}/ | grep -i ^date:`",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::TokenRejected,
        title: "The access token is refused",
        detail: "The sign-in worked, and the service refuses the token without saying clearly why: a missing permission, another audience, a mailbox in another place, a server without modern authentication, or EWS switched off.",
        steps: &[&[
            "Compare what the token says with what is needed: `credwatch diagnose {name}` shows audience, directory and roles. For EWS it needs the audience {resource} and the role {role}.",
            steps::EXCHANGE,
            TEST_SCOPE,
            "Check that EWS is on for the organisation and the mailbox: `Get-OrganizationConfig | Format-List EwsEnabled` and `Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled`",
            "For an own Exchange server: `Get-AuthServer | Format-List Name,Enabled,IssuerIdentifier,Realm` must name this directory.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::BasicAuthRetired,
        title: "Basic authentication is switched off",
        detail: "User name and password were sent to Exchange, which no longer takes them. Exchange Online has ended this for EWS; there is no way to switch it on again.",
        steps: &[&[
            "Set the integration to modern authentication (OAuth): the vendor's guide says which ids and permissions it needs.",
            "Prefer sign-in as an app, with the permission {role} limited to the mailboxes that are needed.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::AuthSchemeUnsupported,
        title: "The server does not offer this kind of sign-in",
        detail: "The server answered 401 and offers other schemes than the one that was used. An Exchange server without hybrid modern authentication takes no tokens; a publishing proxy may hide what Exchange offers.",
        steps: &[&[
            "See what the server offers: `curl -sI {ews_url} | grep -i ^www-authenticate:`",
            "On the Exchange server: `Get-WebServicesVirtualDirectory | Format-List Server,*Authentication*` and `Get-AuthServer`; OAuth needs hybrid modern authentication (Microsoft's Hybrid Configuration Wizard sets it up).",
            "If the mailbox has moved to Exchange Online, send requests there: remove `ews_url` from the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ImpersonationHeaderMissing,
        title: "The request names no mailbox to act for",
        detail: "An app's own token opens EWS only together with the header ExchangeImpersonation, which names the mailbox. The token itself was accepted.",
        steps: &[&[
            "Have the integration send ExchangeImpersonation with the mailbox's primary address, and X-AnchorMailbox with the same address.",
            "If credwatch sent the request, check `mailbox` in the config: {mailbox}.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ImpersonationDenied,
        title: "The app may not act for this mailbox",
        detail: "Exchange accepted the token and refuses impersonation of {mailbox}: the role or scope that was given to the app does not hold this mailbox.",
        steps: &[&[
            steps::EXCHANGE,
            TEST_SCOPE,
            "Widen the scope: `Get-ManagementRoleAssignment -RoleAssignee {client} | Format-List Role,CustomResourceScope`, then `Get-ManagementScope | Format-List Name,RecipientFilter`, and make its filter hold the mailbox; or give it the property that the filter asks for.",
            "On an own Exchange server: `New-ManagementRoleAssignment -Role ApplicationImpersonation -User <service account> -CustomRecipientWriteScope <scope>`",
        ]],
        after: "A changed scope acts within 30 minutes to 2 hours.",
    },
    Advice {
        cause: Cause::AppAccessPolicyDenied,
        title: "A policy keeps the app from this mailbox",
        detail: "An application access policy, or an RBAC for Applications scope, leaves {mailbox} out. The credential is good: test with a mailbox inside the scope.",
        steps: &[&[
            steps::EXCHANGE,
            TEST_SCOPE,
            "See the policies: `Get-ApplicationAccessPolicy | Where-Object AppId -eq {client_text} | Format-List`",
            "Add the mailbox to the group that the policy names: `Add-DistributionGroupMember -Identity <group of the policy> -Member {mailbox}`",
        ]],
        after: "A changed policy or group acts within 30 minutes to 2 hours.",
    },
    Advice {
        cause: Cause::EwsDisabled,
        title: "EWS is switched off for this app or mailbox",
        detail: "Exchange says that EWS is off, or blocked by policy. There are four switches, and all must let the app through: the organisation's EwsEnabled, its list of allowed app ids, its user-agent policy, and the mailbox's EwsEnabled. In the worldwide cloud it may also be Microsoft's own step towards the end of EWS, announced seven days ahead in the Message Center. A user-agent policy may refuse credwatch alone; the vendor may still work.",
        steps: &[&[
            steps::EXCHANGE,
            "Look at all four: `Get-OrganizationConfig | Format-List EwsEnabled,EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList`, `Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsAllowedAppIDs`, `Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled,EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList`. Look for 'Exchange Web Services' in Microsoft 365 admin center > Health > Message center, too.",
            steps::ALLOW_APP,
            "If the organisation's EwsEnabled is False, switch it on once the list holds every app that is needed (with True and an empty list all apps are blocked): `Set-OrganizationConfig -EwsEnabled $true`",
            "If the mailbox's is False: `Set-CASMailbox -Identity {mailbox} -EwsEnabled $true`. Mailboxes with only a Kiosk, F1 or F3 licence have no EWS at all.",
            "If the user-agent policy blocks, let the vendor's user agent through, and credwatch's: it sends {agent}.",
            RETIREMENT,
            "Emergency only, if an app that cannot wait is blocked and nobody can say why: `Set-OrganizationConfig -EwsEnabled $null` opens EWS to every app again. Undo it as soon as the list is right.",
        ]],
        after: "The list of app ids takes up to 24 hours to act, EwsEnabled about 1 hour: do not test again too early.",
    },
    Advice {
        cause: Cause::EwsRetired,
        title: "EWS in Exchange Online has been retired",
        detail: "Exchange Online refuses EWS because its retirement has reached this organisation. After 1 April 2027 nothing can bring it back.",
        steps: &[&[
            "Look for the announcement, with its date: Microsoft 365 admin center > Health > Message center, 'Exchange Web Services'.",
            "Before 1 April 2027 an Exchange administrator may get time: see `credwatch explain ews-disabled` for the four switches, in their safe order.",
            RETIREMENT,
        ]],
        after: "",
    },
    Advice {
        cause: Cause::MailboxNotFound,
        title: "There is no mailbox at this address",
        detail: "Exchange let the app in and has no mailbox for {mailbox}: a typing error, a secondary address, a mailbox on another server, a missing licence, or a deleted mailbox.",
        steps: &[&[
            steps::EXCHANGE,
            SHOW_MAILBOX,
            "Put its primary address into the config as `mailbox`, and into the integration's settings.",
            "If it is on an own server (MailUser, RemoteUserMailbox), set `ews_url` to that server; if it has no licence, assign one with Exchange.",
        ]],
        after: "A new licence makes its mailbox within minutes to a few hours.",
    },
    Advice {
        cause: Cause::MailboxDisabled,
        title: "The mailbox or its account is disabled",
        detail: "The mailbox is known, but its account is disabled, it was removed, or it has no licence that lets it be used.",
        steps: &[&[
            steps::EXCHANGE,
            SHOW_MAILBOX,
            "Check account and licence: Microsoft 365 admin center > Users > Active users. For rooms a disabled account is normal; then the mailbox itself was removed or lost its licence.",
            "Restore it, if it was deleted within the last 30 days: Users > Deleted users.",
        ]],
        after: "A restored mailbox or licence acts within minutes to a few hours.",
    },
    Advice {
        cause: Cause::MailboxUnavailable,
        title: "The mailbox is not available just now",
        detail: "The store of the mailbox is offline, failing over, or the mailbox is being moved. It passes by itself.",
        steps: &[&[
            "Wait some minutes; the check is repeated by itself.",
            "If it lasts: `Connect-ExchangeOnline`, then `Get-MoveRequest -Identity {mailbox}` tells of a move; Microsoft 365 admin center > Health > Service health of an outage.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::AccessDenied,
        title: "Access to the mailbox is denied",
        detail: "Exchange knows who asks and refuses the mailbox or folder. Where no reason is given, it may be a right, a scope, a licence (Kiosk and F licences have no EWS), or a policy by place, which may refuse us from here while the vendor may still work.",
        steps: &[&[
            steps::EXCHANGE,
            TEST_SCOPE,
            "For a user's sign-in, see who may open the mailbox: `Get-EXOMailboxPermission -Identity {mailbox}` and `Get-EXOMailboxFolderPermission -Identity {mailbox}:\\Calendar`",
            "Check that EWS is on for it: `Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled`",
        ]],
        after: "A changed right acts within minutes to an hour.",
    },
    Advice {
        cause: Cause::EwsThrottled,
        title: "Exchange asks to slow down",
        detail: "The server is busy, or too many requests run at once. credwatch waits as long as it was asked to; whether the integration works is not known meanwhile.",
        steps: &[&[
            "Wait; every further request makes it longer.",
            "Look whether the integration sends more than ten requests at once for one mailbox, or asks in a loop.",
            "If it is credwatch itself, check less often: `interval = \"30m\"` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::EwsUnavailable,
        title: "Exchange has a fault of its own",
        detail: "The server or a gateway before it failed. Such faults usually pass within minutes; nothing in the app needs changing.",
        steps: &[&[
            "Look at the service's health: Microsoft 365 admin center > Health > Service health > Exchange Online; for an own server at its event log and application pools.",
            "If it lasts, open a case with Microsoft and give the request id and the time shown here.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::EwsRequestInvalid,
        title: "Exchange does not accept the request",
        detail: "The request does not fit the schema or version that the server knows. The token was not the problem.",
        steps: &[&[
            "Check which version the request names (RequestServerVersion): Exchange2013_SP1 is known to every supported server.",
            "If credwatch sent it, check `ews_url` (it must end in /EWS/Exchange.asmx) and whether a proxy rewrites requests: `credwatch diagnose {name}`",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::EwsEndpointWrong,
        title: "There is no EWS at this address",
        detail: "The host answered, and says that EWS is not there: a wrong host or path, an Exchange whose EWS is not published, or a mailbox that another server serves.",
        steps: &[&[
            "Check the address: {ews_url}. Exchange Online is https://outlook.office365.com/EWS/Exchange.asmx; national clouds have their own hosts (set `cloud`).",
            "For an own server: `Get-WebServicesVirtualDirectory | Format-List Server,InternalUrl,ExternalUrl`, and see that the publishing proxy lets /EWS/ through.",
        ]],
        after: "",
    },
];

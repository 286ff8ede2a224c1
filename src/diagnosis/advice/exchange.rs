//! Advice on what Exchange refuses because of permissions, policies and switches.

use super::{
    Advice,
    draft::{
        Line::{Az, Bash, Credwatch, Exchange, Server},
        When::{App, Checked, Ews, GraphMail, Mail, NotMail, OtherApi, Pasted, Smtp},
        act, note,
    },
    steps,
};

/// How long a changed scope, policy or group takes to work.
const SCOPE_SPREADS: &str =
    "A changed scope, policy or group takes effect within 30 minutes to 2 hours.";

pub(super) const APP_ROLE_MISSING: Advice = Advice {
    title: "The app lacks the Exchange permission",
    meaning: "A token was issued without the application permission that the call needs ({role} for EWS). The login service issues tokens without permissions too, so a working sign-in proves nothing.",
    instead: &[(
        Mail,
        "The app lacks the permission for IMAP, POP or SMTP",
        "A token was issued without the application permission that the protocol needs: IMAP.AccessAsApp, POP.AccessAsApp or SMTP.SendAsApp.",
    )],
    steps: &[
        &[
            act(
                "Add the permission full_access_as_app of Office 365 Exchange Online to the app.",
                &[Az(
                    "az ad app permission add --id {client} --api 00000002-0000-0ff1-ce00-000000000000 --api-permissions dc890d15-9560-4a4c-9b7f-a736ec74ec40=Role",
                )],
            )
            .when(&[NotMail])
            .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions"),
            act(
                "Add the application permission of the protocol (IMAP.AccessAsApp, POP.AccessAsApp or SMTP.SendAsApp of Office 365 Exchange Online) to the app.",
                &[],
            )
            .when(&[Mail])
            .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Application permissions"),
            steps::CONSENT,
        ],
        &[
            note(
                "The permission full_access_as_app opens every mailbox; RBAC for Applications with the role Application EWS.AccessAsApp opens chosen ones.",
            )
            .when(&[NotMail]),
            steps::RBAC_SHOWS_NO_ROLE,
        ],
    ],
    after: "Consent shows in new tokens within minutes; Exchange may take up to an hour.",
};

pub(super) const DELEGATED_SCOPE_MISSING: Advice = Advice {
    title: "The sign-in lacks the Exchange permission",
    meaning: "The token is a user's, and lacks the delegated permission that the call needs (EWS.AccessAsUser.All for EWS).",
    instead: &[(
        Mail,
        "The sign-in lacks the permission for IMAP, POP or SMTP",
        "The token is a user's, and lacks the delegated permission of the protocol: IMAP.AccessAsUser.All, POP.AccessAsUser.All or SMTP.Send.",
    )],
    steps: &[&[
        act(
            "Ask for the scope {resource}/EWS.AccessAsUser.All in the sign-in, and add it to the registration.",
            &[],
        )
        .when(&[NotMail])
        .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Delegated permissions"),
        act(
            "Ask for the scope of the protocol in the sign-in (https://outlook.office.com/IMAP.AccessAsUser.All, POP.AccessAsUser.All or SMTP.Send of the same host), and add it to the registration.",
            &[],
        )
        .when(&[Mail])
        .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online > Delegated permissions"),
        steps::CONSENT,
        act(
            "Sign in again, so that a new token carries it.",
            &[Credwatch("credwatch login {name}")],
        )
        .when(&[Checked]),
        act("Sign in again, so that a new token carries it.", &[]).when(&[Pasted]),
    ]],
    after: "Consent shows in new tokens within minutes.",
};

pub(super) const AUDIENCE_WRONG: Advice = Advice {
    title: "The token is for another resource",
    meaning: "The access token was issued for another service than the one it was sent to: a token for Graph does not open Exchange, and tokens of one cloud do not open another.",
    steps: &[&[
        act("Ask for the scope {resource}/.default.", &[]).when(&[Ews]),
        act("Ask for the scope https://graph.microsoft.com/.default.", &[]).when(&[GraphMail]),
        act(
            "Ask for the scope of the API that is called: its address with /.default.",
            &[],
        )
        .when(&[OtherApi]),
        act(
            "Ask for the scope https://outlook.office365.com/.default; for a user's sign-in the scopes of https://outlook.office.com.",
            &[],
        )
        .when(&[Mail]),
        act(
            "Check `cloud`, `ews_url` and `ews_resource` in the config: they must belong to the same cloud. An Exchange server of your own in a hybrid sets its own `ews_resource`.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const TOKEN_EXPIRED: Advice = Advice {
    title: "The access token has expired",
    meaning: "The token was past its end when it was used; access tokens live for about an hour.",
    steps: &[&[
        act(
            "Fetch a new token and try again; a program that meets this often does not renew its token in time.",
            &[],
        ),
        act(
            "If the token was new, compare this machine's clock with the service's.",
            &[
                Bash("date -u"),
                Bash("curl -sI https://{login_host}/ | grep -i ^date:"),
            ],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const TOKEN_REJECTED: Advice = Advice {
    title: "The access token is refused",
    meaning: "The sign-in worked, and the service refuses the token without a clear reason: a missing permission, another audience, a mailbox elsewhere, or a service that is switched off.",
    steps: &[
        &[
            act(
                "Compare what the token says (audience, directory, roles) with what is needed.",
                &[Credwatch("credwatch diagnose {name}")],
            )
            .when(&[Checked]),
            act(
                "Compare what the token says (aud, tid, roles or scp) with what the service needs.",
                &[],
            )
            .when(&[Pasted]),
        ],
        steps::MAIL_PERMISSIONS,
        &[
            act(
                "Ask Exchange whether the app's scope holds the mailbox.",
                &[Exchange(
                    "Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}",
                )],
            )
            .when(&[App]),
            act(
                "Check that EWS is on for the organisation and the mailbox.",
                &[
                    Exchange("Get-OrganizationConfig | Format-List EwsEnabled"),
                    Exchange("Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled"),
                ],
            )
            .when(&[Ews]),
            act(
                "For an Exchange server of your own: its list of login services must name this directory.",
                &[Server(
                    "Get-AuthServer | Format-List Name,Enabled,IssuerIdentifier,Realm",
                )],
            )
            .when(&[Ews]),
        ],
    ],
    ..Advice::NONE
};

pub(super) const BASIC_AUTH_RETIRED: Advice = Advice {
    title: "Basic authentication is switched off",
    meaning: "User name and password were sent to Exchange Online, which no longer takes them for this protocol; they cannot be allowed again.",
    instead: &[(
        Smtp,
        "SMTP no longer takes a password here",
        "User name and password were sent to SMTP in Exchange Online, which refuses them for client submission.",
    )],
    steps: &[&[
        act(
            "Set the integration to modern authentication (OAuth); the vendor's guide says which ids and permissions it needs.",
            &[],
        ),
        note(
            "Prefer sign-in as an app, with the permission {role} limited to the mailboxes that are needed.",
        )
        .when(&[Ews]),
        note(
            "Devices that can only send a password can use High Volume Email (internal recipients only), Azure Communication Services, or a relay of your own.",
        )
        .when(&[Smtp]),
    ]],
    ..Advice::NONE
};

pub(super) const AUTH_SCHEME_UNSUPPORTED: Advice = Advice {
    title: "The server does not offer this kind of sign-in",
    meaning: "The server offers other schemes than the one that was used: an Exchange server without hybrid modern authentication takes no tokens, and a publishing proxy may hide what Exchange offers.",
    steps: &[&[
        act(
            "See which schemes the server offers.",
            &[Bash("curl -sI {ews_url} | grep -i ^www-authenticate:")],
        )
        .when(&[NotMail]),
        act("See which schemes the server offers in its greeting (AUTH or CAPABILITY).", &[])
            .when(&[Mail]),
        act(
            "If the mailbox has moved to Exchange Online, remove `ews_url` from the config, so that requests go there.",
            &[],
        )
        .when(&[Checked]),
        act(
            "If the server is your own, see what it is set to; OAuth needs hybrid modern authentication, which Microsoft's Hybrid Configuration Wizard sets up.",
            &[
                Server("Get-WebServicesVirtualDirectory | Format-List Server,*Authentication*"),
                Server("Get-AuthServer"),
            ],
        )
        .when(&[Ews]),
    ]],
    ..Advice::NONE
};

pub(super) const IMPERSONATION_HEADER_MISSING: Advice = Advice {
    title: "The request names no mailbox to act for",
    meaning: "An app's own token opens EWS only together with the header ExchangeImpersonation, which names the mailbox; the token itself was accepted.",
    steps: &[&[
        act(
            "Have the integration send ExchangeImpersonation with the mailbox's primary address, and X-AnchorMailbox with the same address.",
            &[],
        )
        .when(&[Pasted]),
        act(
            "Set `mailbox` in the config to the primary address of the mailbox; it is {mailbox} now.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const IMPERSONATION_DENIED: Advice = Advice {
    title: "The app may not act for this mailbox",
    meaning: "Exchange accepted the token and refuses impersonation of {mailbox}: the role or scope that was given to the app does not hold this mailbox.",
    steps: &[&[
        steps::TEST_SCOPE,
        act(
            "Make the scope's filter hold the mailbox, or give the mailbox the property that the filter asks for.",
            &[
                Exchange(
                    "Get-ManagementRoleAssignment -RoleAssignee {client} | Format-List Role,CustomResourceScope",
                ),
                Exchange("Get-ManagementScope | Format-List Name,RecipientFilter"),
            ],
        ),
        act(
            "On an Exchange server of your own, give the service account the role for the scope.",
            &[Server(
                "New-ManagementRoleAssignment -Role ApplicationImpersonation -User '<service account>' -CustomRecipientWriteScope '<scope>'",
            )],
        ),
    ]],
    after: SCOPE_SPREADS,
    ..Advice::NONE
};

pub(super) const APP_ACCESS_POLICY_DENIED: Advice = Advice {
    title: "A policy keeps the app from this mailbox",
    meaning: "An application access policy, or a scope of RBAC for Applications, leaves {mailbox} out. The credential works: a mailbox inside the scope opens.",
    steps: &[&[
        steps::TEST_SCOPE,
        act(
            "If an access policy leaves it out, add the mailbox to the group that the policy names.",
            &[
                Exchange(
                    "Get-ApplicationAccessPolicy | Where-Object AppId -eq {client_text} | Format-List",
                ),
                Exchange(
                    "Add-DistributionGroupMember -Identity '<group of the policy>' -Member {mailbox}",
                ),
            ],
        ),
        act(
            "If a scope of RBAC for Applications leaves it out, make the scope's filter hold the mailbox.",
            &[Exchange(
                "Get-ManagementScope | Format-List Name,RecipientFilter",
            )],
        ),
    ]],
    after: SCOPE_SPREADS,
    ..Advice::NONE
};

pub(super) const EWS_DISABLED: Advice = Advice {
    title: "EWS is switched off for this app or mailbox",
    meaning: "Exchange refuses EWS by one of four switches: the organisation's EwsEnabled, its list of allowed app ids, its user-agent policy, or the mailbox's EwsEnabled. All four must let the app through.",
    steps: &[&[
        act(
            "Find the switch that is closed.",
            &[
                Exchange(
                    "Get-OrganizationConfig | Format-List EwsEnabled,EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList",
                ),
                Exchange(
                    "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsAllowedAppIDs",
                ),
                Exchange(
                    "Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled,EwsApplicationAccessPolicy,EwsAllowList,EwsBlockList",
                ),
            ],
        ),
        steps::ALLOW_APP,
        act(
            "If the organisation's EwsEnabled is False, switch it on once the list holds every app that is needed: with True and an empty list all apps are blocked.",
            &[Exchange("Set-OrganizationConfig -EwsEnabled $true")],
        ),
        act(
            "If the mailbox's EwsEnabled is False, switch it on. Mailboxes with only a Kiosk, F1 or F3 licence have no EWS at all.",
            &[Exchange(
                "Set-CASMailbox -Identity {mailbox} -EwsEnabled $true",
            )],
        ),
        act(
            "If the user-agent policy blocks, let the vendor's user agent through, and credwatch's: {agent}. It may refuse credwatch alone; the vendor may still work.",
            &[],
        )
        .when(&[Checked]),
        act(
            "If the user-agent policy blocks, let the integration's user agent through.",
            &[],
        )
        .when(&[Pasted]),
        note(
            "In the worldwide cloud it may also be Microsoft's own step towards the end of EWS, announced seven days ahead: Microsoft 365 admin center > Health > Message center, 'Exchange Web Services'.",
        ),
        steps::RETIREMENT,
        act(
            "Emergency only, if an app that cannot wait is blocked and the switch is not found: open EWS to every app, and undo it as soon as the list is right.",
            &[Exchange("Set-OrganizationConfig -EwsEnabled $null")],
        ),
    ]],
    after: "The list of app ids takes up to 24 hours to take effect, EwsEnabled about 1 hour: do not test again too early.",
    ..Advice::NONE
};

pub(super) const EWS_RETIRED: Advice = Advice {
    title: "EWS in Exchange Online has been retired",
    meaning: "Exchange Online refuses EWS because its retirement has reached this organisation; after 1 April 2027 nothing brings it back.",
    steps: &[&[
        act(
            "Move the integration to Microsoft Graph; ask the vendor which version does that.",
            &[],
        ),
        act(
            "Before 1 April 2027 an Exchange administrator may get time: find the announcement, then read about the four switches.",
            &[Credwatch("credwatch explain ews-disabled")],
        )
        .portal("Microsoft 365 admin center > Health > Message center, 'Exchange Web Services'"),
        note("Exchange servers of your own keep EWS."),
    ]],
    ..Advice::NONE
};

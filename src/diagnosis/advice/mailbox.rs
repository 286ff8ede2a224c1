//! Advice on mailboxes, on Exchange's own faults, and on requests that it cannot read.

use super::{
    Advice,
    draft::{
        Line::{Az, Credwatch, Exchange, Server},
        When::{App, Checked, Ews, Pasted, Person},
        act, note,
    },
    steps,
};

pub(super) const MAILBOX_NOT_FOUND: Advice = Advice {
    title: "There is no mailbox at this address",
    meaning: "Exchange let the app in and has no mailbox for {mailbox}: a typing error, a secondary address, a mailbox on another server, a missing licence, or a deleted mailbox.",
    steps: &[&[
        steps::SHOW_MAILBOX,
        act(
            "Put its primary address into the config as `mailbox`, and into the integration's settings.",
            &[],
        )
        .when(&[Checked]),
        act("Put its primary address into the integration's settings.", &[]).when(&[Pasted]),
        act(
            "If it is on a server of your own (MailUser, RemoteUserMailbox), send requests there; if it has no licence, assign one with Exchange.",
            &[],
        ),
    ]],
    after: "A new licence makes its mailbox within minutes to a few hours.",
    ..Advice::NONE
};

pub(super) const MAILBOX_DISABLED: Advice = Advice {
    title: "The mailbox or its account is disabled",
    meaning: "The mailbox is known, but its account is disabled, it was removed, or it has no licence that lets it be used.",
    steps: &[&[
        act(
            "Check account and licence, and assign a licence with Exchange if it is missing. For rooms a disabled account is normal: then the mailbox itself was removed or lost its licence.",
            &[],
        )
        .portal("Microsoft 365 admin center > Users > Active users"),
        steps::SHOW_MAILBOX,
        act(
            "If it was deleted within the last 30 days, restore it.",
            &[],
        )
        .portal("Microsoft 365 admin center > Users > Deleted users"),
    ]],
    after: "A restored mailbox or licence takes effect within minutes to a few hours.",
    ..Advice::NONE
};

pub(super) const MAILBOX_UNAVAILABLE: Advice = Advice {
    title: "The mailbox is not available just now",
    meaning: "The store of the mailbox is offline, failing over, or the mailbox is being moved; it passes by itself.",
    steps: &[&[
        act("Wait some minutes; the check is repeated by itself.", &[]).when(&[Checked]),
        act("Wait some minutes, then try again.", &[]).when(&[Pasted]),
        act(
            "If it lasts, see whether the mailbox is being moved.",
            &[Exchange("Get-MoveRequest -Identity {mailbox}")],
        ),
        steps::SERVICE_HEALTH,
    ]],
    ..Advice::NONE
};

pub(super) const ACCESS_DENIED: Advice = Advice {
    title: "Access to the mailbox is denied",
    meaning: "Exchange knows who asks and refuses the mailbox or folder: a right, a scope, a licence (Kiosk and F licences have no EWS), or a policy by place, which may refuse one machine while others work.",
    steps: &[&[
        steps::TEST_SCOPE.when(&[App]),
        act(
            "For a user's sign-in, see who may open the mailbox.",
            &[
                Exchange("Get-EXOMailboxPermission -Identity {mailbox}"),
                Exchange("Get-EXOMailboxFolderPermission -Identity {mailbox}:\\Calendar"),
            ],
        )
        .when(&[Person]),
        act(
            "Check that EWS is on for the mailbox.",
            &[Exchange(
                "Get-CASMailbox -Identity {mailbox} | Format-List EwsEnabled",
            )],
        )
        .when(&[Ews]),
    ]],
    after: "A changed right takes effect within minutes to an hour.",
    ..Advice::NONE
};

pub(super) const EWS_THROTTLED: Advice = Advice {
    title: "Exchange asks to slow down",
    meaning: "The server is busy, or too many requests run at once; whether the integration works is not known meanwhile.",
    steps: &[&[
        steps::WAIT,
        act(
            "Look whether the integration sends more than ten requests at once for one mailbox, or asks in a loop.",
            &[],
        ),
        steps::CHECK_LESS,
    ]],
    ..Advice::NONE
};

pub(super) const EWS_UNAVAILABLE: Advice = Advice {
    title: "Exchange has a fault of its own",
    meaning: "The server or a gateway before it failed; such faults usually pass within minutes, and nothing in the app needs changing.",
    steps: &[&[
        steps::SERVICE_HEALTH,
        act(
            "If the server is your own, look at its event log and its application pools.",
            &[],
        ),
        steps::SUPPORT_CASE,
    ]],
    ..Advice::NONE
};

pub(super) const EWS_REQUEST_INVALID: Advice = Advice {
    title: "Exchange does not accept the request",
    meaning: "The request does not fit the schema or version that the server knows; the token was not the problem.",
    steps: &[&[
        act(
            "Check that `ews_url` ends in /EWS/Exchange.asmx, and whether a proxy rewrites requests.",
            &[Credwatch("credwatch diagnose {name}")],
        )
        .when(&[Checked]),
        act(
            "Check which version the request names (RequestServerVersion): every supported server knows Exchange2013_SP1.",
            &[],
        )
        .when(&[Pasted]),
    ]],
    ..Advice::NONE
};

pub(super) const EWS_ENDPOINT_WRONG: Advice = Advice {
    title: "There is no EWS at this address",
    meaning: "The host answered, and says that EWS is not there: a wrong host or path, an Exchange whose EWS is not published, or a mailbox that another server serves.",
    steps: &[&[
        act(
            "Correct `ews_url` in the config; it is {ews_url} now. Exchange Online is https://outlook.office365.com/EWS/Exchange.asmx, and national clouds have their own hosts (set `cloud`).",
            &[],
        )
        .when(&[Checked]),
        act(
            "Correct the address: Exchange Online is https://outlook.office365.com/EWS/Exchange.asmx, and national clouds have their own hosts.",
            &[],
        )
        .when(&[Pasted]),
        act(
            "For a server of your own, see its addresses, and let the publishing proxy pass /EWS/ through.",
            &[Server(
                "Get-WebServicesVirtualDirectory | Format-List Server,InternalUrl,ExternalUrl",
            )],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const MAIL_PROTOCOL_DISABLED: Advice = Advice {
    title: "IMAP, POP or SMTP AUTH is switched off",
    meaning: "Exchange refuses the protocol itself, for this mailbox or for the whole organisation, whatever the client signs in with: a token is refused as a password is.",
    steps: &[&[
        act(
            "Switch on the protocol that the integration needs, for this mailbox alone: the first command for SMTP, the second for IMAP, the third for POP.",
            &[
                Exchange(
                    "Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false",
                ),
                Exchange("Set-CASMailbox -Identity {mailbox} -ImapEnabled $true"),
                Exchange("Set-CASMailbox -Identity {mailbox} -PopEnabled $true"),
            ],
        ),
        act(
            "If it stays off, see what is switched off for the mailbox and for the organisation.",
            &[
                Exchange(
                    "Get-CASMailbox -Identity {mailbox} | Format-List ImapEnabled,PopEnabled,SmtpClientAuthenticationDisabled",
                ),
                Exchange("Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled"),
            ],
        ),
        act(
            "Only if every mailbox should send by SMTP AUTH, switch it on for the organisation.",
            &[Exchange(
                "Set-TransportConfig -SmtpClientAuthenticationDisabled $false",
            )],
        ),
        note("Security defaults switch SMTP AUTH off too."),
    ]],
    after: "A change can take up to an hour.",
    ..Advice::NONE
};

pub(super) const MAILBOX_PERMISSION_MISSING: Advice = Advice {
    title: "The app has no right to this mailbox in Exchange",
    meaning: "The token carries the permission, and Exchange does not know the app's service principal or its right to the mailbox. The usual mistake is the object id of the app registration in place of that of the enterprise application.",
    steps: &[&[
        act(
            "Read the object id of the enterprise application, not of the app registration: Exchange must know the app by it.",
            &[Az("az ad sp show --id {client} --query id -o tsv")],
        )
        .portal("Entra admin center > Enterprise applications > the app > Object ID"),
        act(
            "Register the app in Exchange with that object id. If Exchange lists the app with another one, remove that first with Remove-ServicePrincipal.",
            &[
                Exchange(
                    "Get-ServicePrincipal | Where-Object AppId -eq {client_text} | Format-List AppId,ObjectId",
                ),
                Exchange(
                    "New-ServicePrincipal -AppId {client} -ObjectId '<object id of the enterprise application>'",
                ),
            ],
        ),
        act(
            "Give it the mailbox; for sending by SMTP with the second command.",
            &[
                Exchange("Add-MailboxPermission -Identity {mailbox} -User '<object id of the enterprise application>' -AccessRights FullAccess"),
                Exchange("Add-RecipientPermission -Identity {mailbox} -Trustee '<object id of the enterprise application>' -AccessRights SendAs"),
            ],
        ),
    ]],
    after: "A new permission can take up to an hour.",
    ..Advice::NONE
};

pub(super) const MAIL_THROTTLED: Advice = Advice {
    title: "The mail service asks to slow down",
    meaning: "Too many connections or requests by this client or for this mailbox; it passes by itself when the client waits as long as it was asked to.",
    steps: &[&[
        steps::WAIT,
        act(
            "Let the client keep one connection and sign in less often; look for another client of the same mailbox.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const MAIL_UNAVAILABLE: Advice = Advice {
    title: "The mail service has a fault of its own",
    meaning: "The IMAP, POP or SMTP service failed on Microsoft's side; such faults usually pass within minutes.",
    steps: &[&[
        steps::SERVICE_HEALTH,
        act(
            "If only this mailbox is affected, open it in Outlook on the web: a mailbox that is being moved or has just been made answers like this too.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

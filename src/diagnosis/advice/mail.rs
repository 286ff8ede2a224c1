//! Advice on what the IMAP, POP and SMTP services refuse.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::MailProtocolDisabled,
        title: "IMAP, POP or SMTP AUTH is switched off",
        detail: "Exchange refuses the protocol itself, for this mailbox or for the whole organisation, whatever the client signs in with: a token is refused as a password is. An administrator can switch it on again.",
        steps: &[&[
            steps::EXCHANGE,
            "See what is switched off: `Get-CASMailbox -Identity {mailbox} | Format-List ImapEnabled,PopEnabled,SmtpClientAuthenticationDisabled` and `Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled`",
            "Switch on what the integration needs, for this mailbox alone: `Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false` (IMAP: `-ImapEnabled $true`, POP: `-PopEnabled $true`).",
            "Only if every mailbox should send by SMTP AUTH: `Set-TransportConfig -SmtpClientAuthenticationDisabled $false`. Security defaults switch SMTP AUTH off too; they are replaced by conditional access policies, not switched off alone.",
        ]],
        after: "A change can take up to an hour.",
    },
    Advice {
        cause: Cause::MailboxPermissionMissing,
        title: "The app has no right to this mailbox in Exchange",
        detail: "The sign-in with a token was refused after the token was issued. Besides the permission in the token (IMAP.AccessAsApp, POP.AccessAsApp or SMTP.SendAsApp), Exchange needs to know the app's service principal and its right to the mailbox. The usual mistake is the object id of the app registration in place of that of the enterprise application.",
        steps: &[&[
            steps::LOGIN,
            "Read the object id of the enterprise application, not of the app registration: `az ad sp show --id {client} --query id -o tsv` (portal: Entra admin center > Enterprise applications > the app > Object ID).",
            steps::EXCHANGE,
            "See what Exchange knows: `Get-ServicePrincipal | Where-Object AppId -eq {client_text} | Format-List AppId,ObjectId` and `Get-MailboxPermission -Identity {mailbox}`",
            "Register it with that object id: `New-ServicePrincipal -AppId {client} -ObjectId <object id of the enterprise application>`. One with a wrong object id is removed first: `Remove-ServicePrincipal -Identity <wrong object id>`",
            "Give it the mailbox: `Add-MailboxPermission -Identity {mailbox} -User <object id of the enterprise application> -AccessRights FullAccess` (sending by SMTP: `Add-RecipientPermission -Identity {mailbox} -Trustee <object id of the enterprise application> -AccessRights SendAs`).",
        ]],
        after: "A new permission can take up to an hour.",
    },
    Advice {
        cause: Cause::MailThrottled,
        title: "The mail service asks to slow down",
        detail: "Too many connections or requests by this client or for this mailbox. It passes by itself when the client waits as long as it was asked to.",
        steps: &[&[
            "Wait; more tries make it longer.",
            "Let the client keep one connection and sign in less often; look for another client that uses the same mailbox.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::MailUnavailable,
        title: "The mail service has a fault of its own",
        detail: "The IMAP, POP or SMTP service failed on Microsoft's side. Such faults usually pass within minutes.",
        steps: &[&[
            "Look at the service's health: Microsoft 365 admin center > Health > Service health.",
            "If only this mailbox is affected, open it in Outlook on the web; a mailbox that is being moved or has just been made answers like this too.",
        ]],
        after: "",
    },
];

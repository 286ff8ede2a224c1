//! Advice on what Microsoft Graph refuses.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::GraphPermissionMissing,
        title: "The app lacks the Graph permission",
        detail: "Graph knows the app and refuses this call: the permission is not granted, consent is missing, or a scope in Exchange leaves this mailbox out. For the folder call Mail.ReadBasic.All is enough. This says nothing about EWS.",
        steps: &[
            &[
                steps::LOGIN,
                "Ask for the least permission that opens a mail folder (Mail.ReadBasic.All): `az ad app permission add --id {client} --api 00000003-0000-0000-c000-000000000000 --api-permissions 693c5e45-0940-467d-9b8a-1022fb9d42ef=Role` (portal: App registrations > the app > API permissions > Add a permission > Microsoft Graph > Application permissions).",
            ],
            steps::CONSENT,
            &[
                "If it is granted, ask Exchange whether its scope holds the mailbox: `Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}` and `Test-ApplicationAccessPolicy -AppId {client} -Identity {mailbox}`",
            ],
        ],
        after: "A new consent shows in tokens within minutes, in Exchange within about an hour.",
    },
    Advice {
        cause: Cause::GraphThrottled,
        title: "Graph asks to slow down",
        detail: "Too many requests by this app, for this mailbox or in this directory. It passes by itself; credwatch waits as long as it was asked to.",
        steps: &[&[
            "Wait; more tries make it longer.",
            "If it stays, look for another job that uses the same app, and check less often: `interval = \"30m\"` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::GraphUnavailable,
        title: "Graph has a fault of its own",
        detail: "The service failed on Microsoft's side. Such faults usually pass within minutes.",
        steps: &[&[
            "Look at the service's health: Microsoft 365 admin center > Health > Service health.",
            "If it lasts, open a case with Microsoft and give the request id shown here.",
        ]],
        after: "",
    },
];

//! Advice on what Microsoft Graph refuses.

use super::{
    Advice,
    draft::{
        Line::{Az, Exchange},
        When::{Checked, GraphMail, OtherApi, Pasted},
        act,
    },
    steps,
};

pub(super) const GRAPH_PERMISSION_MISSING: Advice = Advice {
    title: "The app lacks the Graph permission",
    meaning: "Graph knows the app and refuses this call: the permission is not granted, consent is missing, or a scope in Exchange leaves the mailbox out. EWS is not affected.",
    instead: &[(
        OtherApi,
        "The app lacks the Graph permission",
        "Graph knows the app and refuses this call: the permission is not granted, or consent is missing.",
    )],
    steps: &[
        &[
            act(
                "Add the least permission that opens a mail folder, Mail.ReadBasic.All, to the app.",
                &[Az(
                    "az ad app permission add --id {client} --api 00000003-0000-0000-c000-000000000000 --api-permissions 693c5e45-0940-467d-9b8a-1022fb9d42ef=Role",
                )],
            )
            .when(&[Checked])
            .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > Microsoft Graph > Application permissions"),
            act(
                "Add the permission that the call needs to the app; Microsoft's page of the call names the least one.",
                &[],
            )
            .when(&[Pasted])
            .portal("Entra admin center > App registrations > the app > API permissions > Add a permission > Microsoft Graph"),
            steps::CONSENT,
            act(
                "If it is granted already, ask Exchange whether the app's scope holds the mailbox.",
                &[
                    Exchange("Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}"),
                    Exchange("Test-ApplicationAccessPolicy -AppId {client} -Identity {mailbox}"),
                ],
            )
            .when(&[GraphMail]),
        ],
        &[steps::RBAC_SHOWS_NO_ROLE.when(&[GraphMail])],
    ],
    after: "A new consent shows in tokens within minutes; where a mailbox is opened, it may take about an hour.",
};

pub(super) const GRAPH_THROTTLED: Advice = Advice {
    title: "Graph asks to slow down",
    meaning: "Too many requests by this app, for this mailbox or in this directory; it passes by itself.",
    steps: &[&[
        steps::WAIT,
        act(
            "If it stays, look for another job that uses the same app.",
            &[],
        ),
        steps::CHECK_LESS,
    ]],
    ..Advice::NONE
};

pub(super) const GRAPH_UNAVAILABLE: Advice = Advice {
    title: "Graph has a fault of its own",
    meaning: "The service failed on Microsoft's side; such faults usually pass within minutes.",
    steps: &[&[steps::SERVICE_HEALTH, steps::SUPPORT_CASE]],
    ..Advice::NONE
};

//! Advice on what the login service refuses because of the app, its registration or the directory.

use super::{
    Advice,
    draft::{
        Line::{Az, Bash, Graph},
        When::{Checked, Ews, GraphMail, Mail, OtherApi, Pasted},
        act, note,
    },
    steps,
};

/// How long a changed registration takes to work.
const WITHIN_MINUTES: &str = "The change takes effect within minutes.";

pub(super) const TENANT_NOT_FOUND: Advice = Advice {
    title: "The directory is not known",
    meaning: "The login service that was asked has no such directory: a typing error, a setting that was never filled in, or a directory of another national cloud.",
    steps: &[&[
        act("Compare the tenant id {tenant} with the directory's own.", &[])
            .portal("Entra admin center > Overview > Tenant ID"),
        act(
            "See in which cloud a domain lives: the answer names it in tenant_region_scope and cloud_instance_name.",
            &[Bash(
                "curl -s https://login.microsoftonline.com/'<domain>'/v2.0/.well-known/openid-configuration",
            )],
        ),
        act(
            "If it is another cloud, set `cloud` in the config (worldwide, gcc-high, dod, china, bleu, delos); GCC is worldwide.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const APP_NOT_FOUND: Advice = Advice {
    title: "The app is not known in this directory",
    meaning: "The directory that was asked has no app with this client id: a wrong id, the wrong directory, a deleted app, or an app of another directory that was never consented to here.",
    steps: &[&[
        act(
            "Compare client id and tenant id with Application (client) ID and Directory (tenant) ID of the app; its Object ID is another thing.",
            &[
                Az("az ad app show --id {client} --query appId"),
                Az("az ad sp show --id {client} --query appId"),
            ],
        )
        .portal("Entra admin center > App registrations > the app > Overview"),
        act(
            "If the app was deleted within the last 30 days, restore it.",
            &[],
        )
        .portal("Entra admin center > App registrations > Deleted applications"),
        act(
            "If it is a vendor's app, an administrator adds it by consent: open https://{login_host}/{tenant}/adminconsent?client_id={client}",
            &[],
        ),
    ]],
    after: "A new app is known everywhere within minutes.",
    ..Advice::NONE
};

pub(super) const SERVICE_PRINCIPAL_MISSING: Advice = Advice {
    title: "The app has no service principal here",
    meaning: "The app is registered, but this directory has no service principal (enterprise application) for it, and only a service principal gets tokens.",
    steps: &[&[
        act(
            "Create the service principal.",
            &[
                Az("az ad sp create --id {client}"),
                Graph("New-MgServicePrincipal -AppId {client}"),
            ],
        ),
        steps::CONSENT,
    ]],
    after: "A new service principal is known everywhere within minutes.",
    ..Advice::NONE
};

pub(super) const APP_DISABLED: Advice = Advice {
    title: "Sign-in for the app or its API is switched off",
    meaning: "An administrator, the owner or Microsoft switched off the app or the API that it calls; for an API a subscription that lapsed does the same.",
    steps: &[&[
        act(
            "Find out who switched it off, and why, before you undo it.",
            &[],
        )
        .portal("Entra admin center > Monitoring & health > Audit logs"),
        act(
            "Switch it on. If the message names an API (resource), use the API's id instead of the app's.",
            &[Az("az ad sp update --id {client} --set accountEnabled=true")],
        )
        .portal("Entra admin center > Enterprise applications > the app > Properties > Enabled for users to sign in"),
        note(
            "If Microsoft disabled the app, its page says so, and only Microsoft support can undo that.",
        ),
    ]],
    after: WITHIN_MINUTES,
    ..Advice::NONE
};

pub(super) const TENANT_BLOCKED: Advice = Advice {
    title: "The directory is blocked",
    meaning: "The whole directory is disabled, blocked or marked for removal: unpaid, inactive, or stopped by Microsoft. Nothing in the app changes that.",
    steps: &[&[
        act(
            "Have a global administrator look at billing and at Microsoft's messages to the directory's contacts.",
            &[],
        )
        .portal("Microsoft 365 admin center > Billing"),
        act(
            "Open a case with Microsoft support for the directory {tenant}: give {request}.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const CONSENT_REQUIRED: Advice = Advice {
    title: "Consent is missing",
    meaning: "Nobody with the right to do so has agreed that the app may use this permission here, or the agreement was declined or withdrawn.",
    steps: &[&[steps::CONSENT]],
    after: "Consent takes effect on the next token, within minutes.",
    ..Advice::NONE
};

pub(super) const RESOURCE_NOT_FOUND: Advice = Advice {
    title: "The API is not known in this directory",
    meaning: "The resource that a token was asked for is not in the directory, or the app does not list it among its API permissions.",
    steps: &[&[
        act(
            "Check the scope: for EWS it is {resource}/.default, without a path such as /EWS/Exchange.asmx.",
            &[],
        )
        .when(&[Ews]),
        act("Check the scope: for Graph it is https://graph.microsoft.com/.default.", &[])
            .when(&[GraphMail]),
        act(
            "Check the scope: for IMAP, POP and SMTP it is https://outlook.office365.com/.default.",
            &[],
        )
        .when(&[Mail]),
        act(
            "Check that the directory has the API (here Office 365 Exchange Online, which comes with the first Exchange licence).",
            &[Az("az ad sp show --id 00000002-0000-0ff1-ce00-000000000000 --query displayName")],
        ),
        act("Check that the app asks for the API.", &[]).portal(
            "Entra admin center > App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online",
        ),
        act(
            "Check the directory: {tenant}. The right app in the wrong directory is refused with the same words.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const SCOPE_INVALID: Advice = Advice {
    title: "The scope is not valid",
    meaning: "The scope of the token request is malformed, names several resources, or is not allowed with this grant.",
    steps: &[&[
        act(
            "Ask for one resource in each request: {resource}/.default where the app signs in by itself, {resource}/EWS.AccessAsUser.All for a user.",
            &[],
        )
        .when(&[Ews]),
        act(
            "Ask for one resource in each request: https://graph.microsoft.com/.default where the app signs in by itself.",
            &[],
        )
        .when(&[GraphMail]),
        act(
            "Ask for one resource in each request: https://outlook.office365.com/.default where the app signs in by itself; for a user https://outlook.office.com/IMAP.AccessAsUser.All, POP.AccessAsUser.All or SMTP.Send of the same host.",
            &[],
        )
        .when(&[Mail]),
        act(
            "Ask for one resource in each request, with the scope of the API that is called: its address with /.default where the app signs in by itself.",
            &[],
        )
        .when(&[OtherApi]),
        act("Check `ews_resource` in the config, if it is set.", &[]).when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const GRANT_NOT_ALLOWED: Advice = Advice {
    title: "The app may not sign in this way",
    meaning: "This kind of sign-in is not enabled, or not possible, for this app, account or address.",
    steps: &[&[
        act(
            "Compare the kind of sign-in with the registration; an app for SAML or agents needs a separate registration.",
            &[],
        )
        .portal("Entra admin center > App registrations > the app > Authentication"),
        act(
            "For an app that signs in by itself, use the address of the directory, not /common or /organizations.",
            &[],
        ),
        act(
            "Use a registration of your own, never the client id of a Microsoft product.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const CLIENT_TYPE_MISMATCH: Advice = Advice {
    title: "Public and confidential client are mixed up",
    meaning: "A secret was sent for an app that counts as public, or a redirect address of a single-page app was used elsewhere: the platform of the redirect address decides.",
    steps: &[&[
        act(
            "If the integration has a secret, register its redirect address under the platform Web; a single-page address cannot be redeemed by a server.",
            &[],
        )
        .portal("Entra admin center > App registrations > the app > Authentication"),
        act(
            "If the integration has no secret, leave the secret out of its settings.",
            &[],
        ),
    ]],
    after: WITHIN_MINUTES,
    ..Advice::NONE
};

pub(super) const ACCOUNT_TYPE_MISMATCH: Advice = Advice {
    title: "The account and the app do not fit together",
    meaning: "The app takes accounts of one kind or directory, and another one was used: a single-tenant app at a shared address, an account of another directory, or a personal account.",
    steps: &[&[
        act(
            "Use the directory's own id in the sign-in address: https://{login_host}/{tenant}/",
            &[],
        ),
        act(
            "Sign in with an account of that directory, or invite the account as a guest.",
            &[],
        ),
        act(
            "If several organisations are meant to use the app, its owner changes the supported account types.",
            &[],
        )
        .portal("Entra admin center > App registrations > the app > Authentication > Supported account types"),
    ]],
    after: WITHIN_MINUTES,
    ..Advice::NONE
};

pub(super) const REDIRECT_URI_MISMATCH: Advice = Advice {
    title: "The redirect address is not registered",
    meaning: "The address that the sign-in should return to is not among those of the app; scheme, host, path, case and trailing slash must all be equal.",
    steps: &[&[
        act(
            "Register the address from the error exactly as it stands there, under the platform that the integration uses (mostly Web).",
            &[Az("az ad app show --id {client} --query web.redirectUris")],
        )
        .portal("Entra admin center > App registrations > the app > Authentication > Redirect URIs"),
    ]],
    after: WITHIN_MINUTES,
    ..Advice::NONE
};

pub(super) const TOKEN_THROTTLED: Advice = Advice {
    title: "The login service asks to slow down",
    meaning: "Too many token requests, or the same one again and again; whether the integration works is not known meanwhile.",
    steps: &[&[
        steps::WAIT,
        act(
            "Look for a program that asks for a token at every call instead of keeping it: filter the sign-in log by the client id {client}.",
            &[],
        )
        .portal("Entra admin center > Monitoring & health > Sign-in logs"),
        steps::CHECK_LESS,
    ]],
    ..Advice::NONE
};

pub(super) const ENTRA_UNAVAILABLE: Advice = Advice {
    title: "The login service has a fault of its own",
    meaning: "The failure is on Microsoft's side, or at the provider behind it; it usually passes within minutes, and nothing in the app needs changing.",
    steps: &[&[steps::SERVICE_HEALTH, steps::SUPPORT_CASE]],
    ..Advice::NONE
};

pub(super) const REQUEST_MALFORMED: Advice = Advice {
    title: "The token request is malformed",
    meaning: "A parameter is missing, doubled or invalid, or the body is not a form; the credential was not judged.",
    steps: &[&[
        act(
            "Correct the parameter that the message names where the request is made; an unset variable is the usual reason.",
            &[],
        )
        .when(&[Pasted]),
        act(
            "See what the message names, and compare `tenant_id`, `client_id` and `ews_resource` in the config with it.",
            &[super::draft::Line::Credwatch("credwatch diagnose {name}")],
        )
        .when(&[Checked]),
        act(
            "Send a POST with a body of type application/x-www-form-urlencoded to https://{login_host}/{tenant}/oauth2/v2.0/token; a proxy that rewrites requests breaks this too.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

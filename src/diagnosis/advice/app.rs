//! Advice on what the login service refuses because of the app, its credential or the directory.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::SecretExpired,
        title: "The client secret has expired",
        detail: "The login service knows the app and says that its secret is past its end. Without a new one, {product} stops as soon as its present access token runs out, within about an hour.",
        steps: &[steps::NEW_SECRET],
        after: "A new secret is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::SecretInvalid,
        title: "The client secret is wrong",
        detail: "The login service knows the app and does not accept the secret: mistyped, cut off, badly encoded, the Secret ID instead of the Value, of another app, deleted, or minutes old. An expired secret that was deleted reads the same.",
        steps: &[
            &[
                "Compare before you renew: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad app credential list --id {client} -o table` shows the end dates and the first characters (hint) of every secret; compare them with the one at {source}.",
                "If the hint fits and the end is ahead, the value is damaged on its way: quotes, blanks or a line end around it, `%` or `+` encoded twice, or a part missing. Enter the Value again, as copied.",
                "If no entry fits, or the value is lost, replace it as follows.",
            ],
            steps::NEW_SECRET,
        ],
        after: "A new secret is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::SecretPropagating,
        title: "The new secret has not spread yet",
        detail: "The secret was refused, but it changed within the last quarter of an hour. The servers of the login service learn of a new secret one after the other; until all have, it works now and then.",
        steps: &[&[
            "Wait some minutes; credwatch tries again every minute.",
            "If it is still refused after a quarter of an hour, the secret itself is wrong: compare its first characters with the hint that `az login --tenant {tenant} --allow-no-subscriptions` and `az ad app credential list --id {client} -o table` show.",
        ]],
        after: "A new secret is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::SecretMissing,
        title: "No secret or assertion was sent",
        detail: "The app is registered as one that must prove itself, and the request carried no proof. An empty setting, a body in the wrong encoding, or a sign-in meant for public clients look like this.",
        steps: &[&[
            "Check that the secret is filled in where the request comes from, and that the body is sent as a form (application/x-www-form-urlencoded).",
            "For device code or browser sign-in with an app that has a secret, use the web redirect with the secret. Do not switch public client flows on for a vendor's app: that weakens it for everybody.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::CertificateUnknown,
        title: "The certificate is not one of the app's",
        detail: "The assertion was signed with a key whose certificate is not registered on the app, has expired, or was revoked.",
        steps: &[&[
            steps::LOGIN,
            "See what is registered, with thumbprints and ends: `az ad app credential list --id {client} --cert -o table`",
            "Add the public part of the certificate in use, and keep the others: `az ad app credential reset --id {client} --append --cert @app.pem` (leave nothing out of it: without `--cert` it makes and prints the secret of a new password. Portal: App registrations > the app > Certificates & secrets > Certificates > Upload).",
            "When the new one works, delete the old one by its key id: `az ad app credential delete --id {client} --cert --key-id <key id of the old one>`",
        ]],
        after: "A new certificate is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::AssertionInvalid,
        title: "The signed assertion is not valid",
        detail: "The token that was presented as proof is malformed, for another audience, from another issuer, or its signature does not verify.",
        steps: &[&[
            "Build it as Microsoft asks: `aud` is the token address of this directory, `iss` and `sub` are the client id, `exp` is 5 to 10 minutes ahead, the header names the certificate (`x5t#S256` with PS256, or `x5t` with RS256).",
            "Check that key and certificate belong together: `openssl x509 -in app.pem -pubkey -noout` and `openssl pkey -in app.key -pubout` must print the same.",
            "Update the client library; old ones sign in ways that are no longer accepted.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::FederatedCredentialMismatch,
        title: "The federated credential does not fit",
        detail: "The other provider's token was read, and no federated credential of the app has the same issuer, subject and audience, or the directory does not let that issuer in.",
        steps: &[&[
            steps::LOGIN,
            "Compare issuer, subject and audience letter by letter, case and trailing slash too, with the token: `az ad app federated-credential list --id {client}`",
            "Correct the one that differs (portal: App registrations > the app > Certificates & secrets > Federated credentials). The usual audience is api://AzureADTokenExchange.",
            "Check that the issuer's discovery document and keys can be reached from the internet.",
        ]],
        after: "A new federated credential takes about two minutes, a new key at the issuer up to an hour.",
    },
    Advice {
        cause: Cause::ClockSkew,
        title: "A clock is off, or the assertion is too old",
        detail: "A token or assertion was used outside the time it is valid for. Most often the clock of the machine that made it is wrong; else it was kept too long.",
        steps: &[&[
            "Compare the clocks: `date -u`, and `curl -sI https://{login_host}/ | grep -i ^date:`",
            "If they differ by more than a minute, set time synchronisation right: `timedatectl status`, `chronyc tracking`",
            "If they agree, make a fresh assertion for every request, valid for 5 to 10 minutes.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::TenantNotFound,
        title: "The directory is not known",
        detail: "The login service that was asked has no such directory: a typing error, a setting that was never filled in, or a directory in another national cloud (China, US government, Bleu, Delos).",
        steps: &[&[
            "Copy the id from Entra admin center > Overview > Tenant ID, and compare it with {tenant}.",
            "See in which cloud a domain lives: `curl -s https://login.microsoftonline.com/<domain>/v2.0/.well-known/openid-configuration` names it in tenant_region_scope and cloud_instance_name; then set `cloud` in the config (worldwide, gcc-high, dod, china, bleu, delos). GCC is worldwide.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::AppNotFound,
        title: "The app is not known in this directory",
        detail: "No app with this client id is in the directory that was asked: a wrong id, the wrong directory, a deleted app, or an app of another directory that was never consented to here.",
        steps: &[&[
            "Copy Application (client) ID and Directory (tenant) ID from the app's Overview page; the Object ID is another thing.",
            "Look for it: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad app show --id {client}` and `az ad sp show --id {client}`",
            "If it was deleted within the last 30 days, restore it: Entra admin center > App registrations > Deleted applications.",
            "If it is a vendor's app, an administrator adds it by consent: https://{login_host}/{tenant}/adminconsent?client_id={client}",
        ]],
        after: "A new app is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::ServicePrincipalMissing,
        title: "The app has no service principal here",
        detail: "The app is registered, but this directory has no service principal for it, and tokens for the app itself are issued to service principals only.",
        steps: &[&[
            "Sign in as an administrator: `az login --tenant {tenant} --allow-no-subscriptions`",
            "Create it: `az ad sp create --id {client}`, or in PowerShell `Connect-MgGraph -TenantId {tenant} -Scopes Application.ReadWrite.All; New-MgServicePrincipal -AppId {client}`",
            "Then grant the permissions again: `az ad app permission admin-consent --id {client}`",
        ]],
        after: "A new service principal is known everywhere within minutes.",
    },
    Advice {
        cause: Cause::AppDisabled,
        title: "The app is switched off",
        detail: "Somebody switched off sign-in for the app or for the API that it calls: an administrator, its owner, or Microsoft; for an API also a subscription that lapsed.",
        steps: &[&[
            "Look who did it and why before you undo it: Entra admin center > Monitoring & health > Audit logs.",
            "Switch it on: Enterprise applications > the app > Properties > Enabled for users to sign in; or `az login --tenant {tenant} --allow-no-subscriptions` and `az ad sp update --id {client} --set accountEnabled=true`",
            "If Microsoft disabled it, the app's page says so; only Microsoft support can undo that.",
        ]],
        after: "The change acts within minutes.",
    },
    Advice {
        cause: Cause::TenantBlocked,
        title: "The directory is blocked",
        detail: "The whole directory is disabled, blocked or marked for removal: unpaid, inactive, or stopped by Microsoft. Nothing in the app can change that.",
        steps: &[&[
            "Have a global administrator look at Microsoft 365 admin center > Billing, and at the messages to the directory's contacts.",
            "Open a case with Microsoft support for the directory {tenant}, with the trace id shown here.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ConsentRequired,
        title: "Consent is missing",
        detail: "Nobody with the right to do so has agreed that the app may use this permission here, or the agreement was declined or withdrawn.",
        steps: &[steps::CONSENT],
        after: "Consent acts on the next token, within minutes.",
    },
    Advice {
        cause: Cause::ResourceNotFound,
        title: "The API is not known in this directory",
        detail: "The resource that a token was asked for is not in the directory, or the app does not list it among its API permissions. A path behind the host in the scope does this too.",
        steps: &[&[
            "Check the scope: for EWS it is {resource}/.default, without a path such as /EWS/Exchange.asmx.",
            "Check that the directory has the API: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad sp show --id 00000002-0000-0ff1-ce00-000000000000` (Office 365 Exchange Online); it comes with the first Exchange licence.",
            "Check that the app asks for it: App registrations > the app > API permissions > Add a permission > APIs my organization uses > Office 365 Exchange Online.",
            "Check the directory: {tenant}. The right app in the wrong directory reads the same.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ScopeInvalid,
        title: "The scope is not valid",
        detail: "The scope of the token request is malformed, names several resources, or is not allowed with this grant. An app that signs in by itself asks for one resource with /.default.",
        steps: &[&[
            "Ask for {resource}/.default (app-only), or {resource}/EWS.AccessAsUser.All (for a user); one resource a request.",
            "Check `ews_resource` in the config, if it is set; for Graph the scope is https://graph.microsoft.com/.default.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::GrantNotAllowed,
        title: "The app may not sign in this way",
        detail: "The kind of sign-in is not enabled or not possible for this app, account or address: an own registration, another grant, or the directory's own address instead of a shared one.",
        steps: &[&[
            "Use the address of the directory itself, not /common or /organizations, for an app that signs in by itself.",
            "Compare the kind of sign-in with the registration: App registrations > the app > Authentication. An app for SAML or agents needs a separate registration for this.",
            "Use a registration of your own, never the client id of a Microsoft product.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ClientTypeMismatch,
        title: "Public and confidential client are mixed up",
        detail: "A secret was sent for an app that counts as public, or a redirect registered for single-page apps was used elsewhere. The platform of the redirect address decides.",
        steps: &[&[
            "Look at the platform: App registrations > the app > Authentication. A server with a secret needs the platform Web.",
            "For an app without a secret, leave the secret out of the integration's settings.",
            "For a single-page redirect that a server redeems: register the address under Web instead.",
        ]],
        after: "The change acts within minutes.",
    },
    Advice {
        cause: Cause::AccountTypeMismatch,
        title: "The account and the app do not fit together",
        detail: "The app takes accounts of one kind or directory, and another one was used: a single-tenant app at a shared address, an account of another directory, or a personal account.",
        steps: &[&[
            "Use the directory's own id in the sign-in address: https://{login_host}/{tenant}/",
            "Sign in with an account of that directory, or invite the account as a guest.",
            "If several organisations are meant to use the app, its owner changes Supported account types under Authentication.",
        ]],
        after: "The change acts within minutes.",
    },
    Advice {
        cause: Cause::RedirectUriMismatch,
        title: "The redirect address is not registered",
        detail: "The address that the sign-in should return to is not among those of the app; scheme, host, path, case and trailing slash must all be equal.",
        steps: &[&[
            "Copy the address from the error, and register precisely it: App registrations > the app > Authentication > Redirect URIs, under the platform that the integration uses (mostly Web).",
            "See what is registered: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad app show --id {client} --query web.redirectUris`",
        ]],
        after: "The change acts within minutes.",
    },
    Advice {
        cause: Cause::TokenThrottled,
        title: "The login service asks to slow down",
        detail: "Too many token requests, or the same one again and again. credwatch waits as long as it was asked to; whether the integration works is not known meanwhile.",
        steps: &[&[
            "Wait; every further request makes it longer.",
            "Look for a program that asks for a token at every call instead of keeping it: Entra admin center > Sign-in logs, by this client id.",
            "If it is credwatch itself, check less often: `interval = \"30m\"` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::EntraUnavailable,
        title: "The login service has a fault of its own",
        detail: "The failure is on Microsoft's side, or at the provider behind it. Such faults usually pass within minutes; nothing in the app needs changing.",
        steps: &[&[
            "Look at the service's health: Microsoft 365 admin center > Health > Service health, or https://status.cloud.microsoft/",
            "If it lasts for more than an hour, open a case with Microsoft and give the trace id, the correlation id and the time.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::RequestMalformed,
        title: "The token request is malformed",
        detail: "A parameter is missing, doubled or invalid, or the body is not a form. The credential was not judged.",
        steps: &[&[
            "Read which parameter the message names, and correct it where the request is made; an unset variable is the usual reason.",
            "Send a POST with a body of type application/x-www-form-urlencoded to https://{login_host}/{tenant}/oauth2/v2.0/token; a proxy that rewrites requests breaks this too.",
        ]],
        after: "",
    },
];

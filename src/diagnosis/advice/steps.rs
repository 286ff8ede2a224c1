//! Steps that several causes share.

use super::draft::{
    Draft,
    Line::{Az, Bash, Credwatch, Exchange, Graph},
    When::{Checked, Ews, GraphMail, Mail, NotMail, Pasted, Person},
    act, note, verify,
};

/// From a new secret to the end of the old one, in the only order that interrupts nothing.
pub(super) const NEW_SECRET: &[Draft] = &[
    act(
        "Create a second secret beside the old one. The command prints the secret: run it where nothing records the screen.",
        &[
            Az(
                "az ad app credential reset --id {client} --append --years 1",
            ),
            Graph(
                "(Add-MgApplicationPassword -ApplicationId (Get-MgApplicationByAppId -AppId {client}).Id -PasswordCredential @{ displayName = 'renewed' }).SecretText",
            ),
        ],
    )
    .portal("Entra admin center > App registrations > the app > Certificates & secrets > New client secret; copy the column Value, not Secret ID, before you leave the page"),
    note(
        "If the app is not found, it belongs to another directory, as a vendor's own app does: its owner renews the secret. If a policy forbids new secrets, add a certificate in the same order.",
    ),
    act(
        "Try the new secret here before it is used anywhere else. It can take some minutes to spread: if it is refused, wait and try again.",
        &[
            Bash("read -rs NEW_SECRET; export NEW_SECRET"),
            Credwatch("credwatch check {name} --candidate env:NEW_SECRET"),
        ],
    )
    .when(&[Checked]),
    act("Enter the new secret {goes_to}.", &[]),
    act("Put the new secret where credwatch reads it: {source}.", &[]).when(&[Checked]),
    verify(
        "Confirm in {product} itself that it works; credwatch proves only its own copy of the secret.",
        &[Credwatch("credwatch check {name}")],
    )
    .when(&[Checked]),
    verify("Confirm that {product} works with the new secret.", &[]).when(&[Pasted]),
    act(
        "Only then delete the old secret by its key id.",
        &[
            Az("az ad app credential list --id {client} -o table"),
            Az("az ad app credential delete --id {client} --key-id '<key id of the old secret>'"),
        ],
    ),
];

/// Comparing a secret with what the app's registration lists.
pub(super) const COMPARE_SECRET: Draft = act(
    "Compare the secret that is sent ({source}) with the app's list of secrets: first three characters (hint) and end date.",
    &[Az("az ad app credential list --id {client} -o table")],
)
.portal("Entra admin center > App registrations > the app > Certificates & secrets");

/// Granting consent to what the app already asks for.
pub(super) const CONSENT: Draft = act(
    "Grant admin consent, as an administrator who may do that.",
    &[Az("az ad app permission admin-consent --id {client}")],
)
.portal("Entra admin center > App registrations > the app > API permissions > Grant admin consent; for an app of another directory: Enterprise applications > the app > Permissions");

/// The effect of a permission that Exchange grants by itself.
pub(super) const RBAC_SHOWS_NO_ROLE: Draft = note(
    "If RBAC for Applications in Exchange grants the access, the token shows no role, and the refusal has another reason.",
);

/// Adding one app to the allow list without losing the others.
pub(super) const ALLOW_APP: Draft = act(
    "Add this app to the list of apps that may use EWS, and keep every other entry. The command sets the whole list: run it whole, look at `$new` afterwards, and never give it one id alone.",
    &[Exchange(
        "$old = (Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy -ErrorAction Stop).EwsAllowedAppIDs; $new = @($old -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ }) + {client_text} | Select-Object -Unique; Set-OrganizationConfig -EwsAllowedAppIDs ($new -join ',')",
    )],
);

/// Looking at a connection step by step.
pub(super) const DIAGNOSE: Draft = act(
    "See at which step the connection stops.",
    &[Credwatch("credwatch diagnose {name}")],
)
.when(&[Checked]);

/// Finding the sign-in that was refused.
pub(super) const SIGN_IN_LOG: Draft = act(
    "Find the refused sign-in in the sign-in log by {request}; the entry names the reason.",
    &[],
)
.portal("Entra admin center > Monitoring & health > Sign-in logs (for apps: the tab Service principal sign-ins)");

/// Signing in anew, in the product and here.
pub(super) const SIGN_IN_AGAIN: &[Draft] = &[
    act(
        "Sign in again in {product} itself; that renews what the product keeps.",
        &[],
    ),
    act(
        "Renew credwatch's own sign-in too.",
        &[Credwatch("credwatch login {name}")],
    )
    .when(&[Checked]),
];

/// Getting away from users.
pub(super) const APP_ONLY: Draft = note(
    "For a job without a person, ask the vendor whether the integration can sign in as an app (client credentials): then no user's password, second factor or policy stops it.",
)
.when(&[Person]);

/// Asking Exchange whether a scope holds a mailbox.
pub(super) const TEST_SCOPE: Draft = act(
    "Ask Exchange whether the app's scope holds the mailbox: the first command for RBAC for Applications, the second for the older access policies.",
    &[
        Exchange("Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}"),
        Exchange("Test-ApplicationAccessPolicy -AppId {client} -Identity {mailbox}"),
    ],
);

/// Looking at a mailbox.
pub(super) const SHOW_MAILBOX: Draft = act(
    "Look for the mailbox: by its address, among recipients without a mailbox here, and among deleted ones.",
    &[
        Exchange(
            "Get-EXOMailbox -Identity {mailbox} -Properties PrimarySmtpAddress,RecipientTypeDetails",
        ),
        Exchange("Get-Recipient -Identity {mailbox}"),
        Exchange("Get-EXOMailbox -SoftDeletedMailbox -Identity {mailbox}"),
    ],
);

/// What ends with EWS.
pub(super) const RETIREMENT: Draft = note(
    "EWS in Exchange Online ends for good on 1 April 2027: plan the vendor's move to Microsoft Graph now. Exchange servers of your own keep EWS.",
)
.when(&[Ews]);

/// Whether Microsoft has a fault.
pub(super) const SERVICE_HEALTH: Draft = act("Look at the health of the service.", &[]).portal(
    "Microsoft 365 admin center > Health > Service health, or https://status.cloud.microsoft/",
);

/// What support asks for.
pub(super) const SUPPORT_CASE: Draft = act(
    "If it lasts for more than an hour, open a case with Microsoft: give {request} and the time.",
    &[],
);

/// What a throttled client does.
pub(super) const WAIT: Draft = act(
    "Wait as long as the service asks; every further request makes it longer.",
    &[],
);

/// What credwatch can do about throttling.
pub(super) const CHECK_LESS: Draft = act(
    "If credwatch itself asks too often, set `interval = \"30m\"` for this tenant in the config.",
    &[],
)
.when(&[Checked]);

/// The way to mail for an app, by its protocol.
pub(super) const MAIL_PERMISSIONS: &[Draft] = &[
    note(
        "For EWS a token needs the audience {resource} and the permission {role}.",
    )
    .when(&[NotMail, Ews]),
    note(
        "To read mail folders an app needs the Graph permission Mail.ReadBasic.All or a more powerful one.",
    )
    .when(&[GraphMail]),
    note(
        "For IMAP, POP and SMTP a token needs the audience https://outlook.office365.com and the permission IMAP.AccessAsApp, POP.AccessAsApp or SMTP.SendAsApp (for a user's sign-in IMAP.AccessAsUser.All, POP.AccessAsUser.All or SMTP.Send).",
    )
    .when(&[Mail]),
];

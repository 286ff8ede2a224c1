//! Steps that several causes share.

/// The last step of every advice.
pub(super) const VERIFY: &str = "Verify: `credwatch check {name}`.";

/// Signing in to the command lines.
pub(super) const LOGIN: &str = "Sign in with an account that may manage the app: `az login --tenant {tenant} --allow-no-subscriptions`";

/// From a new secret to the end of the old one, in the only order that breaks nothing.
pub(super) const NEW_SECRET: &[&str] = &[
    LOGIN,
    "Create a second secret beside the old one. This prints the secret: do it where nobody looks on and nothing records. `az ad app credential reset --id {client} --append --display-name renewed --years 1 --query password -o tsv` (portal: Entra admin center > App registrations > the app > Certificates & secrets > New client secret; copy the column Value, not Secret ID, before you leave the page; where the directory forbids new secrets, add a certificate in the same order). For an app of another directory, such as a vendor's own, nothing is found here: its owner renews it. In PowerShell, which prints the secret too: `Connect-MgGraph -TenantId {tenant} -Scopes Application.ReadWrite.All; (Add-MgApplicationPassword -ApplicationId (Get-MgApplicationByAppId -AppId {client}).Id -PasswordCredential @{ displayName = 'renewed' }).SecretText`",
    "Try it here before anybody relies on it; `read` keeps it out of the shell's history: `read -rs NEW_SECRET; export NEW_SECRET; credwatch check {name} --candidate env:NEW_SECRET`. A new secret can take some minutes to be known everywhere: if it is refused, wait and try again before you doubt it",
    "Enter the new secret {goes_to}; then put it where credwatch reads it ({source}).",
    "Confirm that {product} works again, in the product itself: credwatch proves its own copy only.",
    "Only then delete the old one: `az ad app credential list --id {client} -o table`, then `az ad app credential delete --id {client} --key-id <key id of the old one>`",
];

/// Granting consent to what the app already asks for.
pub(super) const CONSENT: &[&str] = &[
    "Sign in as an administrator who may grant consent: `az login --tenant {tenant} --allow-no-subscriptions`",
    "Grant it: `az ad app permission admin-consent --id {client}` (portal: Entra admin center > App registrations > the app > API permissions > Grant admin consent; for an app of another directory: Enterprise applications > the app > Permissions).",
];

/// Connecting to Exchange.
pub(super) const EXCHANGE: &str = "Connect as an Exchange administrator: `Connect-ExchangeOnline`";

/// Adding one app to the allow list without losing the others.
pub(super) const ALLOW_APP: &str = "Add this app to the list and keep every other entry: `$old = (Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy -ErrorAction Stop).EwsAllowedAppIDs; $new = @($old -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ }) + {client_text} | Select-Object -Unique; Set-OrganizationConfig -EwsAllowedAppIDs ($new -join ',')`. The command sets the whole list: run it whole, look at `$new` afterwards, and never give it one id alone.";

/// Looking at a connection step by step.
pub(super) const DIAGNOSE: &str = "See where it stops, step by step: `credwatch diagnose {name}`";

/// Finding the sign-in that was refused.
pub(super) const SIGN_IN_LOG: &str = "Find the refusal in the log by its correlation id: Entra admin center > Monitoring & health > Sign-in logs (for apps: the tab Service principal sign-ins).";

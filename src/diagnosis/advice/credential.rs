//! Advice on what the login service refuses because of the app's credential.

use super::{
    Advice,
    draft::{
        Line::{Az, Bash},
        When::{Checked, Pasted},
        act, note,
    },
    steps,
};

/// How long a new secret takes to work.
const SECRET_SPREADS: &str = "A new secret is known everywhere within minutes.";

pub(super) const SECRET_EXPIRED: Advice = Advice {
    title: "The client secret has expired",
    meaning: "{product} gets no new access tokens, and stops when the last one runs out, within about an hour.",
    steps: &[steps::NEW_SECRET],
    after: SECRET_SPREADS,
    ..Advice::NONE
};

pub(super) const SECRET_INVALID: Advice = Advice {
    title: "The client secret is wrong",
    meaning: "The login service knows the app and refuses the secret: it is mistyped, cut off, badly encoded, of another app, deleted, minutes old, or the Secret ID instead of the Value.",
    steps: &[
        &[
            steps::COMPARE_SECRET,
            act(
                "If the hint fits and the end is ahead, the value is damaged on its way (quotes, blanks or a line end around it, `%` or `+` encoded twice, a missing part): enter the Value again, as copied.",
                &[],
            ),
            act(
                "If no entry fits, or the Value is lost, replace the secret with the following steps.",
                &[],
            ),
        ],
        steps::NEW_SECRET,
        &[note(
            "An expired secret that was deleted from the app is refused with the same words.",
        )],
    ],
    after: SECRET_SPREADS,
    ..Advice::NONE
};

pub(super) const SECRET_PROPAGATING: Advice = Advice {
    title: "The new secret has not spread yet",
    meaning: "The secret changed within the last quarter of an hour, and not every server of the login service knows it yet.",
    steps: &[&[
        act(
            "Wait some minutes; credwatch tries again every minute.",
            &[],
        )
        .when(&[Checked]),
        act("Wait some minutes, then try again.", &[]).when(&[Pasted]),
        act(
            "If it is still refused after a quarter of an hour, the secret itself is wrong: compare its first three characters with the hint in the app's list.",
            &[Az("az ad app credential list --id {client} -o table")],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const SECRET_MISSING: Advice = Advice {
    title: "No secret or assertion was sent",
    meaning: "The app must prove itself with a secret or a certificate, and the request carried neither: an empty setting, a body that is not a form, or a sign-in meant for public clients.",
    steps: &[&[
        act(
            "Fill in the client secret where the request comes from, and send the body as a form (application/x-www-form-urlencoded).",
            &[],
        ),
        act(
            "For a device code or browser sign-in with an app that has a secret, register the redirect address under Web, and send the secret.",
            &[],
        ),
        note(
            "Do not allow public client flows for a vendor's app: that lets anybody use its id without proof.",
        ),
    ]],
    ..Advice::NONE
};

pub(super) const CERTIFICATE_UNKNOWN: Advice = Advice {
    title: "The certificate is not registered on the app",
    meaning: "The assertion was signed with a certificate that the app does not have, that has expired, or that was revoked.",
    steps: &[&[
        act(
            "Register the public part of the certificate in use, and keep the others. Keep every option: without `--cert` the command makes a new password and prints the secret.",
            &[Az("az ad app credential reset --id {client} --append --cert @app.pem")],
        )
        .portal("Entra admin center > App registrations > the app > Certificates & secrets > Certificates > Upload certificate"),
        act(
            "If it is registered already, compare thumbprint and end date with the certificate that is sent.",
            &[Az("az ad app credential list --id {client} --cert -o table")],
        ),
        act(
            "When the new one works, delete the old one by its key id.",
            &[Az(
                "az ad app credential delete --id {client} --cert --key-id '<key id of the old certificate>'",
            )],
        ),
    ]],
    after: "A new certificate is known everywhere within minutes.",
    ..Advice::NONE
};

pub(super) const ASSERTION_INVALID: Advice = Advice {
    title: "The signed assertion is not valid",
    meaning: "The token that was sent as proof is malformed, meant for another audience, from another issuer, or its signature does not verify.",
    steps: &[&[
        act(
            "Check that key and certificate belong together: both commands must print the same.",
            &[
                Bash("openssl x509 -in app.pem -pubkey -noout"),
                Bash("openssl pkey -in app.key -pubout"),
            ],
        ),
        act(
            "Build the assertion as Microsoft asks: `aud` is the token address of this directory, `iss` and `sub` are the client id, `exp` is 5 to 10 minutes ahead, the header names the certificate (`x5t#S256` with PS256, or `x5t` with RS256).",
            &[],
        )
        .when(&[Pasted]),
        act(
            "Update the client library; old ones sign in ways that are no longer accepted.",
            &[],
        )
        .when(&[Pasted]),
    ]],
    ..Advice::NONE
};

pub(super) const FEDERATED_CREDENTIAL_MISMATCH: Advice = Advice {
    title: "The federated credential does not fit",
    meaning: "The other provider's token was read, and no federated credential of the app has the same issuer, subject and audience, or the directory does not let that issuer in.",
    steps: &[&[
        act(
            "Compare issuer, subject and audience with the token letter by letter (case and trailing slash too), and correct what differs.",
            &[Az("az ad app federated-credential list --id {client}")],
        )
        .portal("Entra admin center > App registrations > the app > Certificates & secrets > Federated credentials"),
        act(
            "Check that the issuer's discovery document and keys can be reached from the internet.",
            &[],
        ),
        note("The usual audience is api://AzureADTokenExchange."),
    ]],
    after: "A new federated credential takes about two minutes, a new key at the issuer up to an hour.",
    ..Advice::NONE
};

pub(super) const CLOCK_SKEW: Advice = Advice {
    title: "A clock is off, or the assertion is too old",
    meaning: "A token or assertion was used outside the time in which it is valid: the clock of the machine that made it is wrong, or it was kept too long.",
    steps: &[&[
        act(
            "Compare this machine's clock with the service's.",
            &[
                Bash("date -u"),
                Bash("curl -sI https://{login_host}/ | grep -i ^date:"),
            ],
        ),
        act(
            "If they differ by more than a minute, repair time synchronisation.",
            &[Bash("timedatectl status"), Bash("chronyc tracking")],
        ),
        act(
            "If they agree, make a fresh assertion for every request, valid for 5 to 10 minutes.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

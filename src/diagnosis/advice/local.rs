//! Advice on what is wrong on this machine, and on failures whose cause cannot be named.

use super::{
    Advice,
    draft::{
        Line::{Bash, Credwatch},
        When::{Checked, Pasted},
        act,
    },
};

pub(super) const SECRET_UNAVAILABLE: Advice = Advice {
    title: "The configured secret could not be read",
    meaning: "credwatch found no usable secret at {source}, so nothing was sent, and nothing is known about {product} itself.",
    steps: &[&[
        act(
            "Make the source give the secret to the account that runs credwatch: {source}. For a file check owner and mode, for a variable the environment of the service, for a command run it as that account.",
            &[],
        ),
        act(
            "Check which config is used, and whether it is valid.",
            &[
                Credwatch("credwatch config path"),
                Credwatch("credwatch config check"),
            ],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const LOGIN_MISSING: Advice = Advice {
    title: "Nobody has signed in yet",
    meaning: "This integration acts for a user, and credwatch keeps no refresh token for it yet.",
    steps: &[&[act(
        "Sign in once as the user whose mailbox is used.",
        &[Credwatch("credwatch login {name}")],
    )]],
    ..Advice::NONE
};

pub(super) const UNKNOWN: Advice = Advice {
    title: "The cause cannot be told from this",
    meaning: "What came back does not say enough to name a cause, and a guess would point to the wrong people.",
    steps: &[&[
        act(
            "Collect the answer of every step, with the server's own words and the ids that support asks for.",
            &[Credwatch("credwatch diagnose {name} --format markdown")],
        )
        .when(&[Checked]),
        act(
            "Collect the whole answer and explain it again: HTTP status, headers (www-authenticate, x-ms-diagnostics, X-EWS-Policy-Reason, request-id) and body; of a log the first error and every inner one.",
            &[Bash("credwatch explain - < answer.txt")],
        )
        .when(&[Pasted]),
        act(
            "Ask the owner of the service: give {request} and the time.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

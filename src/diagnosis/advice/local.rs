//! Advice on what is wrong on this machine, and on what nobody can name.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

/// Where nothing names a cause.
pub(super) const UNKNOWN: Advice = Advice {
    cause: Cause::Unknown,
    title: "The cause cannot be told from this",
    detail: "What came back does not say enough to name a cause, and a guess would send somebody the wrong way.",
    steps: &[&[
        steps::DIAGNOSE,
        "Look the numbered code up, if there is one: https://login.microsoftonline.com/error?code=<digits after AADSTS>",
        "Ask whoever runs the service, with the time, the trace id and the correlation id shown here.",
    ]],
    after: "",
};

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::SecretUnavailable,
        title: "The configured secret could not be read",
        detail: "credwatch found no usable secret at {source}, so nothing was sent and nothing is known about {product} itself.",
        steps: &[&[
            "Read the reason above and make the source give the secret to the account that runs credwatch: {source}.",
            "For a file check owner and mode, for a variable the environment of the service (`systemctl show <unit> -p Environment`), for a command run it as that account.",
            "See which config is used, and whether it is valid: `credwatch config path`, `credwatch config check`",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::LoginMissing,
        title: "Nobody has signed in yet",
        detail: "This integration acts for a user, and credwatch keeps no refresh token for it yet.",
        steps: &[&["Sign in once as the user whose mailbox is used: `credwatch login {name}`"]],
        after: "",
    },
    UNKNOWN,
];

//! Advice on what happens between this machine and the services.

use super::{
    Advice,
    draft::{
        Line::{Bash, Credwatch},
        When::{Checked, Pasted},
        act, note,
    },
    steps,
};

pub(super) const DNS_FAILURE: Advice = Advice {
    title: "A host name does not resolve",
    meaning: "The machine could not turn the name of the service into an address; the credential was not judged.",
    steps: &[&[
        act(
            "Ask for the names on this machine.",
            &[
                Bash("getent hosts {login_host}"),
                Bash("getent hosts {ews_host}"),
            ],
        ),
        act(
            "If only some names fail, correct `login_url`, `ews_url` and `graph_url` in the config.",
            &[Credwatch("credwatch config check")],
        )
        .when(&[Checked]),
        act(
            "If all names fail, repair the resolver; where only a proxy may resolve outside names, use the proxy.",
            &[Bash("resolvectl status")],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const CONNECT_FAILURE: Advice = Advice {
    title: "No connection to the service",
    meaning: "The connection was refused, reset, closed early or had no route; the credential was not judged.",
    steps: &[&[
        act(
            "Allow outgoing TCP to {services}, or set `proxy` in the config if a proxy is the only way out.",
            &[],
        )
        .when(&[Checked]),
        act(
            "Allow outgoing TCP to {services}, or use the proxy if that is the only way out.",
            &[],
        )
        .when(&[Pasted]),
        steps::DIAGNOSE,
        act(
            "Try the same way by hand.",
            &[Bash("curl -sv -o /dev/null {ews_url}")],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const TIMEOUT: Advice = Advice {
    title: "No answer within the limit",
    meaning: "The service, or something on the way to it, did not answer in time: a firewall that drops packets, or a slow proxy.",
    steps: &[&[
        act(
            "See which phase takes the time: name, connection, TLS or answer.",
            &[Credwatch("credwatch diagnose {name}")],
        )
        .when(&[Checked]),
        act(
            "If the connection itself is never made, allow outgoing TCP to {services}, or use the proxy.",
            &[],
        ),
        act(
            "If only the answer is slow, set `timeout = \"40s\"` in the config.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const TLS_UNTRUSTED: Advice = Advice {
    title: "The server's certificate is not trusted",
    meaning: "The certificate that was shown is not one that this machine trusts: a private authority, a proxy that opens TLS, a self-signed one, an expired one, or one for another host. Nothing secret was sent.",
    steps: &[&[
        act(
            "See who issued the certificate.",
            &[Bash(
                "openssl s_client -connect {ews_address} -servername {ews_host} </dev/null",
            )],
        ),
        act(
            "If a TLS-inspecting proxy of your organisation issued it, have the network team exempt {services} from inspection (Microsoft asks for that), or trust its authority here: `ca_file = \"corp-ca.pem\"` in the config.",
            &[],
        )
        .when(&[Checked]),
        act(
            "If a TLS-inspecting proxy of your organisation issued it, have the network team exempt {services} from inspection (Microsoft asks for that), or make the client trust the proxy's authority.",
            &[],
        )
        .when(&[Pasted]),
        act(
            "If it has expired or is for another host, have the server's owner renew it; check this machine's clock too.",
            &[Bash("date -u")],
        ),
        note(
            "An Exchange server of your own needs a certificate of an authority that clients trust; a self-signed certificate in `ca_file` is not enough.",
        ),
    ]],
    ..Advice::NONE
};

pub(super) const TLS_FAILURE: Advice = Advice {
    title: "The TLS handshake failed",
    meaning: "Both sides could not agree on a secured connection: no common version or cipher, plain text on a TLS port, or something in between that breaks TLS.",
    steps: &[&[
        act(
            "Check that the address is right and speaks TLS.",
            &[Bash(
                "openssl s_client -connect {ews_address} -servername {ews_host} </dev/null",
            )],
        ),
        act(
            "Enable TLS 1.2 or newer on the server or proxy; older versions are not offered.",
            &[],
        ),
        act(
            "If a proxy stands between, set it as `proxy` in the config instead of the service's address.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const PROXY_AUTH_REQUIRED: Advice = Advice {
    title: "The proxy wants a login",
    meaning: "A proxy on the way answered 407; the service itself was never asked, so this says nothing about the credential.",
    steps: &[&[
        act(
            "Have the network team let this machine reach {services} without a login to the proxy.",
            &[],
        ),
        act(
            "Or name a proxy that lets this machine through: `proxy = \"http://proxy.example:8080\"` in the config.",
            &[],
        )
        .when(&[Checked]),
    ]],
    ..Advice::NONE
};

pub(super) const UNEXPECTED_PAGE: Advice = Advice {
    title: "A web page came instead of an answer",
    meaning: "Something else than the service answered: a proxy's block page, a captive portal, a login page, or a web server at a wrong address; the credential was not judged.",
    steps: &[&[
        act(
            "If a filter blocks the service, have the network team allow {services}.",
            &[],
        ),
        act(
            "See the page's words, the address and the proxy that was used.",
            &[Credwatch("credwatch diagnose {name}")],
        )
        .when(&[Checked]),
        act(
            "If the address is your own, correct `login_url`, `ews_url` or `graph_url`; EWS ends in /EWS/Exchange.asmx.",
            &[],
        )
        .when(&[Checked]),
        note(
            "A publishing portal before an Exchange server must let EWS through without its own login page.",
        ),
    ]],
    ..Advice::NONE
};

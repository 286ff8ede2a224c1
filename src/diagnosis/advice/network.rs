//! Advice on what happens between this machine and the services.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::DnsFailure,
        title: "A host name does not resolve",
        detail: "This machine could not turn the name of the service into an address. From here nothing can be said about the integration; the vendor may still work.",
        steps: &[&[
            "Ask for the name on this machine: `getent hosts {login_host}` and `getent hosts {ews_host}`",
            "If only own addresses fail, check `login_url`, `ews_url` and `graph_url` in the config for a typing error: `credwatch config check`",
            "If all names fail, check the resolver (`resolvectl status`); where only a proxy may resolve outside names, set `proxy` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ConnectFailure,
        title: "No connection to the service",
        detail: "The connection was refused, reset, closed early or had no route. A firewall, a proxy that must be used, or a wrong port are the usual reasons. The vendor may still work.",
        steps: &[&[
            steps::DIAGNOSE,
            "Allow outgoing TCP to {services}, or set `proxy` in the config if a proxy is the only way out.",
            "Try the same way by hand: `curl -sv -o /dev/null {ews_url}`",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::Timeout,
        title: "No answer within the limit",
        detail: "The service, or something on the way to it, did not answer in time. Firewalls that drop packets look like this; so does a slow proxy.",
        steps: &[&[
            "See which phase takes the time (name, connection, TLS, answer): `credwatch diagnose {name}`",
            "If the connection itself never comes about, allow outgoing TCP to {services}, or set `proxy`.",
            "If the answer is only slow, give the check more time: `timeout = \"40s\"` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::TlsUntrusted,
        title: "The server's certificate is not trusted",
        detail: "The certificate that was shown is not one this machine trusts: a private authority, a proxy that opens TLS, a self-signed one, an expired one, or one for another host. Nothing secret was sent.",
        steps: &[&[
            "See who issued the certificate: `credwatch diagnose {name}`, or `openssl s_client -connect {ews_address} -servername {ews_host} </dev/null`",
            "If a TLS-inspecting proxy of your organisation issued it, have the network team exempt {services} from inspection (Microsoft asks for that), or trust its authority here: `ca_file = \"corp-ca.pem\"` in the config.",
            "If it is an Exchange server of your own, give it a certificate of an authority that clients trust; a self-signed certificate in `ca_file` is not enough.",
            "If it has expired or is for another host, have the server's owner renew it, and check this machine's clock: `date -u`",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::TlsFailure,
        title: "The TLS handshake failed",
        detail: "Both sides could not agree on a secured connection, for another reason than trust: no common version or cipher, plain text on a TLS port, or something in between that breaks TLS.",
        steps: &[&[
            "Check that the address is right and speaks TLS: `openssl s_client -connect {ews_address} -servername {ews_host} </dev/null`",
            "Enable TLS 1.2 or newer on the server or proxy; older versions are not offered.",
            "If a proxy stands between, set it as `proxy` in the config instead of the service's address.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::ProxyAuthRequired,
        title: "The proxy wants a login",
        detail: "A proxy on the way answered 407. The service itself was never asked, so this says nothing about the credential.",
        steps: &[&[
            "Have the network team let this machine reach {services} without a login, which is what a service needs.",
            "Or name a proxy that lets this machine through: `proxy = \"http://proxy.example:8080\"` in the config.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::UnexpectedPage,
        title: "A web page came where an answer was due",
        detail: "Something else than the service answered: a proxy's block page, a captive portal, a login page, or a web server at a wrong address. The credential was not judged.",
        steps: &[&[
            "Read the page's own words above, and see the address and the proxy used: `credwatch diagnose {name}`",
            "If a filter blocks it, have the network team allow {services}.",
            "If the address is an own one, correct `login_url`, `ews_url` or `graph_url`; EWS ends in /EWS/Exchange.asmx. A publishing portal before Exchange must let EWS through without its own login page.",
        ]],
        after: "",
    },
];

//! Planted secrets: whatever a hostile server sends back, none of them appears in any output.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::world::credwatch;

/// Signs of its own in every place, and of no shape that could be told from a word.
const SECRET: &str = "Canary+one%two&three=four~five";

/// An access token that nothing but its place gives away.
const TOKEN: &str = "canary.token-value_of-nobody";

/// The same for Graph, where the first one is for EWS.
const OTHER_TOKEN: &str = "canary.other-value_of-nobody";

/// What a sign-in is renewed with, and what comes in its place.
const REFRESH: &str = "Canary+refresh/one=two~three";
const NEW_REFRESH: &str = "Canary+renewed/four=five~six";

/// How the server treats who asks for a token.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// It refuses, and sends everything back.
    Refuses,
    /// It issues tokens; Exchange and Graph send everything back.
    Issues,
    /// It renews sign-ins; Exchange and Graph send everything back, also what they never got.
    Renews,
}

/// Starts a server that sends every request back in its answer's body and headers.
fn echo(manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // a client that goes away ends nothing but its own conversation
            thread::spawn(move || answer(stream, manner));
        }
    });
    address
}

fn answer(stream: TcpStream, manner: Manner) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let from = head.len();
        if reader.read_line(&mut head)? <= 2 {
            break;
        }
        let line = head[from..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let reply = reply(&head, &body, manner);
    reader.get_mut().write_all(reply.as_bytes())
}

fn reply(head: &str, body: &str, manner: Manner) -> String {
    let asked_for_token = head.starts_with("POST") && head.contains("/oauth2/");
    if asked_for_token && !matches!(manner, Manner::Refuses) {
        let token = if body.contains("graph") {
            OTHER_TOKEN
        } else {
            TOKEN
        };
        let refresh = match manner {
            Manner::Renews => format!(",\"refresh_token\":\"{NEW_REFRESH}\""),
            Manner::Refuses | Manner::Issues => String::new(),
        };
        let token = format!(
            "{{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"{token}\"{refresh}}}"
        );
        return http("200 OK", "", &token);
    }
    // what it knows, first: the end of a long text is not shown
    let known = match manner {
        Manner::Refuses => vec![SECRET],
        Manner::Issues => vec![SECRET, TOKEN, OTHER_TOKEN],
        Manner::Renews => vec![REFRESH, NEW_REFRESH, SECRET, TOKEN, OTHER_TOKEN],
    };
    let heard = format!("{} {head} {body}", known.join(" "));
    let heard = heard.replace(['\r', '\n', '"', '\\', '<', '>'], " ");
    let headers = format!(
        "x-ms-diagnostics: 2000000;reason=\"{heard}\";error_category=\"{heard}\"\r\n\
         x-ews-policy-reason: {heard}\r\nrequest-id: {heard}\r\n\
         www-authenticate: Bearer error=\"{heard}\"\r\n"
    );
    let page = if asked_for_token {
        format!(
            "{{\"error\":\"invalid_client\",\"error_codes\":[7000215],\"trace_id\":\"{heard}\",\
             \"suberror\":\"{heard}\",\"error_description\":\"AADSTS7000215: Invalid client secret: \
             {heard}\"}}"
        )
    } else if head.starts_with("GET") {
        format!("{{\"error\":{{\"code\":\"{heard}\",\"message\":\"{heard}\"}}}}")
    } else {
        format!("<html><title>{heard}</title><body>{heard}</body></html>")
    };
    http("401 Unauthorized", &headers, &page)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A config with a tenant for each kind of source, all against one server; each acts for a person
/// where the server renews sign-ins.
fn config(dir: &Path, manner: Manner) -> std::path::PathBuf {
    fs::write(dir.join("secret"), format!("{SECRET}\n")).unwrap();
    fs::write(dir.join("refresh"), format!("{REFRESH}\n")).unwrap();
    let for_a_person = match manner {
        Manner::Refuses | Manner::Issues => "",
        Manner::Renews => "grant = \"refresh-token\"\nrefresh_token = { file = \"refresh\" }\n",
    };
    let address = echo(manner);
    let mut toml = format!(
        "[defaults]\nlogin_url = \"{address}\"\news_url = \"{address}/EWS/Exchange.asmx\"\n\
         graph_url = \"{address}\"\nchecks = [\"ews\", \"graph\"]\ntimeout = \"60s\"\n"
    );
    for (number, source) in [
        "{ env = \"PLANTED\" }".to_owned(),
        "{ file = \"secret\" }".to_owned(),
        format!(
            "{{ command = [\"cat\", \"{}\"] }}",
            dir.join("secret").display()
        ),
    ]
    .iter()
    .enumerate()
    {
        write!(
            toml,
            "[[tenant]]\nname = \"tenant-{number}\"\ntenant_id = \"contoso.example\"\n\
             client_id = \"22222222-2222-2222-2222-22222222222{number}\"\n\
             mailbox = \"room@contoso.example\"\nsecret = {source}\n{for_a_person}"
        )
        .unwrap();
    }
    let path = dir.join("config.toml");
    fs::write(&path, toml).unwrap();
    path
}

/// Every spelling that a leak may have.
fn spellings() -> Vec<String> {
    let secrets = [SECRET, TOKEN, OTHER_TOKEN, REFRESH, NEW_REFRESH];
    let of = |secret: &str| {
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        [
            secret.to_owned(),
            form.to_ascii_lowercase(),
            form,
            STANDARD.encode(secret),
        ]
    };
    secrets.into_iter().flat_map(of).collect()
}

#[test]
fn no_output_holds_a_secret_or_a_token_that_a_server_sent_back() {
    for manner in [Manner::Refuses, Manner::Issues, Manner::Renews] {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path(), manner);
        for format in ["text", "json", "nagios", "prometheus", "csv", "markdown"] {
            let log = dir.path().join("log");
            let mut command = credwatch(&["check", "-vvv", "--confirm", "0s", "--format", format]);
            command
                .arg("--config")
                .arg(&config)
                .arg("--log-file")
                .arg(&log)
                .arg("--state-dir")
                .arg(dir.path().join(format!("state-{format}")));
            command.env("PLANTED", SECRET).env("PATH", "/usr/bin:/bin");
            let output = command.output().unwrap();
            let mut said = String::from_utf8(output.stdout).unwrap();
            assert!(!said.is_empty() && output.status.code() != Some(0));
            said.push_str(&String::from_utf8(output.stderr).unwrap());
            for entry in fs::read_dir(dir.path()).unwrap().flatten() {
                if entry.file_name().to_string_lossy().starts_with("log") {
                    said.push_str(&fs::read_to_string(entry.path()).unwrap());
                }
            }
            for spelling in spellings() {
                assert!(
                    !said.contains(&spelling),
                    "{manner:?} {format}: {spelling} in {said}"
                );
            }
        }
    }
}

#[test]
fn an_address_with_a_password_in_it_is_refused_without_repeating_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    for key in ["proxy", "login_url", "ews_url", "graph_url"] {
        let toml = format!(
            "[defaults]\n{key} = \"https://user:{SECRET}@host.example\"\n[[tenant]]\n\
             name = \"a\"\ntenant_id = \"t.example\"\nmailbox = \"a@t.example\"\n\
             client_id = \"22222222-2222-2222-2222-222222222222\"\nsecret = {{ env = \"A\" }}\n"
        );
        fs::write(&path, toml).unwrap();
        let mut command = credwatch(&["check", "-vvv", "--config"]);
        let output = command.arg(&path).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{key}");
        assert!(said.contains(key) && !said.contains("Canary"), "{said}");
    }
}

//! The way of a sign-in back to the application: registered addresses and response modes.

use quick_xml::escape::escape;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::simulator::http_answer::HttpAnswer;

/// Returns the requested address, if it is registered.
pub(crate) fn registered(known: &[String], asked: &str) -> Option<Url> {
    let is_known = known.iter().any(|known| is_same_redirect(known, asked));
    is_known.then(|| Url::parse(asked).ok())?
}

/// The port of a loopback address does not count.
fn is_same_redirect(registered: &str, asked: &str) -> bool {
    let (Ok(registered), Ok(mut asked)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    if asked.host_str() == Some("localhost") && asked.set_port(registered.port()).is_err() {
        return false;
    }
    registered == asked
}

/// Returns the answer that carries these fields back, by the response mode of the client.
pub(crate) fn carry(mut target: Url, mode: &str, fields: &[(&str, &str)]) -> HttpAnswer {
    match mode {
        "form_post" => return form(&target, fields),
        "fragment" => {
            let fragment = Serializer::new(String::new()).extend_pairs(fields).finish();
            target.set_fragment(Some(&fragment));
        }
        _ => {
            target.query_pairs_mut().extend_pairs(fields);
        }
    }
    HttpAnswer::empty(302).with("location", target.to_string())
}

/// Returns the page of `form_post`, which a browser submits by itself.
fn form(target: &Url, fields: &[(&str, &str)]) -> HttpAnswer {
    let inputs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let value = escape(*value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\" />")
        })
        .collect();
    let page = format!(
        "<html><head><title>Working...</title></head><body>\
         <form method=\"POST\" name=\"hiddenform\" action=\"{}\">{}\
         <noscript><p>Script is disabled. Click Submit to continue.</p>\
         <input type=\"submit\" value=\"Submit\" /></noscript></form>\
         <script language=\"javascript\">document.forms[0].submit();</script></body></html>",
        escape(target.as_str()),
        inputs.concat()
    );
    HttpAnswer::new(200, "text/html; charset=utf-8", page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_redirect_may_differ() {
        for (asked, same) in [
            ("http://localhost:40123/", true),
            ("http://localhost/", true),
            ("http://localhost:1/x", false),
            ("https://localhost/", false),
            ("http://127.0.0.1:40123/", false),
            ("http://evil.example/", false),
        ] {
            assert_eq!(
                is_same_redirect("http://localhost/", asked),
                same,
                "{asked}"
            );
        }
    }

    #[test]
    fn a_sign_in_comes_back_by_its_response_mode() {
        let carried = |mode| {
            let target = Url::parse("http://localhost:1/?kept=1").unwrap();
            carry(target, mode, &[("code", "a&b"), ("state", "\"><")])
        };
        for (mode, location) in [
            ("", "http://localhost:1/?kept=1&code=a%26b&state=%22%3E%3C"),
            (
                "fragment",
                "http://localhost:1/?kept=1#code=a%26b&state=%22%3E%3C",
            ),
        ] {
            let answer = carried(mode);
            assert_eq!(answer.status, 302);
            assert!(
                answer.headers.contains(&("location", location.to_owned())),
                "{mode}"
            );
        }
        let page = carried("form_post").body;
        let page = String::from_utf8_lossy(&page);
        assert!(
            page.contains("name=\"state\" value=\"&quot;&gt;&lt;\""),
            "{page}"
        );
        assert!(
            page.contains("action=\"http://localhost:1/?kept=1\""),
            "{page}"
        );
    }
}

//! No file, however it came to be, does more than be refused with its problems.

use super::*;

#[test]
fn an_include_of_everything_here_does_not_include_itself() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.toml");
    fs::write(&main, "include = [\"*.toml\", \"./b*.toml\"]").unwrap();
    for name in ["b", "a"] {
        let tenant = TENANT.replace("contoso-rooms", name);
        fs::write(folder.path().join(format!("{name}.toml")), tenant).unwrap();
    }
    let config = load(&main).unwrap();
    let names: Vec<_> = config.tenants.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_file_that_cannot_be_a_config_is_told_from_a_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.toml");
    let file = fs::File::create(&large).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    for (path, message) in [
        (folder.path().join("none.toml"), "does not exist"),
        (folder.path().to_owned(), "is a directory, not a file"),
        (large, "is larger than 16 MiB"),
    ] {
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_pipe_or_device_in_the_place_of_a_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    pipe(&path("pipe"));
    std::os::unix::fs::symlink("/dev/zero", path("zero")).unwrap();
    let ids = "[[directory]]\nname = \"d\"\nsecret = { env = \"X\" }\n\
               client_id = \"22222222-aaaa-4222-8222-222222222222\"\n";
    for (text, message) in [
        (
            format!("include = [\"pipe\"]\n{TENANT}"),
            "pipe: is a pipe, not a regular file",
        ),
        (
            format!("include = [\"zero\"]\n{TENANT}"),
            "zero: is a device, not a regular file",
        ),
        (
            format!("{ids}tenant_ids = {{ file = \"pipe\" }}\n"),
            "pipe' is a pipe, not a regular file",
        ),
    ] {
        let main = path("main.toml");
        fs::write(&main, text).unwrap();
        let error = load(&main).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    // a pipe is meant as the config itself; without a writer it is at its end
    let error = load(&path("pipe")).unwrap_err().to_string();
    assert!(error.contains("is empty"), "{error}");
    let error = load(&path("zero")).unwrap_err().to_string();
    assert!(error.contains("is larger than 16 MiB"), "{error}");
}

#[test]
fn a_config_may_come_from_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    pipe(&path);
    // opened for both, so that it has a writer before it is read and an end after
    let mut writer = fs::File::options()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    std::io::Write::write_all(&mut writer, TENANT.as_bytes()).unwrap();
    let closing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        drop(writer);
    });
    let config = load(&path).unwrap();
    assert_eq!(config.tenants.len(), 1);
    closing.join().unwrap();
}

#[test]
fn no_depth_of_nesting_overflows_the_stack() {
    let deep = 200_000;
    for text in [
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}", "{a=".repeat(deep)),
        format!("a{} = 1", ".a".repeat(deep)),
        format!("[a{}]", ".a".repeat(deep)),
        format!("{TENANT}watch{} = 1", ".a".repeat(deep)),
    ] {
        assert!(load_text(&text).is_err());
    }
}

#[test]
fn problems_past_the_first_hundreds_are_counted() {
    let text = "[[tenant]]\nname = \"\"\n".repeat(1000);
    let error = load_text(&text).unwrap_err();
    let ConfigError::Invalid { problems, unlisted } = &error else {
        panic!("{error}");
    };
    assert_eq!(problems.len(), 200);
    assert_eq!(*unlisted, 5 * 1000 - 200);
    assert!(
        error
            .to_string()
            .ends_with("5000 problems, the first 200 are shown")
    );
}

/// A text of config words in any order, more like a config than any string of characters is.
fn config_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(keys_of(OF_COMMON)).prop_map(str::to_owned),
        prop::sample::select(keys_of(OF_TENANT)).prop_map(str::to_owned),
        prop::sample::select(vec![
            "\n",
            " = ",
            "=",
            "[[tenant]]\n",
            "[defaults]\n",
            "[[directory]]\n",
            "tenant_ids",
            "[monitor]\n",
            "[alerts]\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            ".",
            "\"",
            "'",
            "\"\"\"",
            "#",
            "env",
            "true",
            "12",
            "-1",
            "1e400",
            "2027-02-30",
            "2027-02-28T25:00:00",
            "07:00",
            "\"15m\"",
            "\"x\"",
            "\"~/\"",
            "\"http://\"",
            "\u{feff}",
            "\r",
            "\0",
            "é",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

/// A tenant whose values are anything.
fn any_values() -> impl Strategy<Value = String> {
    let key = prop::sample::select([keys_of(OF_COMMON), keys_of(OF_TENANT)].concat());
    let value = prop_oneof![
        any::<String>().prop_map(|text| format!("{text:?}")),
        any::<i64>().prop_map(|n| n.to_string()),
        "\"[0-9]{1,25}(ns|s|m|h|d|w|y)\"",
        "\"(https?|socks5|ftp)://[a-z0-9.:@/?#\\[\\]%-]{0,20}\"",
        "[0-9]{4}-[0-1][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-9]{2}:[0-9]{2})?)?",
        "\\{ (env|file|command|credential|keyring|hint|key_id) = \"[a-z/.~$]{0,8}\" \\}",
        "\\[(\"[a-z ]{0,4}\",){0,3}\\]",
    ];
    prop::collection::vec((key, value), 0..12).prop_map(|lines| {
        let mut text = "[[tenant]]\n".to_owned();
        for (key, value) in lines {
            writeln!(text, "{key} = {value}").unwrap();
        }
        text
    })
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in prop_oneof![config_like(), any_values(), any::<String>()]) {
        if let Err(error) = load_text(&text) {
            let hostile = |c| c != '\n' && crate::text::is_hostile(c);
            prop_assert!(!error.to_string().contains(hostile));
        }
    }
}

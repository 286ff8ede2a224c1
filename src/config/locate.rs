//! Which file is the config.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::problem::{ConfigError, Looked};

/// Returns the config to read: the explicit one, else the one of `$CREDWATCH_CONFIG`, else
/// `$XDG_CONFIG_HOME/credwatch/config.toml`, else `./credwatch.toml`.
///
/// What is named outright is not replaced by another file if it is missing.
pub fn locate(explicit: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let surroundings = Surroundings::of_process();
    // a path that may not be looked at exists for all we know; reading it says what is wrong
    first(places(explicit, surroundings), |path| {
        path.try_exists().unwrap_or(true)
    })
}

/// Returns where a first config goes: the first of those places, whether a file is there or not.
pub fn destination(explicit: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let looked = places(explicit, Surroundings::of_process());
    match looked.first() {
        Some(first) => Ok(first.path.clone()),
        None => Err(ConfigError::NotFound { looked }),
    }
}

/// What the environment says about where configs are.
#[derive(Debug, Default)]
struct Surroundings {
    named: Option<OsString>,
    xdg: Option<OsString>,
    home: Option<PathBuf>,
}

impl Surroundings {
    fn of_process() -> Self {
        Self {
            named: env::var_os("CREDWATCH_CONFIG"),
            xdg: env::var_os("XDG_CONFIG_HOME"),
            home: etcetera::home_dir().ok(),
        }
    }
}

fn places(explicit: Option<&Path>, surroundings: Surroundings) -> Vec<Looked> {
    let at = |because, path| vec![Looked { because, path }];
    if let Some(path) = explicit {
        return at("named by `--config`", path.to_owned());
    }
    let set = |value: Option<OsString>| value.filter(|value| !value.is_empty());
    if let Some(named) = set(surroundings.named) {
        return at("named by `$CREDWATCH_CONFIG`", named.into());
    }
    let mut places = Vec::new();
    // the basedir specification: an empty or relative value counts as unset
    let xdg = set(surroundings.xdg)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let folder = match (xdg, surroundings.home) {
        (Some(folder), _) => Some(("by `$XDG_CONFIG_HOME`", folder)),
        (None, Some(home)) => Some(("the user's config folder", home.join(".config"))),
        (None, None) => None,
    };
    if let Some((because, folder)) = folder {
        let path = folder.join("credwatch").join("config.toml");
        places.push(Looked { because, path });
    }
    places.extend(at("the current folder", PathBuf::from("./credwatch.toml")));
    places
}

fn first(looked: Vec<Looked>, exists: impl Fn(&Path) -> bool) -> Result<PathBuf, ConfigError> {
    match looked.iter().find(|place| exists(&place.path)) {
        Some(found) => Ok(found.path.clone()),
        None => Err(ConfigError::NotFound { looked }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(explicit: Option<&str>, named: &str, xdg: &str, home: Option<&str>) -> Vec<String> {
        let surroundings = Surroundings {
            named: Some(named.into()),
            xdg: Some(xdg.into()),
            home: home.map(PathBuf::from),
        };
        places(explicit.map(Path::new), surroundings)
            .into_iter()
            .map(|place| place.path.display().to_string())
            .collect()
    }

    #[test]
    fn the_flag_precedes_the_environment_and_the_usual_places() {
        let here = "./credwatch.toml";
        let usual = "/h/.config/credwatch/config.toml";
        assert_eq!(looked(Some("a.toml"), "b", "/x", Some("/h")), ["a.toml"]);
        assert_eq!(looked(None, "b.toml", "/x", Some("/h")), ["b.toml"]);
        let by_xdg = ["/x/credwatch/config.toml", here];
        assert_eq!(looked(None, "", "/x", Some("/h")), by_xdg);
        for unset in ["", "relative"] {
            assert_eq!(looked(None, "", unset, Some("/h")), [usual, here]);
            assert_eq!(looked(None, "", unset, None), [here]);
        }
    }

    #[test]
    fn the_first_file_that_exists_is_taken() {
        let places = |n: usize| {
            (1..=n)
                .map(|i| Looked {
                    because: "a test",
                    path: format!("/{i}").into(),
                })
                .collect::<Vec<_>>()
        };
        let found = first(places(3), |path| path == Path::new("/2"));
        assert_eq!(found.unwrap(), Path::new("/2"));
        let error = first(places(2), |_| false).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no config; looked for\n  '/1' (a test)\n  '/2' (a test)\n  hint: `credwatch \
             init` writes a first one, `credwatch demo` needs none"
        );
    }
}

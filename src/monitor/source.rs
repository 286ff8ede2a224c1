//! Notices that the place where a secret is kept has changed, without opening the secret.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::MetadataExt as _,
};

use crate::tenant::{Credential, SecretSource};

/// Returns a number that changes when the source of a credential does; `None` where that cannot be
/// seen from outside (the environment of a process does not change, a command would have to run).
pub(super) async fn mark(credential: &Credential) -> Option<u64> {
    let Credential::Secret(SecretSource::File(path)) = credential else {
        return None;
    };
    let mut hasher = DefaultHasher::new();
    // a file that is missing has a mark too: its coming back is a change
    if let Ok(file) = tokio::fs::metadata(path).await {
        (file.ino(), file.size(), file.mtime(), file.mtime_nsec()).hash(&mut hasher);
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_written_or_vanishes_changes_its_mark() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let credential = Credential::Secret(SecretSource::File(path.clone()));
        let missing = mark(&credential).await;
        std::fs::write(&path, "old").unwrap();
        let old = mark(&credential).await;
        std::fs::write(&path, "newer").unwrap();
        let new = mark(&credential).await;
        assert!(missing != old && old != new && missing.is_some());
        assert_eq!(mark(&credential).await, new);
        assert_eq!(
            mark(&Credential::Secret(SecretSource::Env("X".into()))).await,
            None
        );
    }
}

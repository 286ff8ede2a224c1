//! The store on a real disk: permissions, crashes, damage, locks.

use std::{fs, path::PathBuf};

use chrono::DateTime;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::{
    files::faults::{Kind, Step, inject},
    profile::Profile,
    tenant::{Authority, Credential, Delegation, Target, fixture},
};

fn tenant(mailbox: &str) -> Tenant {
    let tenant = fixture::tenant("contoso");
    Tenant {
        profile: Profile::by_id("delegated").unwrap(),
        credential: Credential::None,
        delegation: Some(Delegation {
            authority: Authority::Tenant,
            start: None,
        }),
        target: Target {
            mailbox: Some(mailbox.into()),
            ..tenant.target
        },
        ..tenant
    }
}

fn kept(token: &str) -> Kept {
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Kept {
        token: token.to_owned().into(),
        obtained_at: at,
        rotated_at: at,
        rotates: true,
        account: Some("jörg \"x\"@contoso.com".into()),
        scopes: vec!["EWS.AccessAsUser.All".into()],
        start: None,
        refused: Some(Refusal {
            cause: "refresh-token-expired".into(),
            code: Some("AADSTS700082".into()),
            at,
        }),
    }
}

fn store() -> (TempDir, TokenStore) {
    let home = tempfile::tempdir().unwrap();
    let store = TokenStore::new(Some(home.path().join("state")));
    (home, store)
}

async fn open(store: &TokenStore, tenant: &Tenant) -> Slot {
    let soon = Instant::now() + Duration::from_secs(10);
    store.open(tenant, soon).await.unwrap()
}

fn only_json(home: &TempDir) -> PathBuf {
    let files = fs::read_dir(home.path().join("state/tokens")).unwrap();
    let mut json = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let found = json.next().unwrap();
    assert!(json.next().is_none());
    found
}

#[tokio::test]
async fn what_is_kept_comes_back_and_only_for_its_own_tenant() {
    let (_home, store) = store();
    let (room, other) = (tenant("Room@contoso.com"), tenant("other@contoso.com"));
    assert!(store.peek(&room).unwrap().is_none());
    open(&store, &room)
        .await
        .write(&kept("token-1"))
        .await
        .unwrap();
    let back = store.peek(&tenant("room@CONTOSO.com")).unwrap().unwrap();
    assert_eq!(back.token.expose_secret(), "token-1");
    assert_eq!(back.account, kept("").account);
    assert_eq!(back.refused, kept("").refused);
    assert!(store.peek(&other).unwrap().is_none());
    let slot = open(&store, &room).await;
    assert!(slot.remove().unwrap() && !slot.remove().unwrap());
    assert!(store.peek(&room).unwrap().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, store) = store();
    open(&store, &tenant("a@b.c"))
        .await
        .write(&kept("t"))
        .await
        .unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.path().join("state")), 0o700);
    assert_eq!(mode(home.path().join("state/tokens")), 0o700);
    for entry in fs::read_dir(home.path().join("state/tokens")).unwrap() {
        assert_eq!(mode(entry.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn a_crash_while_writing_leaves_the_old_token() {
    let (home, store) = store();
    let tenant = tenant("a@b.c");
    open(&store, &tenant)
        .await
        .write(&kept("old"))
        .await
        .unwrap();
    // as far as a process got that died before it renamed
    let path = only_json(&home);
    let name = path.file_name().unwrap().to_str().unwrap();
    let earlier = path.with_added_extension("new");
    let beside = path.with_file_name(format!(".{name}.0123456789abcdef.tmp"));
    for left in [&earlier, &beside] {
        fs::write(left, "{\"half\": ").unwrap();
    }
    let back = store.peek(&tenant).unwrap().unwrap();
    assert_eq!(back.token.expose_secret(), "old");
    open(&store, &tenant)
        .await
        .write(&kept("new"))
        .await
        .unwrap();
    let back = store.peek(&tenant).unwrap().unwrap();
    assert_eq!(back.token.expose_secret(), "new");
    assert!(!beside.exists() && !earlier.exists());
}

#[tokio::test]
async fn a_faulty_disk_loses_no_token_and_leaves_no_parts() {
    for step in [Step::Write, Step::Sync, Step::Rename] {
        for kind in [Kind::Full, Kind::ReadOnly, Kind::Crash] {
            let (home, store) = store();
            let slot = open(&store, &tenant("a@b.c")).await;
            slot.write(&kept("old-token")).await.unwrap();
            let path = only_json(&home);
            inject(&path, step, kind);
            let error = slot.write(&kept("new-token")).await.unwrap_err();
            let said = error.to_string();
            assert!(said.contains("cannot be written"), "{said}");
            assert!(!format!("{said} {error:?}").contains("new-token"), "{said}");
            let back = slot.read().await.unwrap().unwrap();
            assert_eq!(back.token.expose_secret(), "old-token", "{step:?} {kind:?}");
            // the next write ends what a crash began
            slot.write(&kept("new-token")).await.unwrap();
            let back = slot.read().await.unwrap().unwrap();
            assert_eq!(back.token.expose_secret(), "new-token");
            let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
            assert_eq!(files, 2, "the file and its lock: {step:?} {kind:?}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_place_of_a_token_or_lock_is_an_error() {
    let (home, store) = store();
    let tenant = tenant("a@b.c");
    open(&store, &tenant)
        .await
        .write(&kept("token"))
        .await
        .unwrap();
    let path = only_json(&home);
    let lock = path.with_extension("lock");
    for file in [&path, &lock] {
        fs::remove_file(file).unwrap();
        let made = std::process::Command::new("mkfifo").arg(file).status();
        assert!(made.unwrap().success());
    }
    let error = store.peek(&tenant).unwrap_err().to_string();
    assert!(error.contains("is a pipe, not a regular file"), "{error}");
    let opened = store.open(&tenant, Instant::now()).await;
    let error = opened.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("a pipe"), "{error}");
}

#[tokio::test]
async fn forgetting_leaves_nothing_of_a_crash_either() {
    let (home, store) = store();
    let tenant = tenant("a@b.c");
    let slot = open(&store, &tenant).await;
    slot.write(&kept("old")).await.unwrap();
    let path = only_json(&home);
    let beside = path.with_added_extension("new");
    fs::write(&beside, "{\"refresh_token\":\"new\"").unwrap();
    assert!(slot.remove().unwrap());
    assert!(!path.exists() && !beside.exists());
    fs::write(&beside, "{\"refresh_token\":\"new\"").unwrap();
    assert!(
        slot.remove().unwrap() && !beside.exists(),
        "also where nothing else is"
    );
}

#[test]
fn a_cancelled_write_keeps_the_lock_until_it_ends() {
    let one_at_a_time = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    one_at_a_time.block_on(async {
        let (_home, store) = store();
        let tenant = tenant("a@b.c");
        let (release, held) = std::sync::mpsc::channel::<()>();
        let disk_is_slow = spawn_blocking(move || held.recv());
        let slot = open(&store, &tenant).await;
        let late = kept("late");
        let given_up = timeout(Duration::ZERO, slot.write(&late)).await;
        assert!(given_up.is_err());
        drop(slot);
        let busy = store.open(&tenant, Instant::now()).await;
        assert!(matches!(busy, Err(TokenStoreError::Busy)), "{busy:?}");
        release.send(()).unwrap();
        disk_is_slow.await.unwrap().unwrap();
        drop(open(&store, &tenant).await);
        let back = store.peek(&tenant).unwrap().unwrap();
        assert_eq!(back.token.expose_secret(), "late");
    });
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_left_as_it_is() {
    let (home, store) = store();
    let tenant = tenant("a@b.c");
    open(&store, &tenant)
        .await
        .write(&kept("canary-token"))
        .await
        .unwrap();
    let path = only_json(&home);
    let whole = fs::read_to_string(&path).unwrap();
    for damaged in [
        String::new(),
        whole.chars().take(whole.len() / 2).collect(),
        whole.replace("\"version\":1", "\"version\":2"),
        whole.replace(
            &tenant.app.tenant_id,
            "33333333-3333-3333-3333-333333333333",
        ),
        whole.replace("canary-token", ""),
        format!("{whole}{}", " ".repeat(300 * 1024)),
    ] {
        fs::write(&path, &damaged).unwrap();
        let error = store.peek(&tenant).unwrap_err();
        assert!(matches!(error, TokenStoreError::Damaged { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[tokio::test]
async fn one_at_a_time_uses_a_sign_in_and_others_wait_only_so_long() {
    let (_home, store) = store();
    let (one, other) = (tenant("a@b.c"), tenant("x@y.z"));
    let held = open(&store, &one).await;
    let busy = store.open(&one, Instant::now()).await.unwrap_err();
    assert!(matches!(busy, TokenStoreError::Busy), "{busy}");
    drop(open(&store, &other).await);
    let waiting = tokio::spawn({
        let (store, one) = (store.clone(), one.clone());
        async move { drop(open(&store, &one).await) }
    });
    drop(held);
    waiting.await.unwrap();
}

#[test]
fn nothing_prints_a_token() {
    assert!(!format!("{:?}", kept("canary")).contains("canary"));
}

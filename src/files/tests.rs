//! Writing on a real disk: devices, pipes, links, modes, and injected faults of the file system.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{
    faults::{self, Kind, Step},
    *,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("report.json");
    write(&path, b"old").unwrap();
    write(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(home.path()), ["report.json"]);
    assert!(write(&home.path().join("missing/report.json"), b"x").is_err());
    assert!(write(home.path(), b"x").is_err(), "a folder is no file");
}

#[test]
fn a_device_is_written_in_place() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("out");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    for path in [Path::new("/dev/null"), &link] {
        write(path, b"report").unwrap();
        let null = fs::symlink_metadata("/dev/null").unwrap();
        assert!(null.file_type().is_char_device());
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(write(Path::new("/dev/full"), b"report").is_err());
}

#[test]
fn a_pipe_is_written_to_its_reader_and_refused_without_one() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    pipe(&path);
    let error = write(&path, b"report").unwrap_err().to_string();
    assert_eq!(error, "it is a pipe or socket that no process reads");
    assert!(check_appendable(&path).is_err());
    assert!(append(&path, b"report").is_err());
    assert!(ensure_private(&path).is_err() && lock_file(&path).is_err());
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read(path).unwrap()
    });
    let large = vec![b'x'; 300 * 1024];
    while write(&path, &large).is_err() {
        std::thread::yield_now();
    }
    assert_eq!(reader.join().unwrap(), large);
    assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
}

#[test]
fn an_open_descriptor_is_written_in_place() {
    use std::os::fd::AsRawFd as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, "first\n").unwrap();
    let open = fs::File::open(&path).unwrap();
    let descriptor = format!("/proc/self/fd/{}", open.as_raw_fd());
    write(Path::new(&descriptor), b"second\n").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"first\nsecond\n");
    assert_eq!(names(folder.path()), ["log"]);
}

#[test]
fn a_link_stays_and_its_target_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let target = folder.path().join("data/report.json");
    let link = folder.path().join("report.json");
    std::os::unix::fs::symlink("data/report.json", &link).unwrap();
    for text in ["new", "newer"] {
        write(&link, text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), text);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
    let circle = folder.path().join("circle");
    std::os::unix::fs::symlink("circle", &circle).unwrap();
    assert!(write(&circle, b"x").is_err());
}

#[test]
fn a_link_planted_under_an_old_temporary_name_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let path = folder.path().join("metrics.prom");
    let planted = format!(".metrics.prom.{}.new", std::process::id());
    std::os::unix::fs::symlink(&victim, folder.path().join(planted)).unwrap();
    write(&path, b"1").unwrap();
    write_private(&path, b"2").unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn owner_and_mode_of_a_replaced_file_are_kept() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    for bits in [0o600, 0o640, 0o664] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(mode(&path), bits);
    }
    // only root may give a file away
    if chown(&path, Some(12345), Some(12345)).is_ok() {
        write(&path, b"newer").unwrap();
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.uid(), now.gid()), (12345, 12345));
    }
}

#[test]
fn a_private_file_is_of_mode_0600_and_replaces_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (path, victim) = (folder.path().join("token"), folder.path().join("victim"));
    fs::write(&victim, "mine").unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    write_private(&path, b"secret").unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    write_private(&path, b"secret").unwrap();
    assert_eq!(mode(&path), 0o600, "a wide mode is not kept");
}

#[test]
fn a_failed_write_leaves_the_old_contents_alone() {
    for step in [Step::Write, Step::Sync, Step::Rename] {
        for kind in [Kind::Full, Kind::ReadOnly] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("report.json");
            write(&path, b"old").unwrap();
            faults::inject(&path, step, kind);
            assert!(write(&path, b"new").is_err(), "{step:?} {kind:?}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["report.json"]);
            write(&path, b"new").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
        }
    }
}

#[test]
fn removing_takes_what_a_crash_left_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    write_private(&path, b"old").unwrap();
    fs::write(folder.path().join(".token.other.tmp"), "not ours").unwrap();
    faults::inject(&path, Step::Write, Kind::Crash);
    assert!(write_private(&path, b"new secret").is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()).len(), 3);
    assert!(remove(&path).unwrap() && !remove(&path).unwrap());
    assert_eq!(names(folder.path()), [".token.other.tmp"]);
}

#[test]
fn access_of_others_is_seen_in_the_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "x").unwrap();
    for (bits, readers, writers) in [
        (0o600, None, None),
        (0o640, Some("its group"), None),
        (0o644, Some("everyone on this machine"), None),
        (0o620, None, Some("its group")),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        let found = exposure(&path);
        assert_eq!(found.and_then(Exposure::readers), readers, "{bits:o}");
        assert_eq!(found.and_then(Exposure::writers), writers, "{bits:o}");
    }
    assert_eq!(exposure(&folder.path().join("none")), None);
}

//! Who else may read or change a file, by its mode.

use std::path::Path;

/// Access that other users of the machine have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// The permission bits.
    pub mode: u32,
}

impl Exposure {
    /// Returns who may read it besides its owner.
    pub const fn readers(self) -> Option<&'static str> {
        who(self.mode, 0o4)
    }

    /// Returns who may write it besides its owner.
    pub const fn writers(self) -> Option<&'static str> {
        who(self.mode, 0o2)
    }
}

const fn who(mode: u32, bit: u32) -> Option<&'static str> {
    if mode & bit != 0 {
        Some("everyone on this machine")
    } else if mode & (bit << 3) != 0 {
        Some("its group")
    } else {
        None
    }
}

/// Returns the access of others to a file or folder; `None` where there is none, no such file, or no
/// modes on this system. Links are followed.
pub fn exposure(path: &Path) -> Option<Exposure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = path.metadata().ok()?.permissions().mode() & 0o777;
        let exposure = Exposure { mode };
        exposure
            .readers()
            .or(exposure.writers())
            .map(|_who| exposure)
    }
    #[cfg(not(unix))]
    {
        let _no_modes = path;
        None
    }
}

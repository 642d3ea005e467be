//! The data directory as a directory: made when missing, and its owner's alone.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Bits of others in a directory's mode.
const OTHERS: u32 = 0o077;
/// A directory that everybody shares (`/tmp`).
const STICKY: u32 = 0o1000;

/// Makes the directory, for its owner alone. One that stands and is empty or holds our store becomes its owner's
/// alone too, for it holds names and phone numbers; any other is left as it is.
pub(super) fn prepare(data: &Path) -> io::Result<()> {
    if !data.exists() {
        return DirBuilder::new().recursive(true).mode(0o700).create(data);
    }
    let mode = fs::metadata(data)?.permissions().mode();
    if mode & OTHERS != 0 && mode & STICKY == 0 && (is_empty(data)? || data.join("db").exists()) {
        fs::set_permissions(data, Permissions::from_mode(mode & !OTHERS))?;
    }
    Ok(())
}

/// Whether there is nothing to work with.
pub(super) fn holds_nothing(data: &Path) -> bool {
    is_empty(data).unwrap_or(true)
}

fn is_empty(data: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(data)?.next().is_none())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_data_directory_is_its_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let fresh = root.path().join("a/b");
        prepare(&fresh).unwrap();
        assert!(holds_nothing(&fresh));
        let (empty, ours, other) =
            (root.path().join("empty"), root.path().join("ours"), root.path().join("other"));
        for (path, file) in [(&empty, None), (&ours, Some("db")), (&other, Some("thesis.odt"))] {
            fs::create_dir(path).unwrap();
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
            if let Some(file) = file {
                fs::write(path.join(file), "").unwrap();
            }
            prepare(path).unwrap();
        }
        assert_eq!([&fresh, &empty, &ours, &other].map(|path| mode(path)), [0o700, 0o700, 0o700, 0o755]);
        assert!(holds_nothing(Path::new("/nowhere")) && !holds_nothing(&other));
    }
}

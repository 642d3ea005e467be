//! Where records are read from: a document as it stands, also in a transaction, or as it stood after certain changes.

use automerge::{Automerge, ChangeHash, ObjId, ReadDoc, ScalarValueRef, Value as Stored, ValueRef};

/// What reading a record asks of a document. Nothing fails: what cannot be read is not there.
pub trait View {
    /// The values under a key, in ascending order of operation: the last is the winner.
    fn values(&self, object: &ObjId, key: &str) -> Vec<(Stored<'_>, ObjId)>;
    /// The keys of a map.
    fn names(&self, object: &ObjId) -> Vec<String>;
    /// The keys of a map that stands for a set, without those under which `false` or `null` stands.
    fn chosen(&self, object: &ObjId) -> Vec<String>;
    /// The characters of a text.
    fn prose(&self, object: &ObjId) -> Option<String>;
    /// The items of a list.
    fn items(&self, object: &ObjId) -> Vec<(Stored<'_>, ObjId)>;
}

impl<D: ReadDoc> View for D {
    fn values(&self, object: &ObjId, key: &str) -> Vec<(Stored<'_>, ObjId)> {
        self.get_all(object, key).unwrap_or_default()
    }

    fn names(&self, object: &ObjId) -> Vec<String> {
        self.keys(object).collect()
    }

    fn chosen(&self, object: &ObjId) -> Vec<String> {
        let members = self.map_range(object, ..).filter(|item| stands(&item.value));
        members.map(|item| item.key.to_string()).collect()
    }

    fn prose(&self, object: &ObjId) -> Option<String> {
        self.text(object).ok()
    }

    fn items(&self, object: &ObjId) -> Vec<(Stored<'_>, ObjId)> {
        (0..self.length(object)).filter_map(|index| self.get(object, index).ok().flatten()).collect()
    }
}

/// A document as it stood after these changes and what they build on.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The document, which has the changes.
    pub doc: &'a Automerge,
    /// The changes.
    pub heads: &'a [ChangeHash],
}

impl View for Past<'_> {
    fn values(&self, object: &ObjId, key: &str) -> Vec<(Stored<'_>, ObjId)> {
        self.doc.get_all_at(object, key, self.heads).unwrap_or_default()
    }

    fn names(&self, object: &ObjId) -> Vec<String> {
        self.doc.keys_at(object, self.heads).collect()
    }

    fn chosen(&self, object: &ObjId) -> Vec<String> {
        let members = self.doc.map_range_at(object, .., self.heads).filter(|item| stands(&item.value));
        members.map(|item| item.key.to_string()).collect()
    }

    fn prose(&self, object: &ObjId) -> Option<String> {
        self.doc.text_at(object, self.heads).ok()
    }

    fn items(&self, object: &ObjId) -> Vec<(Stored<'_>, ObjId)> {
        (0..self.doc.length_at(object, self.heads))
            .filter_map(|index| self.doc.get_at(object, index, self.heads).ok().flatten())
            .collect()
    }
}

/// A member is in its set unless somebody wrote `false` or `null` under it.
fn stands(value: &ValueRef<'_>) -> bool {
    !matches!(value, ValueRef::Scalar(ScalarValueRef::Boolean(false) | ScalarValueRef::Null))
}

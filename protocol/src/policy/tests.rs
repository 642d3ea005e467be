//! Every cell of the table, and what every path of the document counts as.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::sync::Arc;

use expect_test::expect;

use super::{Act, Ground, TABLE, allows, decide};
use crate::ids::RecordId;
use crate::people::Role;
use crate::schema::path::Address;
use crate::schema::write::Edit;
use crate::wire::quarantine::Reason;

fn keys(path: &str) -> Vec<Arc<str>> {
    path.split('/').filter(|key| !key.is_empty()).map(Arc::from).collect()
}

/// Goal: every cell, role by place by kind. Method: each place by a path that leads to it, all three acts, all roles.
#[test]
fn every_cell() {
    let places = [
        ("elsewhere", Ground::Outside),
        ("schema", Ground::Identity),
        ("territory/name", Ground::Identity),
        ("structures", Ground::Root),
        ("structures/1", Ground::Record),
        ("structures/1/services", Ground::Parts),
        ("structures/1/services/2", Ground::Record),
        ("structures/1/phone", Ground::Field),
        ("structures/1/validation", Ground::ReservedMap),
        ("structures/1/validation/by", Ground::ReservedField),
        ("settings/zone", Ground::ReservedField),
    ];
    let mut told = String::new();
    for (path, ground) in places {
        assert_eq!(Ground::of(&keys(path)), ground, "{path}");
        for act in [Act::Create, Act::Write, Act::Remove] {
            let of = |role| decide(role, ground, act).map_or_else(Reason::code, |()| "yes");
            let cells = [Role::Reader, Role::Contributor, Role::Referent].map(of);
            writeln!(told, "{path} {act:?}: {}", cells.join(", ")).unwrap();
        }
    }
    expect![[r"
        elsewhere Create: needs-contributor, outside, outside
        elsewhere Write: needs-contributor, outside, outside
        elsewhere Remove: needs-contributor, outside, outside
        schema Create: needs-contributor, outside, outside
        schema Write: needs-contributor, outside, outside
        schema Remove: needs-contributor, outside, outside
        territory/name Create: needs-contributor, outside, outside
        territory/name Write: needs-contributor, outside, outside
        territory/name Remove: needs-contributor, outside, outside
        structures Create: needs-contributor, replaces-record, replaces-record
        structures Write: needs-contributor, replaces-record, replaces-record
        structures Remove: needs-contributor, removes-record, removes-record
        structures/1 Create: needs-contributor, yes, yes
        structures/1 Write: needs-contributor, replaces-record, replaces-record
        structures/1 Remove: needs-contributor, removes-record, removes-record
        structures/1/services Create: needs-contributor, yes, yes
        structures/1/services Write: needs-contributor, replaces-record, replaces-record
        structures/1/services Remove: needs-contributor, removes-record, removes-record
        structures/1/services/2 Create: needs-contributor, yes, yes
        structures/1/services/2 Write: needs-contributor, replaces-record, replaces-record
        structures/1/services/2 Remove: needs-contributor, removes-record, removes-record
        structures/1/phone Create: needs-contributor, yes, yes
        structures/1/phone Write: needs-contributor, yes, yes
        structures/1/phone Remove: needs-contributor, yes, yes
        structures/1/validation Create: needs-contributor, needs-referent, yes
        structures/1/validation Write: needs-contributor, replaces-record, replaces-record
        structures/1/validation Remove: needs-contributor, removes-record, removes-record
        structures/1/validation/by Create: needs-contributor, needs-referent, yes
        structures/1/validation/by Write: needs-contributor, needs-referent, yes
        structures/1/validation/by Remove: needs-contributor, needs-referent, yes
        settings/zone Create: needs-contributor, needs-referent, yes
        settings/zone Write: needs-contributor, needs-referent, yes
        settings/zone Remove: needs-contributor, needs-referent, yes
    "]]
    .assert_eq(&told);
}

/// Goal: the other paths of the document. An unknown key of a record is a field: it is kept as it is.
#[test]
fn what_paths_lead_to() {
    for (path, ground) in [
        ("", Ground::Outside),
        ("territory", Ground::Identity),
        ("settings", Ground::Root),
        ("actions", Ground::Root),
        ("actions/1", Ground::Record),
        ("practices/1/title", Ground::Field),
        ("campaigns/1", Ground::ReservedMap),
        ("campaigns/1/goal", Ground::ReservedField),
        ("structures/1/helpers", Ground::Parts),
        ("structures/1/helpers/2", Ground::Record),
        ("structures/1/helpers/2/name", Ground::Field),
        ("structures/1/emails/a@b.c", Ground::Field),
        ("structures/1/colour/shade", Ground::Field),
        ("structures/1/confirmed", Ground::Parts),
        ("structures/1/confirmed/at", Ground::Field),
        ("structures/1/archived", Ground::ReservedMap),
        ("structures/1/archived/why/more", Ground::ReservedField),
        ("Structures/1", Ground::Outside),
    ] {
        assert_eq!(Ground::of(&keys(path)), ground, "{path}");
    }
}

/// Goal: each place has one row, and what writes may remove: operations in a text are judged by the first of them.
#[test]
fn rows_are_whole() {
    for (index, (ground, [_, write, remove])) in TABLE.iter().enumerate() {
        assert_eq!(write, remove, "{ground:?}");
        assert!(TABLE.iter().skip(index + 1).all(|(other, _)| other != ground), "{ground:?}");
    }
}

/// Goal: devices decide on edits as the server decides on the operations that these become.
#[test]
fn edits_by_role() {
    let id = || RecordId::from("01917f3e-0000-7000-8000-000000000001");
    let set = |path: &str| Edit::Set { address: Address::parse(&id(), path).unwrap(), value: None };
    let by = || "Amina".to_owned();
    let everybodys = [
        Edit::AddStructure { id: id(), name: by() },
        set("phone"),
        set("confirmed/how"),
        Edit::Confirm { structure: id(), by: by(), how: "call".to_owned() },
    ];
    let reserved = [
        set("archived/why"),
        set("validation/by"),
        Edit::Archive { structure: id(), by: by(), why: by() },
        Edit::Unarchive { structure: id() },
        Edit::Validate { structure: id(), by: by() },
    ];
    for edit in everybodys.iter().chain(&reserved) {
        assert_eq!(allows(Role::Referent, edit), Ok(()));
        assert_eq!(allows(Role::Reader, edit), Err(Reason::NeedsContributor));
    }
    assert!(everybodys.iter().all(|edit| allows(Role::Contributor, edit).is_ok()));
    let refused = |edit| allows(Role::Contributor, edit) == Err(Reason::NeedsReferent);
    assert!(reserved.iter().all(refused));
}

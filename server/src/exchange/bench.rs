//! A real document for the tests of this folder: plans are performed on it and read back.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge};
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use uuid::Uuid;

use super::geometry::{Contour, Point, Polygon};
use super::plan::Plan;
use super::territory_file::CommuneShape;

/// A directory in a document.
pub(super) struct Directory(Automerge);

impl Directory {
    pub(super) fn new() -> Self {
        let actor = ActorId::from([7_u8; 16]);
        Self(document::create(actor, "Test", "0", UnixMillis(0)).expect("a document"))
    }

    pub(super) fn structures(&self) -> BTreeMap<RecordId, Structure> {
        read::structures(&self.0)
    }

    pub(super) fn edit(&mut self, edits: &[Edit]) {
        perform(&mut self.0, edits, UnixMillis(0)).expect("edits that the document takes");
    }

    pub(super) fn perform(&mut self, plan: &Plan) {
        plan.groups.iter().for_each(|group| self.edit(group));
    }
}

/// Uuids in ascending order, as fresh version 7 ones are.
pub(super) fn ids(start: u128) -> impl FnMut() -> RecordId {
    let mut next = 0x0190_0000_0000_7000_8000_0000_0000_0000_u128 + start;
    move || {
        next += 1;
        Uuid::from_u128(next).into()
    }
}

/// A territory of one square commune, 35117 Gaël: 48 to 48.3 north, 2.2 to 1.9 west.
pub(super) fn communes() -> Vec<CommuneShape> {
    let corner = |lat, lon| Point { lat, lon };
    let outer = vec![corner(48.0, -2.2), corner(48.0, -1.9), corner(48.3, -1.9), corner(48.3, -2.2)];
    vec![CommuneShape {
        code: "35117".into(),
        name: "Gaël".to_owned(),
        population: None,
        epci_code: None,
        epci_name: None,
        town_hall: None,
        contour: Contour { polygons: vec![Polygon { outer, holes: vec![] }] },
    }]
}

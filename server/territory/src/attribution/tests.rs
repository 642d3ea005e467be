//! The first to bring an actor keeps it, and a binding is told once.

use portrea_protocol::people::Role;

use super::Attribution;
use crate::tests::{NOW, actor, person};

/// Goal: the first binding stands, for this process and for the next, and is to be kept once.
#[test]
fn the_first_binding_stands() {
    let mut attribution = Attribution::default();
    assert!(attribution.of(&actor(2)).is_none());
    let first = attribution.bind(&actor(2), &person(2, Role::Contributor), NOW);
    assert_eq!(attribution.bind(&actor(2), &person(3, Role::Referent), NOW.plus(1)), first);
    let fresh = attribution.take_fresh();
    assert_eq!(fresh, std::slice::from_ref(&first));
    assert!(attribution.take_fresh().is_empty());
    let mut again = Attribution::load(fresh);
    assert_eq!(again.of(&actor(2)), Some(&first));
    assert_eq!(again.bind(&actor(2), &person(3, Role::Referent), NOW), first);
    assert!(again.take_fresh().is_empty());
}

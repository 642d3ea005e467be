//! Every order on a small territory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::time::UnixMillis;
use uuid::Uuid;

use super::*;

const TERRITORY: TerritoryId = TerritoryId(Uuid::nil());
const NOW: UnixMillis = UnixMillis(5);

fn who(number: u128) -> ContributorId {
    ContributorId(Uuid::from_u128(number))
}

fn device(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(number))
}

/// People by number, role, and the numbers of their devices.
fn roll(people: &[(u128, Role, &[u8])]) -> Roll {
    let mut roll = Roll::default();
    for (number, role, devices) in people {
        for each in *devices {
            let session = Session {
                device: device(u128::from(*each)),
                contributor: who(*number),
                name: format!("person {number}"),
                role: *role,
                territory: TERRITORY,
                created_at: UnixMillis(0),
                expires_at: UnixMillis(10),
                invitation: None,
                first_until: None,
            };
            roll.sessions.push((Hash([*each; 32]), session));
        }
        let made = Invitation {
            id: InvitationId(Uuid::from_u128(*number)),
            territory: TERRITORY,
            role: Role::Reader,
            uses_left: None,
            expires_at: UnixMillis(10),
            created_at: UnixMillis(0),
            created_by: Some(who(*number)),
            device_of: None,
        };
        let number = u8::try_from(*number).unwrap();
        roll.invitations.push((Hash([100 + number; 32]), made));
    }
    roll
}

/// What ends, what changes, whose links end, how many référent·es are left.
type Told = (Vec<u8>, Vec<u8>, Vec<u8>, usize);

/// Goal: an order touches whom it names, on the devices it names, and nobody else. Method: a table over one roll.
#[test]
fn an_order_touches_whom_it_names() {
    let roll = roll(&[
        (1, Role::Referent, &[1, 2]),
        (2, Role::Contributor, &[3, 4]),
        (3, Role::Reader, &[5]),
        (4, Role::Referent, &[6]),
    ]);
    let cases: [(Order, Result<Told, Barred>); 11] = [
        (Order::RevokeDevice(who(2), device(3)), Ok((vec![3], vec![], vec![], 2))),
        (Order::RevokeDevice(who(3), device(5)), Ok((vec![5], vec![], vec![103], 2))),
        (Order::RevokeDevice(who(2), device(5)), Err(Barred::Unknown)),
        (Order::Revoke(who(2)), Ok((vec![3, 4], vec![], vec![102], 2))),
        (Order::Revoke(who(1)), Ok((vec![1, 2], vec![], vec![101], 1))),
        (Order::Revoke(who(9)), Err(Barred::Unknown)),
        (Order::Role(who(2), Role::Reader), Ok((vec![], vec![3, 4], vec![], 2))),
        (Order::Role(who(2), Role::Contributor), Ok((vec![], vec![], vec![], 2))),
        (Order::Role(who(2), Role::Referent), Ok((vec![], vec![3, 4], vec![], 3))),
        (Order::Role(who(1), Role::Contributor), Ok((vec![], vec![1, 2], vec![101], 1))),
        (Order::Role(who(9), Role::Reader), Err(Barred::Unknown)),
    ];
    for (order, expected) in cases {
        let told = decide(&roll, order, By::Referent(Hash([1; 32])), NOW).map(|change| {
            let changed: Vec<u8> = change.changed.iter().map(|(hash, _)| hash.0[0]).collect();
            if let Order::Role(_, role) = order {
                assert!(change.changed.iter().all(|(_, session)| session.role == role), "{order:?}");
            }
            (
                change.ended.iter().map(|hash| hash.0[0]).collect(),
                changed,
                change.closed.iter().map(|(hash, _)| hash.0[0]).collect(),
                change.referents_left,
            )
        });
        assert_eq!(told, expected, "{order:?}");
    }
}

/// Goal: no référent·e can leave a territory without one, its operator can. Method: one référent·e with one and with
/// two devices, and a territory that has none.
#[test]
fn the_last_referent_stays() {
    let by = By::Referent(Hash([1; 32]));
    let one = roll(&[(1, Role::Referent, &[1]), (2, Role::Contributor, &[3])]);
    for order in [
        Order::Revoke(who(1)),
        Order::RevokeDevice(who(1), device(1)),
        Order::Role(who(1), Role::Contributor),
        Order::Role(who(1), Role::Reader),
    ] {
        assert_eq!(decide(&one, order, by, NOW), Err(Barred::LastReferent), "{order:?}");
        assert_eq!(decide(&one, order, By::Operator, NOW).unwrap().referents_left, 0, "{order:?}");
    }
    assert_eq!(decide(&one, Order::Role(who(1), Role::Referent), by, NOW).unwrap().referents_left, 1);
    let two_devices = roll(&[(1, Role::Referent, &[1, 2])]);
    let change = decide(&two_devices, Order::RevokeDevice(who(1), device(2)), by, NOW).unwrap();
    assert_eq!((change.referents_left, change.closed.len()), (1, 0));
    let none = roll(&[(2, Role::Contributor, &[3])]);
    assert!(decide(&none, Order::Revoke(who(2)), By::Operator, NOW).is_ok());
}

/// The badge of a person by number.
fn badge(number: u128) -> Badge {
    Badge {
        contributor: who(number),
        territory: TERRITORY,
        subject: Hash([9; 32]),
        name: format!("person {number}"),
        role: Role::Contributor,
        used_at: UnixMillis(1),
        taken_back_at: None,
    }
}

/// Goal: whoever may come in without an invitation is in the list, also while they are signed in nowhere; who may not is
/// not. Method: a person with two devices and a badge, one without a badge, three with but a badge, one of which is
/// taken back.
#[test]
fn whoever_may_come_in_is_listed() {
    let mut roll = roll(&[(1, Role::Referent, &[1]), (2, Role::Contributor, &[3, 2])]);
    roll.badges = vec![
        badge(2),
        Badge { used_at: UnixMillis(4), ..badge(3) },
        Badge { taken_back_at: Some(NOW), ..badge(4) },
        badge(5),
    ];
    let told: Vec<(ContributorId, Option<(DeviceId, bool)>)> = listed(roll)
        .into_iter()
        .map(|one| match one {
            Listed::Device(session, badge) => (session.contributor, Some((session.device, badge))),
            Listed::Absent(badge) => (badge.contributor, None),
        })
        .collect();
    assert_eq!(
        told,
        [
            (who(1), Some((device(1), false))),
            (who(2), Some((device(2), true))),
            (who(2), Some((device(3), true))),
            (who(5), None),
            (who(3), None),
        ]
    );
}

/// Goal: an order about somebody with a badge holds also while no device of theirs is signed in, so that they cannot come
/// back by it with what they lost. Method: each order about one who is in, and one who only has a badge.
#[test]
fn an_order_reaches_whoever_has_a_badge() {
    let mut roll = roll(&[(1, Role::Referent, &[1]), (2, Role::Contributor, &[2])]);
    roll.badges = vec![badge(2), badge(3)];
    let by = By::Referent(Hash([1; 32]));
    for number in [2, 3] {
        let lowered = decide(&roll, Order::Role(who(number), Role::Reader), by, NOW).unwrap();
        assert_eq!(lowered.badge, Some(Badge { role: Role::Reader, ..badge(number) }));
        let same = decide(&roll, Order::Role(who(number), Role::Contributor), by, NOW).unwrap();
        assert_eq!((same.badge.clone(), same.is_empty()), (None, true));
        let out = decide(&roll, Order::Revoke(who(number)), by, NOW).unwrap();
        assert_eq!(out.badge, Some(Badge { taken_back_at: Some(NOW), ..badge(number) }));
        assert_eq!(out.name, format!("person {number}"));
    }
    let device = decide(&roll, Order::RevokeDevice(who(2), device(2)), by, NOW).unwrap();
    assert_eq!(device.badge, None, "a lost device is no reason to lose a badge");
    let absent = decide(&roll, Order::RevokeDevice(who(3), DeviceId(Uuid::from_u128(9))), by, NOW);
    assert_eq!(absent, Err(Barred::Unknown));
    roll.badges = vec![Badge { taken_back_at: Some(NOW), ..badge(3) }];
    assert_eq!(
        decide(&roll, Order::Revoke(who(3)), by, NOW),
        Err(Barred::Unknown),
        "it was taken back already"
    );
}

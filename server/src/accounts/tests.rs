//! Accounts over a store in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use portrea_protocol::ids::{DeviceId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_protocol::wire::refusal::Refusal;
use uuid::Uuid;

use super::entering::Vouched;
use super::hold::Hold;
use super::renewal::Lasting;
use super::{Accounts, row};
use crate::access::act::{Erasable, What};
use crate::access::badge::subject;
use crate::access::people::{Barred, By, Order};
use crate::access::{Credential, Denied, Hash, Secret, Session};
use crate::commit::Committer;
use crate::store::memory::MemoryStore;
use crate::store::{Store, Table};

const HERE: TerritoryId = TerritoryId(Uuid::from_u128(1));
const HOUR_MS: i64 = 3_600_000;

fn accounts(store: &Arc<dyn Store>) -> Accounts {
    lasting(store, Lasting { whole_ms: HOUR_MS, idle_ms: HOUR_MS, renew_ms: HOUR_MS })
}

fn lasting(store: &Arc<dyn Store>, lasting: Lasting) -> Accounts {
    Accounts::load(store.as_ref(), Committer::spawn(Arc::clone(store)), lasting).unwrap()
}

fn fresh() -> Accounts {
    accounts(&(Arc::new(MemoryStore::new()) as Arc<dyn Store>))
}

async fn signed_in(accounts: &Accounts, role: Role, name: &str) -> (Hash, Session) {
    let (_, link) = accounts.invite(HERE, role, None, HOUR_MS, By::Operator).await.unwrap();
    let (session, secret) = accounts.accept(link.reveal(), name).await.unwrap();
    (secret.hash(), session)
}

fn hold(accounts: &Accounts, (key, session): &(Hash, Session)) -> Hold {
    accounts.hold(*key, session.role)
}

/// Goal: whoever lives on a session hears of its end, whenever they began to listen, and others do not. Method: one
/// who looked before the end, one who waits for it, and somebody else.
#[tokio::test]
async fn a_hold_ends_with_its_session() {
    let accounts = fresh();
    let (amina, bruno) = (
        signed_in(&accounts, Role::Contributor, "Amina").await,
        signed_in(&accounts, Role::Contributor, "Bruno").await,
    );
    let mut late = hold(&accounts, &amina);
    let mut waiting = hold(&accounts, &amina);
    let other = hold(&accounts, &bruno);
    assert_eq!((waiting.turned(&accounts), waiting.over(&accounts)), (None, None));
    let (heard, signed_out) = tokio::join!(waiting.ended(&accounts), accounts.sign_out(amina.0));
    signed_out.unwrap();
    assert_eq!(heard, Refusal::SignedOut);
    assert_eq!(late.turned(&accounts), Some(Refusal::SignedOut));
    assert_eq!(late.ended(&accounts).await, Refusal::SignedOut);
    assert_eq!(other.turned(&accounts), None);
}

/// Goal: a revoked device is out at once and for good, the person's other device stays, and what was done is kept.
/// Method: two devices of one person, one of them revoked, and the store read again.
#[tokio::test]
async fn one_device_of_two_is_revoked_for_good() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let before = accounts(&store);
    let rose = signed_in(&before, Role::Referent, "Rose").await;
    let (phone, session) = signed_in(&before, Role::Contributor, "Amina").await;
    let laptop = Secret::new([7; 32]).hash();
    let second = Session { device: DeviceId(Uuid::from_u128(2)), ..session.clone() };
    store.put(&[row(Table::Session, laptop, Some(&Credential::Session(second.clone())))]).unwrap();
    store.make_durable().unwrap();

    let accounts = self::accounts(&store);
    assert_eq!(accounts.sessions(HERE).len(), 3);
    let mut on_phone = accounts.hold(phone, Role::Contributor);
    let on_laptop = accounts.hold(laptop, Role::Contributor);
    let by = By::Referent(rose.0);
    let order = Order::RevokeDevice(session.contributor, session.device);
    accounts.follow(HERE, order, by).await.unwrap();
    assert_eq!(on_phone.ended(&accounts).await, Refusal::SignedOut);
    assert_eq!(on_laptop.turned(&accounts), None);
    let again = accounts.follow(HERE, order, by).await;
    assert!(matches!(again, Err(super::AccountError::Barred(Barred::Unknown))), "{again:?}");

    let after = self::accounts(&store);
    assert_eq!(after.sessions(HERE), [rose.1.clone(), second]);
    let acts = after.acts(HERE).await.unwrap();
    let [.., last] = acts.as_slice() else { panic!() };
    assert_eq!(acts.len(), 3, "two invitations were made before");
    assert_eq!(last.what, What::RevokedDevice { device: session.device });
    assert_eq!(last.by.as_ref().map(|by| by.name.as_str()), Some("Rose"));
    assert_eq!(after.acts(TerritoryId(Uuid::nil())).await.unwrap(), []);
}

/// Goal: a new role is in force at once, and who lost theirs gives no order any more. Method: one référent·e lowers
/// another, who tries to take their turn; a référent·e of another territory finds nobody.
#[tokio::test]
async fn a_role_is_in_force_at_once() {
    let accounts = fresh();
    let rose = signed_in(&accounts, Role::Referent, "Rose").await;
    let paul = signed_in(&accounts, Role::Referent, "Paul").await;
    let hold = hold(&accounts, &paul);
    let order = Order::Role(paul.1.contributor, Role::Contributor);
    accounts.follow(HERE, order, By::Referent(rose.0)).await.unwrap();
    assert_eq!(hold.turned(&accounts), Some(Refusal::RoleChanged));
    let back = accounts.follow(HERE, Order::Revoke(rose.1.contributor), By::Referent(paul.0)).await;
    assert!(matches!(back, Err(super::AccountError::Barred(Barred::NotReferent))), "{back:?}");
    let elsewhere = TerritoryId(Uuid::from_u128(9));
    let there = accounts.follow(elsewhere, Order::Revoke(rose.1.contributor), By::Operator).await;
    assert!(matches!(there, Err(super::AccountError::Barred(Barred::Unknown))), "{there:?}");
    let last = accounts.follow(HERE, Order::Revoke(rose.1.contributor), By::Referent(rose.0)).await;
    assert!(matches!(last, Err(super::AccountError::Barred(Barred::LastReferent))), "{last:?}");
}

/// Goal: a link for one more device makes no new person, follows what they may do, works once, and dies with them.
/// Method: two links of which the second ends the first; a role changed in between; somebody signed out.
#[tokio::test]
async fn a_further_device_is_the_same_person() {
    let accounts = fresh();
    let rose = signed_in(&accounts, Role::Referent, "Rose").await;
    let amina = signed_in(&accounts, Role::Contributor, "Amina").await;
    let (_, first) = accounts.link_device(amina.0).await.unwrap();
    let (_, second) = accounts.link_device(amina.0).await.unwrap();
    accounts.accept(first.reveal(), "Amina").await.unwrap_err();
    let by = By::Referent(rose.0);
    accounts.follow(HERE, Order::Role(amina.1.contributor, Role::Reader), by).await.unwrap();
    let (session, _) = accounts.accept(second.reveal(), "Somebody else").await.unwrap();
    assert_eq!((session.contributor, session.role), (amina.1.contributor, Role::Reader));
    assert_eq!(session.name, "Amina");
    assert_ne!(session.device, amina.1.device);
    accounts.accept(second.reveal(), "Amina").await.unwrap_err();

    let (_, third) = accounts.link_device(amina.0).await.unwrap();
    accounts.follow(HERE, Order::Revoke(amina.1.contributor), by).await.unwrap();
    accounts.accept(third.reveal(), "Amina").await.unwrap_err();
    accounts.link_device(amina.0).await.unwrap_err();
}

/// Goal: who lost their role invites nobody any more, and each invitation leaves an act. Method: a référent·e is
/// lowered; another one makes and revokes a link.
#[tokio::test]
async fn invitations_leave_acts() {
    let accounts = fresh();
    let rose = signed_in(&accounts, Role::Referent, "Rose").await;
    let paul = signed_in(&accounts, Role::Referent, "Paul").await;
    let by = By::Referent(rose.0);
    accounts.follow(HERE, Order::Role(paul.1.contributor, Role::Contributor), by).await.unwrap();
    let barred = accounts.invite(HERE, Role::Referent, None, HOUR_MS, By::Referent(paul.0)).await;
    assert!(matches!(barred, Err(super::AccountError::Barred(Barred::NotReferent))), "{barred:?}");
    let (made, _) = accounts.invite(HERE, Role::Reader, None, HOUR_MS, by).await.unwrap();
    assert!(accounts.revoke_invitation(HERE, made.id, by).await.unwrap());
    assert!(!accounts.revoke_invitation(HERE, made.id, by).await.unwrap());
    let acts = accounts.acts(HERE).await.unwrap();
    let [.., created, revoked] = acts.as_slice() else { panic!() };
    assert_eq!(created.what, What::CreatedInvitation { invitation: made.id, role: Role::Reader });
    assert_eq!(revoked.what, What::RevokedInvitation { invitation: made.id });
    assert_eq!(revoked.by.as_ref().map(|by| by.name.as_str()), Some("Rose"));
}

/// Goal: a secret is replaced when it is old: the one before opens until the next was shown, and a lost answer costs
/// nobody their sign-in; all of them name one session, over a restart, and die with it. Method: secrets that are old at
/// once, shown in turn; a holder that takes none; a sign-out.
#[tokio::test]
async fn a_secret_is_replaced_and_the_session_stays() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let at_once = Lasting { whole_ms: HOUR_MS, idle_ms: HOUR_MS, renew_ms: 0 };
    let before = lasting(&store, at_once);
    let (_, link) = before.invite(HERE, Role::Contributor, None, HOUR_MS, By::Operator).await.unwrap();
    let (session, first) = before.accept(link.reveal(), "Amina").await.unwrap();
    let first = first.reveal().to_owned();
    assert!(
        before.renew(&first, false, false).await.unwrap().is_none(),
        "a program takes none unless it asks"
    );
    // Two answers get lost: each time the first is still good, and the next before is not.
    let lost = before.renew(&first, true, false).await.unwrap().unwrap().0;
    let second = before.renew(&first, true, false).await.unwrap().unwrap().0;
    assert!(before.session(lost.reveal()).is_none());
    let key = before.session(&first).unwrap().0;
    for shown in [first.as_str(), second.reveal()] {
        let (found, of) = before.session(shown).unwrap();
        assert_eq!((found, of.device, of.name.as_str()), (key, session.device, "Amina"));
    }
    let third = before.renew(second.reveal(), true, false).await.unwrap().unwrap().0;
    // The first is over in a minute, and no longer brings another one.
    assert!(before.session(&first).unwrap().1.first_until.is_some());
    assert!(before.renew(&first, true, true).await.unwrap().is_none());
    let ticket = before.ticket(key).await.unwrap();

    let after = lasting(&store, at_once);
    assert_eq!(after.session(third.reveal()).map(|(found, _)| found), Some(key));
    assert!(after.session_of_ticket(ticket.reveal()).is_some());
    assert!(after.renew("no secret", true, true).await.unwrap().is_none());
    after.sign_out(key).await.unwrap();
    for shown in [first.as_str(), second.reveal(), third.reveal()] {
        assert!(after.session(shown).is_none());
    }
    assert!(lasting(&store, at_once).session(third.reveal()).is_none());
}

/// Goal: a sign-in that nobody uses ends before one that is used, and no use makes it outlast its whole time. Method:
/// a session that was kept as it stood long ago, used now.
#[tokio::test]
async fn a_sign_in_that_is_used_lasts() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let days = |many: i64| many * 24 * HOUR_MS;
    let lasts = Lasting { whole_ms: days(180), idle_ms: days(90), renew_ms: days(400) };
    let accounts = lasting(&store, lasts);
    let (key, session) = signed_in(&accounts, Role::Contributor, "Amina").await;
    assert_eq!(session.expires_at, session.created_at.plus(days(90)));
    for (ago, left, used) in [(30, 60, 90), (89, 1, 90), (150, 20, 30)] {
        let now = crate::clock::now();
        let stood =
            Session { created_at: now.plus(-days(ago)), expires_at: now.plus(days(left)), ..session.clone() };
        store.put(&[row(Table::Session, key, Some(&Credential::Session(stood)))]).unwrap();
        store.make_durable().unwrap();
        let accounts = lasting(&store, lasts);
        let secret = Secret::new([9; 32]);
        let token =
            crate::access::Token { session: key, made_at: now, until: now.plus(days(90)), shown: true };
        store.put(&[row(Table::Session, secret.hash(), Some(&Credential::Token(token)))]).unwrap();
        store.make_durable().unwrap();
        let accounts_again = lasting(&store, lasts);
        drop(accounts);
        assert!(accounts_again.renew(secret.reveal(), false, false).await.unwrap().is_none());
        let (_, lasting) = accounts_again.session(secret.reveal()).unwrap();
        let rest = lasting.expires_at.0 - now.0;
        assert!((days(used) - HOUR_MS..=days(used) + HOUR_MS).contains(&rest), "{ago}: {rest}");
    }
}

/// Goal: whom a provider vouches for is one person over a restart; what lets them in is kept with their session, or not
/// at all; an erasure leaves nothing of it. Method: the store read again after each step.
#[tokio::test]
async fn a_badge_is_kept_with_its_session() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let before = accounts(&store);
    let amina = Vouched { subject: subject("https://provider.example", "7"), name: "Amina".into() };
    let nobody = before.enter(&amina, None).await;
    assert!(matches!(nobody, Err(super::AccountError::Denied(Denied::Nobody))), "{nobody:?}");
    assert_eq!(store.scan(Table::Contributor).unwrap(), []);
    let (_, link) = before.invite(HERE, Role::Contributor, Some(1), HOUR_MS, By::Operator).await.unwrap();
    let (first, _) = before.enter(&amina, Some(link.hash())).await.unwrap();
    let kept = store.scan(Table::Contributor).unwrap();
    assert_eq!(kept.len(), 1);
    let text = String::from_utf8(kept[0].1.clone()).unwrap();
    assert!(!text.contains("provider.example"), "{text}");

    let after = accounts(&store);
    let (second, _) =
        after.enter(&Vouched { name: "Another name".into(), ..amina.clone() }, None).await.unwrap();
    assert_eq!((second.contributor, second.name.as_str()), (first.contributor, "Amina"));
    assert_ne!(second.device, first.device);
    assert_eq!(after.sessions(HERE).len(), 2);
    // A link for a further device of hers, opened by somebody with an account of their own, is no badge for them.
    let (key, _) = after.session(after.enter(&amina, None).await.unwrap().1.reveal()).unwrap();
    let (_, device) = after.link_device(key).await.unwrap();
    let other = Vouched { subject: subject("https://provider.example", "8"), name: "Bruno".into() };
    assert_eq!(after.enter(&other, Some(device.hash())).await.unwrap().0.contributor, first.contributor);
    after.enter(&other, None).await.unwrap_err();

    let traces = after.traces(HERE, first.contributor, "nobody").await.unwrap();
    assert!(traces.names.contains("Amina"));
    let whom = Some((first.contributor, "nobody"));
    let mut erasing = after.erasing(HERE, By::Operator, Erasable::Contributor, whom).await.unwrap();
    store.put(&erasing.rows()).unwrap();
    store.make_durable().unwrap();
    erasing.done();
    after.enter(&amina, None).await.unwrap_err();
    accounts(&store).enter(&amina, None).await.unwrap_err();
    assert_eq!(store.scan(Table::Contributor).unwrap(), []);
}

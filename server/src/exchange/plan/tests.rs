use super::*;
use crate::exchange::bench::{Directory as Bench, communes, ids};

fn candidate(line: u64, name: &str, tag: &str) -> Candidate {
    let set = |member: &str| Value::Set(BTreeSet::from([member.to_owned()]));
    let fields = [
        ("name", name.into()),
        ("commune", "35117".into()),
        ("phone", "02 61 91 00 01".into()),
        ("labels", set("France Services")),
        ("latitude", Value::Number(48.05)),
        ("longitude", Value::Number(-1.95)),
    ];
    let service = CandidateService { id: None, family: "assist", fields: [("price", "free".into())].into() };
    let tags = (!tag.is_empty()).then(|| tag.to_owned()).into_iter().collect();
    Candidate { line, tags, fields: fields.into(), services: vec![service], ..Candidate::default() }
}

fn planned(bench: &Bench, candidates: Vec<Candidate>, imported: &dyn Fn(&Address) -> bool) -> Plan {
    let structures = bench.structures();
    let start = structures.len() as u128 * 1_000_000;
    plan(Standing { structures: &structures, imported }, candidates, &communes(), &mut ids(start))
}

fn outcomes(plan: &Plan) -> Vec<&Outcome> {
    plan.lines.iter().map(|line| &line.outcome).collect()
}

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

/// Goal: a second import of the same places changes nothing, and people's words stay. Method: import, edit by hand,
/// import again.
#[test]
fn what_people_wrote_stays() {
    let mut bench = Bench::new();
    let file = || vec![candidate(2, "Espace", "fs:1"), candidate(3, "Mairie", "")];
    let first = planned(&bench, file(), &|_| false);
    assert_eq!(outcomes(&first), [&Outcome::Added, &Outcome::Added]);
    bench.perform(&first);
    let again = planned(&bench, file(), &|_| false);
    assert_eq!((outcomes(&again), again.groups.len()), (vec![&Outcome::Unchanged; 2], 0));

    let record = first.lines.first().and_then(|line| line.record.clone()).expect("added");
    let address = |key| Address::new(&record, Place::Itself, key).expect("a field");
    let set = |key, value| Edit::Set { address: address(key), value };
    bench.edit(&[
        set("phone", Some("02 61 91 99 99".into())),
        set("name", Some("Espace neuf".into())),
        set("latitude", None),
        Edit::Exclude { address: address("labels"), member: "France Services".to_owned() },
        Edit::Include { address: address("labels"), member: "Other".to_owned() },
    ]);
    let third = planned(&bench, file(), &|_| false);
    let kept = Outcome::Kept { fields: paths(&["labels", "latitude", "name", "phone"]) };
    assert_eq!((outcomes(&third), third.groups.len()), (vec![&kept, &Outcome::Unchanged], 0));

    // What an import wrote and nobody touched since follows the file.
    let fourth = planned(&bench, file(), &|address| address.field.key == "phone");
    let updated =
        Outcome::Updated { filled: paths(&["phone"]), kept: paths(&["labels", "latitude", "name"]) };
    assert_eq!(outcomes(&fourth), [&updated, &Outcome::Unchanged]);

    bench.edit(&[Edit::Archive { structure: record, by: "x".to_owned(), why: "closed".to_owned() }]);
    let fifth = planned(&bench, file(), &|_| true);
    let archived = Outcome::Kept { fields: paths(&["archived"]) };
    assert_eq!((outcomes(&fifth), fifth.groups.len()), (vec![&archived, &Outcome::Unchanged], 0));
}

/// Goal: a record that people wrote first is met, completed and tagged, once. Method: a bare record, then the file.
#[test]
fn a_record_that_stands_is_completed() {
    let mut bench = Bench::new();
    let id = RecordId::from("00000000-0000-7000-8000-0000000000aa");
    let address = |key| Address::new(&id, Place::Itself, key).expect("a field");
    bench.edit(&[
        Edit::AddStructure { id: id.clone(), name: "ESPACE".to_owned() },
        Edit::Set { address: address("commune"), value: Some("35117".into()) },
        Edit::Set { address: address("phone"), value: Some("0261910001".into()) },
        Edit::Include { address: address("labels"), member: "Other".to_owned() },
    ]);
    let file = || {
        vec![candidate(2, "Espace", "fs:1"), candidate(3, "Espace", "fs:1"), candidate(4, "Espace", "fs:2")]
    };
    let first = planned(&bench, file(), &|_| false);
    let updated = Outcome::Updated {
        filled: paths(&["commune_name", "labels", "latitude", "longitude", "sources", "services/assist"]),
        kept: paths(&["name"]),
    };
    let skipped = Outcome::Skipped { why: same_as(2) };
    assert_eq!(outcomes(&first), [&updated, &skipped, &Outcome::Added]);
    bench.perform(&first);
    let again = planned(&bench, file(), &|_| false);
    assert_eq!(again.groups.len(), 0);
    assert_eq!(bench.structures().len(), 2);
}

#[test]
fn places_without_a_name_or_elsewhere_are_skipped() {
    let bench = Bench::new();
    let mut nameless = candidate(2, "x", "");
    nameless.fields.remove("name");
    let mut elsewhere = candidate(3, "x", "");
    elsewhere.fields.insert("commune", "75056".into());
    let mut nowhere = Candidate { line: 4, fields: [("name", "x".into())].into(), ..Candidate::default() };
    let mut fine = nowhere.clone();
    (fine.nowhere_is_fine, nowhere.findings) = (true, vec![]);
    let plan = planned(&bench, vec![nameless, elsewhere, nowhere, fine], &|_| false);
    let counts = Counts { added: 1, skipped: 3, ..Counts::default() };
    assert_eq!(plan.counts(), counts);
}

/// Goal: bulk edits touch standing records far apart, in groups of some hundred. Method: look at the order.
#[test]
fn edits_are_spread_and_grouped() {
    let mut bench = Bench::new();
    let many = || {
        (0..450)
            .map(|number| candidate(number + 2, &format!("Lieu {number}"), &format!("fs:{number}")))
            .collect()
    };
    let first = planned(&bench, many(), &|_| false);
    assert_eq!(first.groups.len(), 3);
    bench.perform(&first);
    let with_site = many().into_iter().map(|mut candidate: Candidate| {
        candidate.fields.insert("website", "https://example.org".into());
        candidate
    });
    let second = planned(&bench, with_site.collect(), &|_| false);
    let touched: Vec<usize> = second.groups.iter().map(Vec::len).collect();
    assert_eq!(touched, [200, 200, 50]);
    let structures = bench.structures();
    let rank = |edit: &Edit| {
        let Edit::Set { address, .. } = edit else { panic!("{edit:?}") };
        structures.keys().position(|id| *id == address.structure).expect("stands")
    };
    let ranks: Vec<usize> = second.groups.concat().iter().map(rank).collect();
    assert_eq!(ranks.iter().take(4).copied().collect::<Vec<_>>(), [0, 256, 128, 384]);
    bench.perform(&second);
    assert!(planned(&bench, many(), &|_| false).groups.is_empty());
}

//! Codes are stable and told in the protocol's page.

use super::Refusal;

const PAGE: &str = include_str!("../../../../docs/protocol.md");

/// Goal: every refusal stands in `docs/protocol.md` with its close code, and no other row does.
#[test]
fn every_refusal_is_in_the_docs() {
    let all = [
        Refusal::Malformed,
        Refusal::FrameTooLarge,
        Refusal::NotJoined,
        Refusal::Version,
        Refusal::WrongSender,
        Refusal::MalformedSync,
        Refusal::MalformedChange,
        Refusal::ChangeTooLarge,
        Refusal::SequenceReused,
        Refusal::TooManyPending,
        Refusal::QuarantineFull,
        Refusal::SignedOut,
        Refusal::RoleChanged,
        Refusal::Silent,
        Refusal::Replaced,
        Refusal::Stopping,
        Refusal::StoreFailed,
    ];
    let section = PAGE.split("\n## ").find(|section| section.starts_with("Refusals\n")).unwrap_or_default();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), all.len());
    for (row, refusal) in rows.iter().zip(all) {
        assert!(row.starts_with(&format!("| `{}` | {} | ", refusal.code(), refusal.close_code())), "{row}");
        assert!(refusal.to_string().len() <= crate::wire::frame::TEXT_BYTES_MAX);
    }
}

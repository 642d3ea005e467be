//! Plans of permanences that a territory keeps to compare: one row a territory.

use std::collections::BTreeSet;

use portrea_indicators::what_if::{Permanence, Scenario};
use portrea_protocol::ids::TerritoryId;
use tokio::sync::{Mutex, MutexGuard};

use crate::clock;
use crate::commit::Committer;
use crate::store::{Row, Store, StoreError, Table};

/// The most scenarios that a territory keeps.
pub const SCENARIOS_MAX: usize = 50;

/// The longest name of a scenario, in characters.
pub const NAME_CHARS_MAX: usize = 80;

/// One change of scenarios at a time: a row is read, changed and written.
static WRITING: Mutex<()> = Mutex::const_new(());

/// Why a scenario is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The name is empty or too long.
    #[error("a scenario's name has 1 to {NAME_CHARS_MAX} characters")]
    Name,
    /// There are as many as a territory keeps.
    #[error("a territory keeps {SCENARIOS_MAX} scenarios")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A territory's scenarios, oldest first.
pub async fn all(committer: &Committer, territory: TerritoryId) -> Result<Vec<Scenario>, StoreError> {
    let row =
        committer.read(move |store: &dyn Store| store.get(Table::Scenario, territory.0.as_bytes())).await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    serde_json::from_slice(&row)
        .map_err(|error| StoreError::Damaged(format!("a territory's scenarios cannot be read: {error}")))
}

/// Keeps a scenario.
pub async fn keep(
    committer: &Committer,
    territory: TerritoryId,
    name: &str,
    permanences: Vec<Permanence>,
    by: &str,
) -> Result<Scenario, ScenarioError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(ScenarioError::Name);
    }
    let _writing = WRITING.lock().await;
    let mut scenarios = all(committer, territory).await?;
    if scenarios.len() >= SCENARIOS_MAX {
        return Err(ScenarioError::Full);
    }
    let (id, created_at) = (clock::uuid().to_string(), clock::now().to_rfc3339());
    let scenario = Scenario { id, name, permanences, created_at, by: by.to_owned() };
    scenarios.push(scenario.clone());
    write(committer, territory, &scenarios).await?;
    Ok(scenario)
}

/// Forgets a scenario; `false` where there is none of that id.
pub async fn forget(committer: &Committer, territory: TerritoryId, id: &str) -> Result<bool, StoreError> {
    let _writing = WRITING.lock().await;
    let mut scenarios = all(committer, territory).await?;
    let before = scenarios.len();
    scenarios.retain(|scenario| scenario.id != id);
    if scenarios.len() == before {
        return Ok(false);
    }
    write(committer, territory, &scenarios).await?;
    Ok(true)
}

/// The row of a territory's scenarios without somebody's names; `None` where none of them is theirs. Nobody writes
/// scenarios until what comes with it is dropped.
pub async fn without(
    committer: &Committer,
    territory: TerritoryId,
    names: &BTreeSet<String>,
    nobody: &str,
) -> Result<(Option<Row>, MutexGuard<'static, ()>), StoreError> {
    let writing = WRITING.lock().await;
    let mut scenarios = all(committer, territory).await?;
    let mut theirs = scenarios.iter_mut().filter(|scenario| names.contains(&scenario.by)).peekable();
    let row = theirs.peek().is_some();
    theirs.for_each(|scenario| nobody.clone_into(&mut scenario.by));
    Ok((row.then(|| self::row(territory, &scenarios)), writing))
}

fn row(territory: TerritoryId, all: &[Scenario]) -> Row {
    let value = serde_json::to_vec(all).expect("scenarios have a JSON form");
    Row { table: Table::Scenario, key: territory.0.as_bytes().to_vec(), value: Some(value) }
}

async fn write(committer: &Committer, territory: TerritoryId, all: &[Scenario]) -> Result<(), StoreError> {
    committer.put(vec![row(territory, all)]).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portrea_indicators::resource::Family;

    use super::*;
    use crate::store::memory::MemoryStore;

    #[tokio::test]
    async fn scenarios_come_and_go() {
        let committer = Committer::spawn(Arc::new(MemoryStore::default()));
        let (here, there) = (TerritoryId(clock::uuid()), TerritoryId(clock::uuid()));
        let permanences = vec![Permanence { commune: "35184".into(), family: Family::Assist, hours: 7.0 }];
        for name in ["", "  ", "a\u{7}", &"x".repeat(81)] {
            let kept = keep(&committer, here, name, permanences.clone(), "Rose").await;
            assert!(matches!(kept, Err(ScenarioError::Name)), "{name}");
        }
        let kept = keep(&committer, here, " Plan  A ", permanences.clone(), "Rose").await.expect("kept");
        assert_eq!(kept.name, "Plan A");
        assert_eq!(all(&committer, here).await.expect("read"), std::slice::from_ref(&kept));
        assert_eq!(all(&committer, there).await.expect("read"), []);
        assert!(!forget(&committer, there, &kept.id).await.expect("read"));
        assert!(forget(&committer, here, &kept.id).await.expect("written"));
        assert!(!forget(&committer, here, &kept.id).await.expect("read"));
        for number in 0..SCENARIOS_MAX {
            keep(&committer, here, &number.to_string(), permanences.clone(), "Rose").await.expect("kept");
        }
        let full = keep(&committer, here, "one more", permanences, "Rose").await;
        assert!(matches!(full, Err(ScenarioError::Full)));
    }
}

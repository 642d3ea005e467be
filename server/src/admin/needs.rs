//! The communes' figures from files of statistics, and the recipe that puts them together.

use portrea_indicators::statistics::{Needs, Options, Statistics};
use portrea_protocol::ids::TerritoryId;
use portrea_territory::io::Input;

use super::command::{Described, NeedsReading, Upload};
use super::failure::AdminError;
use super::figures::{Figures, NeedsShown, RecipeShown, TuningShown, dimensions};
use super::found::Found;
use super::{WRITING, aside};
use crate::description::Description;
use crate::exchange::needs::fit::FileReport;
use crate::exchange::needs::holdings::Holdings;
use crate::exchange::needs::tuning::{Tuning, untuned};
use crate::exchange::needs::{self, Told, passage, recipes};
use crate::exchange::statistics::{figures, statistics};
use crate::exchange::territory_file::CommuneShape;
use crate::keeper::Told as KeeperTold;
use crate::state::State;
use crate::store::Store;

/// What files came to.
pub(super) struct Taken {
    pub(super) files: Vec<FileReport>,
    pub(super) findings: Vec<Found>,
}

/// Takes the series of these files into what a territory has.
pub(super) fn take(
    holdings: &mut Holdings,
    shapes: &[CommuneShape],
    files: &[Upload],
    reading: &NeedsReading,
) -> Result<Taken, AdminError> {
    let mut findings = Vec::new();
    if reading.replace {
        holdings.series.clear();
    }
    if let Some(file) = &reading.passage {
        let read = passage::read(&file.bytes).map_err(AdminError::file(&file.name))?;
        findings.extend(read.findings.iter().map(|finding| Found::of(&file.name, finding)));
        let told = |code| read.moves.iter().any(|one| one.from == code);
        holdings.moves.retain(|standing| !told(standing.from.clone()));
        holdings.moves.extend(read.moves);
    }
    let mut all = Vec::new();
    for file in files {
        let Upload { name, bytes } = file;
        let told = Told { file: name.clone(), producer: reading.producer.clone(), vintage: reading.vintage };
        let read = needs::read(bytes, &told).map_err(AdminError::file(name))?;
        findings.extend(read.report.findings.iter().map(|finding| Found::of(name, finding)));
        all.push(read);
    }
    Ok(Taken { files: holdings.take(all, shapes), findings })
}

/// Takes files in; connected people see the portrait move.
pub(super) async fn import(
    state: &State,
    territory: TerritoryId,
    files: Vec<Upload>,
    reading: NeedsReading,
) -> Result<Figures, AdminError> {
    let dry_run = reading.dry_run;
    let figures = change(state, territory, dry_run, move |description| {
        let mut holdings = description.holdings();
        let Taken { files, findings } = take(&mut holdings, &description.shapes, &files, &reading)?;
        let description = Description { needs: Some(holdings), ..description }.recomputed();
        let figures = told(&description, dry_run, files, findings);
        Ok((description, figures))
    })
    .await?;
    tracing::info!(territory = %territory, communes = figures.communes, dry_run, "statistics taken in");
    Ok(figures)
}

fn told(description: &Description, dry_run: bool, files: Vec<FileReport>, findings: Vec<Found>) -> Figures {
    let Description { id, shapes, statistics, .. } = description;
    let communes = &statistics.communes;
    let with = communes.values().filter(|commune| commune.needs != Needs::default()).count();
    let recipe = description.recipe();
    Figures {
        territory: *id,
        dry_run,
        communes: with,
        without: communes.len() - with,
        sources: statistics.sources.clone(),
        invented: statistics.invented,
        files,
        dimensions: dimensions(&recipe, &figures(shapes, &description.holdings(), &recipe)),
        findings,
    }
}

/// What a territory has of statistics.
pub(super) async fn show(state: &State, territory: TerritoryId) -> Result<NeedsShown, AdminError> {
    let read = state.registry.whole_description(territory).await;
    let description = read.map_err(|error| AdminError::of(territory, error))?;
    Ok(aside(move || NeedsShown::of(&description)).await)
}

/// A territory's recipe; with a text, that one from now on, and every figure put together anew.
pub(super) async fn recipe(
    state: &State,
    territory: TerritoryId,
    text: Option<String>,
) -> Result<RecipeShown, AdminError> {
    let Some(text) = text else {
        let read = state.registry.whole_description(territory).await;
        let description = read.map_err(|error| AdminError::of(territory, error))?;
        return Ok(aside(move || RecipeShown::of(&description)).await);
    };
    let shown = change(state, territory, false, move |description| {
        let own = Some(text).filter(|text| !text.trim().is_empty());
        if let Some(text) = &own {
            recipes::read(text).map_err(AdminError::file("TOML"))?;
        }
        let holdings = Holdings { recipe: own, ..description.holdings() };
        let description = Description { needs: Some(holdings), ..description }.recomputed();
        let shown = RecipeShown::of(&description);
        Ok((description, shown))
    })
    .await?;
    tracing::info!(territory = %territory, own = shown.own, "recipe set");
    Ok(shown)
}

/// What a territory tunes in its recipe.
pub(super) async fn tuning(state: &State, territory: TerritoryId) -> Result<TuningShown, AdminError> {
    let read = state.registry.description(territory).await;
    Ok(TuningShown::of(&read.map_err(|error| AdminError::of(territory, error))?))
}

/// Tunes a territory's recipe, or takes every tuning back; every figure is put together anew.
pub(super) async fn tune(
    state: &State,
    territory: TerritoryId,
    tuning: Option<Tuning>,
) -> Result<TuningShown, AdminError> {
    let shown = change(state, territory, false, move |mut description| {
        let mut holdings = description.holdings();
        let standing = holdings.recipe.as_deref().unwrap_or(recipes::DEFAULT);
        let text = if let Some(tuning) = &tuning {
            tuning.written_into(standing)?
        } else {
            description.statistics.options = Options::default();
            untuned(standing)?
        };
        recipes::read(&text).map_err(AdminError::file("TOML"))?;
        holdings.recipe = Some(text).filter(|text| text != recipes::DEFAULT);
        let description = Description { needs: Some(holdings), ..description }.recomputed();
        let shown = TuningShown::of(&description);
        Ok((description, shown))
    })
    .await?;
    tracing::info!(territory = %territory, own = shown.own, "recipe tuned");
    Ok(shown)
}

/// Lets a territory's totals be laid beside others', or not any more.
pub(super) async fn compare(
    state: &State,
    territory: TerritoryId,
    comparable: bool,
) -> Result<Described, AdminError> {
    let _writing = WRITING.lock().await;
    let not_had = |error| AdminError::of(territory, error);
    let description = state.registry.whole_description(territory).await.map_err(not_had)?;
    let description = Description { comparable, ..description };
    state.registry.committer().put(description.rows()).await?;
    tracing::info!(territory = %territory, comparable, "comparison set");
    let epoch = state.registry.committer().read(move |store: &dyn Store| store.epoch(territory)).await?;
    Ok(Described::of(&description, epoch))
}

/// Changes a territory's description, and tells its keeper the new figures.
async fn change<T: Send + 'static>(
    state: &State,
    territory: TerritoryId,
    dry_run: bool,
    change: impl FnOnce(Description) -> Result<(Description, T), AdminError> + Send + 'static,
) -> Result<T, AdminError> {
    let _writing = WRITING.lock().await;
    let not_had = |error| AdminError::of(territory, error);
    let description = state.registry.whole_description(territory).await.map_err(not_had)?;
    let (description, told) = aside(move || change(description)).await?;
    if dry_run {
        return Ok(told);
    }
    let figures = description.statistics.clone();
    let statistics = Box::new(state.registry.with_travel(territory, figures).await.map_err(not_had)?);
    // Opened with the old figures, so that the feed tells which indicators move.
    let keeper = state.registry.keeper(territory).await.map_err(not_had)?;
    state.registry.committer().put(description.rows()).await?;
    // A keeper that ended meanwhile reads the new figures when it is opened again.
    drop(keeper.tell(KeeperTold::Input(Input::Statistics(statistics))).await);
    Ok(told)
}

/// The statistics and holdings of a new territory.
pub(super) fn founding(
    shapes: &[CommuneShape],
    files: &[Upload],
) -> Result<(Statistics, Holdings, Vec<Found>), AdminError> {
    let mut holdings = Holdings::default();
    let taken = take(&mut holdings, shapes, files, &NeedsReading::default())?;
    let statistics = statistics(shapes, &holdings, &recipes::default());
    Ok((statistics, holdings, taken.findings))
}

//! Questions about the portrait: which communes come first, where permanences would help, and what they would change.
//!
//! Each answer is computed away from the territory's keeper, on the indicators as they stood when it was asked, and says
//! the heads of the document that they were drawn from.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use portrea_indicators::priority::Priority;
use portrea_indicators::resource::Family;
use portrea_indicators::siting::{COUNT_MAX, Demand, Method, Proposal, Question};
use portrea_indicators::survey::Survey;
use portrea_indicators::what_if::{Permanence, Scenario, Untried};
use serde::Deserialize;
use serde_json::{Value, json};

use super::as_of::{AsOf, Moment};
use super::auth::SignedIn;
use super::problem::{Answer, Explain, Problem};
use crate::scenarios::{self, ScenarioError};
use crate::siting;
use crate::state::State;

/// The hours a week of a permanence where none are given: a day.
const HOURS: f64 = 7.0;

/// The longest travel time that may be asked for, in minutes.
const MINUTES_MAX: f64 = 24.0 * 60.0;

/// Whose ranking.
#[derive(Debug, Default, Deserialize)]
pub struct OfFamily {
    family: Option<Family>,
}

/// Where permanences are sought.
#[derive(Debug, Default, Deserialize)]
pub struct Sought {
    family: Option<Family>,
    count: Option<u32>,
    hours: Option<f64>,
    minutes: Option<f64>,
    method: Option<Method>,
    demand: Option<Demand>,
}

/// A family as it arrived: it may be nonsense.
pub(super) type FamilyAsked = Result<Query<OfFamily>, QueryRejection>;

/// A question as it arrived.
pub(super) type Asked = Result<Query<Sought>, QueryRejection>;

/// What is tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    permanences: Vec<Permanence>,
    #[serde(default)]
    name: String,
}

impl Sought {
    fn question(self, near: u32) -> Result<Question, Problem> {
        let count = self.count.unwrap_or(1);
        if count == 0 || count as usize > COUNT_MAX {
            return Err(Problem::BadRequest("`count` takes a number from 1 to 10"));
        }
        let hours = self.hours.unwrap_or(HOURS);
        if !(0.01..=168.0).contains(&hours) {
            return Err(Problem::BadRequest("`hours` takes hours a week, above 0 and up to 168"));
        }
        let minutes = self.minutes.unwrap_or(f64::from(near));
        if !(0.0..=MINUTES_MAX).contains(&minutes) {
            return Err(Problem::BadRequest("`minutes` takes a travel time, up to a day"));
        }
        Ok(Question {
            family: self.family.unwrap_or(Family::Assist),
            count,
            hours,
            minutes,
            method: self.method.unwrap_or(Method::Covering),
            demand: self.demand.unwrap_or(Demand::Concerned),
        })
    }
}

/// `GET /territories/{id}/priority`: the communes by gap, of one family or of all.
pub async fn priority(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    asked: FamilyAsked,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let (survey, as_of) = survey(&state, &territory, &signed_in).await?;
    Ok(Json(as_of.on(&ranked(survey, asked, &signed_in).await?)))
}

/// The ranking of a moment.
pub(super) async fn ranked(survey: Survey, asked: FamilyAsked, signed_in: &SignedIn) -> Answer<Priority> {
    let Query(OfFamily { family }) = asked.explain(&signed_in.headers)?;
    aside(signed_in, move || survey.priority(family)).await
}

/// `GET /territories/{id}/siting`: where permanences would help most.
pub async fn siting(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    asked: Asked,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let (survey, as_of) = survey(&state, &territory, &signed_in).await?;
    Ok(Json(as_of.on(&sited(&state, survey, asked, &signed_in).await?)))
}

/// The best sites of a moment.
pub(super) async fn sited(
    state: &State,
    survey: Survey,
    asked: Asked,
    signed_in: &SignedIn,
) -> Answer<Proposal> {
    let Query(sought) = asked.explain(&signed_in.headers)?;
    let [near, _] = survey.options().thresholds_minutes;
    let question = sought.question(near).explain(&signed_in.headers)?;
    let limit = Duration::from_millis(state.settings.siting_ms);
    // One search at a time: others wait, and the processor stays free for edits.
    let _turn = state.solving.acquire().await.map_err(|_| signed_in.problem(Problem::Internal))?;
    let proposal = aside(signed_in, move || {
        let instance = survey.siting(question);
        let solved = siting::solve(instance.gains(), instance.count(), limit);
        survey.proposal(&instance, &solved)
    });
    proposal.await
}

/// `POST /territories/{id}/what-if`: every figure that permanences would change. Nothing is kept.
pub async fn what_if(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Tried>, JsonRejection>,
) -> Answer<Json<Value>> {
    signed_in.here(&territory)?;
    let tried = tried(&signed_in, body)?;
    let (survey, as_of) = survey(&state, &territory, &signed_in).await?;
    let permanences = tried.permanences;
    let found = aside(&signed_in, move || survey.what_if(&permanences)).await?;
    let found = found.explain(&signed_in.headers)?;
    let mut answer = as_of.on(&found);
    if let Some(object) = answer.as_object_mut().filter(|_| !tried.name.is_empty()) {
        object.insert("name".into(), tried.name.into());
    }
    Ok(Json(answer))
}

/// `GET /territories/{id}/scenarios`: the plans that are kept, each with what it would change as things stand.
pub async fn list(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
) -> Answer<Json<Value>> {
    let (survey, as_of) = survey(&state, &territory, &signed_in).await?;
    let all = scenarios::all(state.registry.committer(), signed_in.session.territory).await;
    let all = all.explain(&signed_in.headers)?;
    let each = aside(&signed_in, move || all.iter().map(|one| compared(&survey, one)).collect::<Vec<_>>());
    Ok(Json(as_of.on(&json!({ "scenarios": each.await? }))))
}

/// `POST /territories/{id}/scenarios`: keeps a plan.
pub async fn keep(
    Shared(state): Shared<Arc<State>>,
    Path(territory): Path<String>,
    signed_in: SignedIn,
    body: Result<Json<Tried>, JsonRejection>,
) -> Answer<Response> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let Tried { permanences, name } = tried(&signed_in, body)?;
    let (survey, _) = survey(&state, &territory, &signed_in).await?;
    // What cannot be tried now is not kept for later.
    let asked = permanences.clone();
    aside(&signed_in, move || survey.what_if(&asked)).await?.explain(&signed_in.headers)?;
    let session = &signed_in.session;
    let kept =
        scenarios::keep(state.registry.committer(), session.territory, &name, permanences, &session.name)
            .await;
    Ok((StatusCode::CREATED, Json(kept.explain(&signed_in.headers)?)).into_response())
}

/// `DELETE /territories/{id}/scenarios/{scenario}`.
pub async fn forget(
    Shared(state): Shared<Arc<State>>,
    Path((territory, scenario)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Answer<StatusCode> {
    signed_in.here(&territory)?;
    signed_in.referent()?;
    let forgotten =
        scenarios::forget(state.registry.committer(), signed_in.session.territory, &scenario).await;
    if forgotten.explain(&signed_in.headers)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(signed_in.problem(Problem::NotFound))
    }
}

/// A plan with the territory before and after; without where it cannot be tried any more.
fn compared(survey: &Survey, scenario: &Scenario) -> Value {
    let mut shown = serde_json::to_value(scenario).unwrap_or_default();
    let effect = survey.what_if(&scenario.permanences).ok();
    let effect = effect.map(|tried| json!({ "before": tried.before, "after": tried.after }));
    if let Some(object) = shown.as_object_mut() {
        object.insert("effect".into(), effect.into());
    }
    shown
}

fn tried(signed_in: &SignedIn, body: Result<Json<Tried>, JsonRejection>) -> Answer<Tried> {
    let wrong = Problem::BadRequest(
        "a JSON object with `permanences` is needed: a list of `commune`, `family` and `hours`",
    );
    body.map(|Json(tried)| tried).map_err(|_| signed_in.problem(wrong))
}

/// The indicators as they stand, and as of when that is.
pub(super) async fn survey(state: &State, territory: &str, signed_in: &SignedIn) -> Answer<(Survey, AsOf)> {
    let keeper = signed_in.keeper(state, territory).await?;
    let read = keeper.read(|territory| (territory.engine().survey(), Moment::of(territory)));
    let (survey, moment) = read.await.explain(&signed_in.headers)?;
    let as_of = moment.told(state, signed_in.session.territory).await.explain(&signed_in.headers)?;
    Ok((survey, as_of))
}

/// Computes where it may take its time.
pub(super) async fn aside<T: Send + 'static>(
    signed_in: &SignedIn,
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| signed_in.problem(Problem::Internal))
}

impl From<Untried> for Problem {
    fn from(untried: Untried) -> Self {
        Self::BadRequest(match untried {
            Untried::Number => "`permanences` takes 1 to 100 permanences",
            Untried::Commune(_) => "a permanence's `commune` is none of the territory's",
            Untried::Unplaced(_) => {
                "a permanence's `commune` has no point, so nobody knows whom it would reach"
            }
            Untried::Hours => "a permanence's `hours` are above 0 and at most 10,000",
        })
    }
}

impl From<ScenarioError> for Problem {
    fn from(error: ScenarioError) -> Self {
        match error {
            ScenarioError::Name => Self::BadName,
            ScenarioError::Full => Self::BadRequest("a territory keeps 50 scenarios: remove one first"),
            ScenarioError::Store(error) => error.into(),
        }
    }
}

//! The solver of siting: an integer program, given to microlp through `good_lp`, with a time to end by.
//!
//! A hand, for it reads a clock. What is asked and what the answer is worth are `portrea_indicators::siting`'s; here is
//! only the search. One variable a site (chosen or not), one a row of equal gains, one a pair otherwise, and a
//! constraint that a row gains from chosen sites alone and from one of them. The answer by sums and exchanges is where
//! the search starts and what remains when time runs out, with a bound on what was missed.

use std::time::Duration;

use good_lp::solvers::SolutionStatus;
use good_lp::{
    Expression, ProblemVariables, Solution, SolverModel, Variable, WithInitialSolution, WithTimeLimit,
    constraint, microlp, variable,
};
use portrea_indicators::gains::{Gains, Row};
use portrea_indicators::siting::Solved;

/// The most pairs of a commune and a site that are given to the solver: some 100 MB. Beyond, exchanges must do.
pub const PAIRS_MAX: usize = 200_000;

/// What a bound may lie above the value of the sites, as a share, and still prove them best.
const EQUAL: f64 = 1e-9;

/// The best sites that are found within that time.
pub fn solve(gains: &Gains, count: usize, limit: Duration) -> Solved {
    let standing = gains.exchanged(&gains.greedy(count));
    let value = gains.value(&standing);
    let bound = gains.bound(&standing, count);
    let proven = bound <= value * (1.0 + EQUAL);
    let pairs: usize = gains.rows().iter().map(Vec::len).sum();
    if proven || pairs > PAIRS_MAX {
        return Solved { sites: standing, bound: Some(bound), proven };
    }
    let Some(found) = Program::of(gains, count, &standing).solve(limit) else {
        return Solved { sites: standing, bound: Some(bound), proven: false };
    };
    let bound = found.bound.map_or(bound, |other| other.min(bound));
    // What the solver says of its sites is not believed: their value is counted again.
    let better = gains.value(&found.sites) > value * (1.0 + EQUAL);
    Solved { sites: if better { found.sites } else { standing }, bound: Some(bound), proven: found.proven }
}

/// The integer program.
struct Program<'a> {
    gains: &'a Gains,
    variables: ProblemVariables,
    /// One a site that anybody gains from.
    sites: Vec<Option<Variable>>,
    objective: Expression,
    constraints: Vec<good_lp::Constraint>,
    start: Vec<(Variable, f64)>,
}

impl<'a> Program<'a> {
    fn of(gains: &'a Gains, count: usize, standing: &[usize]) -> Self {
        let mut variables = ProblemVariables::new();
        let mut sites = vec![None; gains.sites()];
        for (site, _) in gains.rows().iter().flatten() {
            if let Some(place) = sites.get_mut(*site) {
                place.get_or_insert_with(|| variables.add(variable().binary()));
            }
        }
        let chosen: Expression = sites.iter().flatten().sum();
        let constraints = vec![constraint!(chosen <= float(count))];
        let start = sites
            .iter()
            .enumerate()
            .filter_map(|(site, place)| Some(((*place)?, float(usize::from(standing.contains(&site))))))
            .collect();
        let mut program =
            Self { gains, variables, sites, objective: Expression::from(0.0), constraints, start };
        for row in gains.rows() {
            program.row(row, standing);
        }
        program
    }

    fn site(&self, site: usize) -> Variable {
        self.sites.get(site).copied().flatten().expect("every site of a row has a variable")
    }

    fn row(&mut self, row: &Row, standing: &[usize]) {
        let Some((first, most)) = row.first().copied() else { return };
        if row.len() == 1 {
            self.objective += most * self.site(first);
        } else if row.iter().all(|(_, gain)| gain.to_bits() == most.to_bits()) {
            let covered = self.variables.add(variable().min(0).max(1));
            self.objective += most * covered;
            let around: Expression = row.iter().map(|(site, _)| self.site(*site)).sum();
            self.constraints.push(constraint!(covered <= around));
            self.start
                .push((covered, float(usize::from(row.iter().any(|(site, _)| standing.contains(site))))));
        } else {
            let best = row.iter().filter(|(site, _)| standing.contains(site));
            let best = best.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(site, _)| *site);
            let mut served = Expression::from(0.0);
            for (site, gain) in row {
                let by = self.variables.add(variable().min(0).max(1));
                self.objective += *gain * by;
                served += by;
                self.constraints.push(constraint!(by <= self.site(*site)));
                self.start.push((by, float(usize::from(best == Some(*site)))));
            }
            self.constraints.push(constraint!(served <= 1.0));
        }
    }

    /// Nothing where time ran out before any sites were found.
    fn solve(self, limit: Duration) -> Option<Solved> {
        let mut model =
            self.variables.maximise(self.objective).using(microlp).with_time_limit(limit.as_secs_f64());
        for constraint in self.constraints {
            model.add_constraint(constraint);
        }
        let found = match model.with_initial_solution(self.start).solve() {
            Ok(found) => found,
            Err(error) => {
                tracing::info!(%error, "a siting was not solved");
                return None;
            }
        };
        let chosen =
            |(site, place): (usize, &Option<Variable>)| (found.value((*place)?) > 0.5).then_some(site);
        let sites: Vec<usize> = self.sites.iter().enumerate().filter_map(chosen).collect();
        let proven = matches!(found.status(), SolutionStatus::Optimal);
        let value = self.gains.value(&sites);
        let bound = if proven { Some(value) } else { found.into_inner().stats().best_bound };
        Some(Solved { sites, bound, proven })
    }
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests;

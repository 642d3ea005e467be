// Generated from the Rust code, never edited: PORTREA_WRITE=1 cargo test -p portrea-indicators checked_in

import type { Basis, Interval, PerFamily, TerritoryGrades, TerritoryPortrait, Weights } from './portrait';

/** PORTREA's five families of service, by the situation they answer. */
export type Family = "inform" | "equip" | "assist" | "train" | "repair";

/** The communes of a territory, the widest gap first. */
export type Priority = {
  /** The family that was asked for; nothing for all of them. */
  family: Family | null,
  /** Which figure stands for the people concerned. */
  basis: Basis | null,
  /** The weights in force. The ranking of one family does not use the families' weights. */
  weights: Weights,
  /** The ranks, from 1. */
  ranks: Array<Rank>,
  /** Communes without a point or without a number of people concerned. */
  unranked: Array<string>,
  /** How much hangs on the weights. */
  sensitivity: Sensitivity,
};

/** A commune's rank and its terms: `score = Σ over families of weight × familyWeight × leftOut`. */
export type Rank = {
  /** From 1, the widest gap. */
  rank: number,
  /** Its INSEE code. */
  commune: string,
  /** Its name. */
  name: string,
  /** What the communes are ranked by. */
  score: number,
  /** People concerned. */
  concerned: number,
  /** Of which fragile, where it is known. */
  fragility: number | null,
  /** Of which exposed, where it is known. */
  exposure: number | null,
  /** The commune's own weight, from those of fragility and exposure. */
  weight: number,
  /** The terms, family by family. */
  terms: Array<Term>,
};

/** What a family adds to a commune's score. */
export type Term = {
  /** The family. */
  family: Family,
  /** Its weight. */
  familyWeight: number,
  /** People concerned whom nobody within reach has the hours for. */
  leftOut: number,
  /** The share of the people concerned that is served, from 0 to 1; nothing where nobody is concerned. */
  shareServed: number | null,
  /** Weekly hours that fall to them. */
  reachedHours: number,
  /** Weekly hours within reach per 1,000 people concerned. */
  hoursPerThousand: number,
  /** Minutes to the nearest service, whatever its hours; nothing where none can be reached. */
  minutesToNearest: number | null,
  /** What it adds: weight × family weight × left out. */
  score: number,
};

/** What moving the weights does to the head of the ranking. */
export type Sensitivity = {
  /** How many communes are watched. */
  head: number,
  /** By how much of itself each weight was moved, up and down. */
  moved: number,
  /** Whether the same communes stayed there each time, in whatever order. */
  holds: boolean,
  /** The moves that changed who is there. */
  changes: Array<Change>,
};

/** A move of one weight that changes the head of the ranking. */
export type Change = {
  /** The weight: a family, `fragility` or `exposure`. */
  weight: string,
  /** What it was multiplied by. */
  factor: number,
  /** Communes that enter. */
  enter: Array<string>,
  /** Communes that leave. */
  leave: Array<string>,
};

/** What is asked. */
export type Question = {
  /** The family of the permanences; its services are the places that exist. */
  family: Family,
  /** How many permanences, from 1 to [`COUNT_MAX`]. */
  count: number,
  /** Hours a week of each. */
  hours: number,
  /** Within how many minutes people count as covered. */
  minutes: number,
  /** What is sought. */
  method: Method,
  /** Whom it is sought for. */
  demand: Demand,
};

/** What is sought. */
export type Method = "covering" | "median";

/** Whom it is sought for. */
export type Demand = "concerned" | "gap" | "population";

/** The answer. */
export type Proposal = {
  /** What was asked. */
  question: Question,
  /** The people that it was sought for, over the communes with a point and a figure. */
  people: number,
  /** How it is now: people covered, or person-minutes to the nearest service; nothing where some people reach none. */
  before: number | null,
  /** The best plan that was found. */
  best: Plan,
  /** What choosing one site after the other gives: how one would do it by hand. */
  greedy: Plan,
  /** Whether no plan is better than the best one. */
  proven: boolean,
  /** No plan gains more than this. */
  bound: number,
  /** How much more than the best plan another might gain, as a share of the bound; 0 when proven. */
  shortfall: number,
  /** The territory as it is and as the best plan would make it; nothing where no site gains anything. */
  effect: Effect | null,
};

/** Sites, and what they give. */
export type Plan = {
  /** The sites, the one that adds most first. Fewer than asked for where more would gain nothing. */
  sites: Array<Site>,
  /** People newly covered, or person-minutes saved. */
  gained: number,
  /** How it would be: people covered, or person-minutes to the nearest service. */
  after: number,
};

/** A site. */
export type Site = {
  /** The INSEE code of the commune. */
  commune: string,
  /** Its name. */
  name: string,
  /** Its point. */
  position: { lat: number, lon: number },
  /** What it adds to the sites before it. */
  gained: number,
};

/** A territory before and after. */
export type Effect = {
  /** As it is. */
  before: TerritoryPortrait,
  /** As it would be. */
  after: TerritoryPortrait,
};

/** A permanence that is thought of. */
export type Permanence = {
  /** The INSEE code of its commune. */
  commune: string,
  /** What it gives. */
  family: Family,
  /** Hours a week of e-administrative help. */
  hours: number,
};

/** What permanences would change. */
export type WhatIf = {
  /** What was tried. */
  permanences: Array<Permanence>,
  /** The territory as it is. */
  before: TerritoryPortrait,
  /** The territory as it would be. */
  after: TerritoryPortrait,
  /** Every figure that would change, the territory's first. */
  deltas: Array<Delta>,
};

/** One figure that changed. */
export type Delta = {
  /** The commune; nothing for the territory. */
  commune: string | null,
  /** The figure's path in the portrait's JSON (`offer.assist.weeklyEadminHours`). */
  indicator: string,
  /** Its value before, `true` as 1 and `false` as 0; nothing for a missing figure. */
  before: number | null,
  /** Its value after. */
  after: number | null,
};

/** A plan that was kept to be compared with others. */
export type Scenario = {
  /** Its id. */
  id: string,
  /** What people call it. */
  name: string,
  /** What it consists of. */
  permanences: Array<Permanence>,
  /** When it was kept (RFC 3339). */
  createdAt: string,
  /** Who kept it, by name. */
  by: string,
};

/** The figures of one moment, and which moment it was. */
export type Point = {
  /** What a named point is known by; nothing for the point of a day. */
  id: string | null,
  /** The day that it stands for, in the territory's time zone: `2026-11-28`. */
  day: string,
  /** When it was drawn, by the server's clock (RFC 3339). */
  at: string,
  /** What somebody called it; nothing for the point of a day. */
  name: string | null,
  /** Who asked for it, by name. */
  by: string | null,
  /** The heads of the document that it was drawn from. */
  heads: Array<string>,
  /** The figures. */
  figures: Headlines,
};

/** The headline figures of a territory. */
export type Headlines = {
  /** Inhabitants. */
  population: number | null,
  /** People concerned, by the portrait's basis. */
  concerned: number | null,
  /** People concerned by at least one dimension. */
  vulnerability: Interval,
  /** Communes of the territory. */
  communes: number,
  /** Of which have at least one structure: the coverage of the collection. */
  described: number,
  /** Structures, retired ones apart. */
  structures: number,
  /** People listed as helping. */
  helpers: number,
  /** The two travel times of coverage, in minutes, as they were in force. */
  thresholdsMinutes: [number, number],
  /** Share of the people concerned, from 0 to 1, within each of them of a service of any family. */
  reachable: [number | null, number | null],
  /** Family by family. */
  families: PerFamily<FamilyHeadlines>,
};

/** The headline figures of one family of help. */
export type FamilyHeadlines = {
  /** Structures with a service of the family. */
  structures: number,
  /** Services of the family. */
  services: number,
  /** Of which nobody gave the capacity. */
  unknownCapacity: number,
  /** Hours a week of e-administrative help; missing if there are services and none says. */
  weeklyHours: number | null,
  /** Share of the people concerned, from 0 to 1, within each travel time of a service of the family. */
  reachable: [number | null, number | null],
  /** Weekly hours within reach per 1,000 people concerned. */
  hoursPerThousand: number | null,
  /** People concerned beyond what the accessible capacity serves. */
  gap: number | null,
  /** The same over the people concerned in the same communes, from 0 to 1. */
  gapShare: number | null,
};

/** A territory's figures laid beside those of others on the same server. */
export type Compared = {
  /** What it is called. */
  name: string,
  /** Whether it is the asker's own. */
  own: boolean,
  /** Where its statistics come from. */
  sources: Array<string>,
  /** Whether they were made up. */
  invented: boolean,
  /** How well its need is known. */
  grades: TerritoryGrades,
  /** The heads of its document. */
  heads: Array<string>,
  /** Its figures. */
  figures: Headlines,
  /** The same per 1,000 inhabitants. */
  perThousand: Rates,
};

/** Figures per 1,000 inhabitants. */
export type Rates = {
  /** People concerned, by the portrait's basis. */
  concerned: number | null,
  /** People concerned by at least one dimension. */
  vulnerability: Interval,
  /** Structures. */
  structures: number | null,
  /** Family by family. */
  families: PerFamily<FamilyRates>,
};

/** Figures of one family per 1,000 inhabitants. */
export type FamilyRates = {
  /** Hours a week of e-administrative help. */
  weeklyHours: number | null,
  /** People concerned beyond what the accessible capacity serves. */
  gap: number | null,
};

/** How far the directory had come: its changes, and when the server took the last one that was told. */
export type DirectoryState = { changes: number, at: string | null };

/** An answer, with the heads of the document that it was drawn from. */
export type AsOf<T> = T & { heads: Array<string>, directory: DirectoryState };

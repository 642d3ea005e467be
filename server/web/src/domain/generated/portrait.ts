// Generated from the Rust code, never edited: PORTREA_WRITE=1 cargo test -p portrea-indicators checked_in

/** The portrait of a territory. */
export type Portrait = {
  /** Where the statistics come from. */
  sources: Array<string>,
  /** Whether the statistics were made up. */
  invented: boolean,
  /** The dimensions of need and the formulas that gave them, in words; the grades of communes name them. */
  dimensions: Array<DimensionWords>,
  /** The options that were counted with. */
  options: Options,
  /** Which figure stands for the people concerned, everywhere in the portrait. */
  basis: Basis | null,
  /** The whole territory. */
  territory: TerritoryPortrait,
  /** Each commune. */
  communes: Record<string, CommunePortrait>,
};

/** The portrait of the whole territory. Sums over communes leave out those that lack the figure; `missing` counts them. */
export type TerritoryPortrait = {
  /** Inhabitants. */
  population: number | null,
  /** People concerned, by the portrait's basis. */
  concerned: number | null,
  /** The need. */
  need: Need,
  /** How well need is known. */
  grades: TerritoryGrades,
  /** How many communes lack each figure. */
  missing: Missing,
  /** Structures, retired ones apart, in a listed commune or not. */
  structures: number,
  /** Of which neither their own position nor their commune's is known: they reach nobody. */
  unplacedStructures: number,
  /** People listed as helping. */
  helpers: number,
  /** The offer, by family. */
  offer: PerFamily<FamilyOffer>,
  /** Who is near a service, by family. */
  coverage: Coverage<Within<Covered>>,
  /** Hours within reach per thousand people concerned, by family. */
  accessibility: PerFamily<Accessibility>,
  /** Who is left out, by family. */
  gap: PerFamily<TerritoryGap>,
};

/** The portrait of a commune. */
export type CommunePortrait = {
  /** Its name. */
  name: string,
  /** Inhabitants. */
  population: number | null,
  /** People concerned, by the portrait's basis. */
  concerned: number | null,
  /** The need. */
  need: Need,
  /** How well need is known. */
  grades: CommuneGrades,
  /** Structures, retired ones apart. */
  structures: number,
  /** People listed as helping. */
  helpers: number,
  /** The offer, by family. */
  offer: PerFamily<FamilyOffer>,
  /** Whether it is near a service, by family; missing without a point. */
  coverage: Coverage<Within<boolean | null>>,
  /** Hours within reach per thousand people concerned, by family. */
  accessibility: PerFamily<Accessibility>,
  /** Who is left out, by family. */
  gap: PerFamily<CommuneGap>,
};

/** A dimension as it is told. */
export type DimensionWords = {
  /** Its key: the name of a figure of the communes. */
  key: string,
  /** What it counts. */
  words: Words,
  /** Its formulas by key, in words; the recipe has their order. */
  formulas: { [key in string]: Words },
};

/** A text in both languages. */
export type Words = {
  /** French. */
  fr: string,
  /** English. */
  en: string,
};

/** How a figure is known, the best first: of several figures, the last in this order grades what is made of them. */
export type Grade = "counted" | "estimated" | "missing";

/** The grade of one figure, and where it comes from. */
export type Mark = {
  /** How it is known. */
  grade: Grade,
  /** The formula that gave it, by its key in its dimension; none where it is missing or no formula was asked. */
  formula: string | null,
  /** The vintages of the series that it was made of, oldest first. */
  vintages: Array<number>,
};

/** How well a territory's need is known. */
export type TerritoryGrades = {
  /** Inhabitants. */
  population: Known,
  /** Fragility's people. */
  fragility: Known,
  /** Exposure's people. */
  exposure: Known,
  /** Vulnerability's estimate. */
  vulnerability: Known,
};

/** How much of a territory's figure is counted, estimated, missing. */
export type Known = {
  /** Communes whose figure is counted. */
  countedCommunes: number,
  /** What they sum to. */
  counted: number,
  /** Communes whose figure is estimated. */
  estimatedCommunes: number,
  /** What they sum to. */
  estimated: number,
  /** Communes without the figure: the sum leaves them out. */
  missingCommunes: number,
};

/** The grades of a commune's figures. */
export type CommuneGrades = {
  /** Fragility's people: the worst of the figures that it is made of. */
  fragility: Grade,
  /** Exposure's people. */
  exposure: Grade,
  /** Vulnerability's estimate: missing unless fragility and exposure are known. */
  vulnerability: Grade,
  /** The marks of the figures that indicators are made of, by the dimension's key; the others stand with the series. */
  dimensions: { [key in string]: Mark },
};

/** How travel and capacity are counted. An impossible option counts as its default. */
export type Options = {
  /** The two travel times of coverage, in minutes, the shorter first. */
  thresholdsMinutes: [number, number],
  /** The bands of accessibility, from the nearest to the farthest; the last one ends the catchment of a service. */
  bands: Array<Band>,
  /** How many concerned people an hour a week of e-administrative help serves. 23 by default: an hour a week is about
   * 46 open hours a year, and a concerned person is counted as needing 2 hours of help a year (a procedure or two). */
  peopleServedPerWeeklyHour: number,
  /** Road distance over great-circle distance. */
  detourFactor: number,
  /** Mean road speed, in km/h. */
  speedKmh: number,
  /** What counts how much when communes are ranked. */
  priority: Weights,
};

/** A band of travel time: people within it, and in no nearer one, count and are served by its weight.
 *
 * By default 1 up to 15 minutes and 0.42 up to 30. Luo & Qi (2009, Health & Place 15) give 1, 0.68 and 0.22 for 10, 20
 * and 30 minutes; averaged over our two bands and set to 1 in the first, that is 0.418 in the second. */
export type Band = {
  /** Up to this many minutes, included. */
  minutes: number,
  /** From 0 (excluded) to 1; counted to the thousandth. */
  weight: number,
};

/** What counts how much when communes are ranked, each from 0 to 100, 1 by default. */
export type Weights = {
  /** Being informed and oriented. */
  inform: number,
  /** Equipment and network. */
  equip: number,
  /** Help with a procedure. */
  assist: number,
  /** Learning. */
  train: number,
  /** Repair. */
  repair: number,
  /** People who are fragile. */
  fragility: number,
  /** People who are exposed. */
  exposure: number,
};

/** Which figure stands for "the people concerned" when the offer is set against the need.
 *
 * One for the whole territory, or communes could not be compared: the one that most communes have, and at equality the
 * most complete, in the order of the variants. */
export type Basis = "vulnerability" | "fragility" | "exposure";

/** The need of a commune, or of a territory. */
export type Need = {
  /** People aged 65 or over, or younger with no diploma. */
  fragility: Fragility,
  /** Recipients of minimum benefits + registered job seekers, in people. */
  exposure: number | null,
  /** People concerned by fragility or exposure. */
  vulnerability: Interval,
  /** What created procedures in a year. */
  events: Events,
};

/** Socio-digital fragility. */
export type Fragility = {
  /** `aged 65 or over + no_diploma × (pop15+ − pop65+) / pop15+`, in people. */
  people: number | null,
  /** Aged 15 or over and no longer at school, in people. */
  denominator: number | null,
  /** People over denominator, from 0 to 1; at territory level, over the communes that have both. */
  share: number | null,
};

/** A number of people known by its bounds. */
export type Interval = {
  /** At least this many: the largest known dimension. */
  low: number | null,
  /** As many if the dimensions are independent: `P × (1 − Π(1 − dᵢ/P))`. Between the bounds. */
  estimate: number | null,
  /** At most this many: the smaller of the dimensions' sum and the population. */
  high: number | null,
};

/** Biographical events, as the census and the register count them. */
export type Events = {
  /** Births in a year. */
  births: number | null,
  /** Deaths in a year. */
  deaths: number | null,
  /** Households settled for under two years. */
  recentMoves: number | null,
};

/** How many communes lack a figure. */
export type Missing = {
  /** A point: they are in no coverage and no gap. */
  position: number,
  /** Inhabitants. */
  population: number,
  /** Fragility's people. */
  fragility: number,
  /** Exposure's people. */
  exposure: number,
  /** Vulnerability's estimate. */
  vulnerability: number,
  /** People concerned by the portrait's basis: they are in no gap. */
  concerned: number,
};

/** One value a family; in JSON, an object keyed by [`Family::key`]. */
export type PerFamily<T> = {
  /** For [`Family::Inform`]. */
  inform: T,
  /** For [`Family::Equip`]. */
  equip: T,
  /** For [`Family::Assist`]. */
  assist: T,
  /** For [`Family::Train`]. */
  train: T,
  /** For [`Family::Repair`]. */
  repair: T,
};

/** The offer of one family. */
export type FamilyOffer = {
  /** Structures with at least one service of the family. */
  structures: number,
  /** Services of the family. */
  services: number,
  /** People who give e-administrative help; missing if there are services and none says. */
  staff: number | null,
  /** Capacity: hours a week of e-administrative help; missing if there are services and none says. */
  weeklyEadminHours: number | null,
  /** Hours a week in all; missing if there are services and none says. */
  weeklyHours: number | null,
  /** Hours a week of open doors; missing if there are services and none says. */
  weeklyOpeningHours: number | null,
  /** Services whose capacity nobody gave: what the capacity above leaves out. */
  unknownCapacity: number,
};

/** One value a family, and one for any family. */
export type Coverage<T> = {
  /** By a service of any family. */
  any: T,
  /** For [`Family::Inform`]. */
  inform: T,
  /** For [`Family::Equip`]. */
  equip: T,
  /** For [`Family::Assist`]. */
  assist: T,
  /** For [`Family::Train`]. */
  train: T,
  /** For [`Family::Repair`]. */
  repair: T,
};

/** How much of the territory is within a travel time of a service. */
export type Covered = {
  /** Communes covered. */
  communes: number,
  /** Share of the inhabitants, from 0 to 1, of the communes with a point and the figure. */
  population: number | null,
  /** Share of the people concerned, from 0 to 1, of the communes with a point and the figure. */
  concerned: number | null,
};

/** What a commune, or the territory, has within reach. */
export type Accessibility = {
  /** Weekly hours of e-administrative help per 1,000 people concerned. For the territory, the mean over the people
   * concerned; for a commune, missing only without a point. */
  hoursPerThousand: number | null,
  /** The weekly hours that fall to the people concerned here: the share of each reached service's hours that its
   * catchment gives them. Missing without a point or a figure. */
  reachedHours: number | null,
};

/** The gap of the territory for one family, over the communes that have one. */
export type TerritoryGap = {
  /** The sum of the communes' gaps, in people. */
  people: number | null,
  /** Over the people concerned in the same communes, from 0 to 1. */
  share: number | null,
};

/** The gap of a commune for one family; missing without a point or without a figure. */
export type CommuneGap = {
  /** People concerned beyond what the accessible capacity serves. */
  people: number | null,
  /** Capacity within reach per person concerned, in people served: 0 nobody, 1 everybody, more is slack. Missing only
   * without a point. */
  access: number | null,
};

/** One value for each travel time, by the thresholds in force: `within15`, `within30`. */
export type Within<T> = Record<`within${number}`, T>;

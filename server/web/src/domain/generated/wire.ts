// Generated from the Rust code, never edited: PORTREA_WRITE=1 cargo test -p portrea-protocol checked_in

/** A person (or a shared desk) who signed in through an invitation. */
export type ContributorId = string;

/** One signed-in device of a contributor. */
export type DeviceId = string;

/** The key of a structure, a service or a helper in its map. Our own are uuid v7; others' are kept as they are. */
export type RecordId = string;

/** A commune's INSEE code (`35184`, `2A004`), as written: never a number, for its leading zero. */
export type InseeCode = string;

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

/** One event. */
export type FeedEvent = {
  /** Its number in the territory's feed: dense, from 1. */
  id: number,
  /** When the server merged it, by the server's clock, in RFC 3339. */
  at: string,
  /** Who did it, as the server checked it; nobody for what the server computes. */
  author?: Author,
  /** What it is about. */
  subject?: Subject,
  /** Whether something that it told was erased since: it stands there as null or "". */
  erased?: boolean,
} & Event;

/** Who wrote a change, from which device, when by their own clock. */
export type Author = {
  /** The contributor. */
  contributor: ContributorId,
  /** The contributor's name. */
  name: string,
  /** The device that the change came from. */
  device: DeviceId,
  /** The time in the change, by the author's clock, in RFC 3339; shown, never ordered by. */
  clock?: string,
  /** The change's hash, in hexadecimal. */
  change?: string,
  /** The event that the change says it goes back on. */
  reverts?: number,
};

/** The structure an event is about, as it was called after it. */
export type Subject = {
  /** The structure. */
  structure: RecordId,
  /** Its name. */
  name: string,
  /** Its commune, when known. */
  commune?: InseeCode,
};

/** What happened. */
export type Event = { "kind": "created" } | { "kind": "field_changed",
  /** The field, by its path inside the structure. */
  path: string,
  /** The value before; null when it was not filled. */
  before: JsonValue,
  /** The value now; null when it was emptied. */
  after: JsonValue, } | { "kind": "conflict",
  /** The field. */
  path: string,
  /** Every value, the one shown first. */
  values: Array<JsonValue>, } | { "kind": "resolved",
  /** The field. */
  path: string,
  /** The value chosen. */
  value: JsonValue, } | { "kind": "part_added",
  /** `services/<id>` or `helpers/<id>`. */
  path: string,
  /** What it is: a service's family, a helper's name. */
  what: string, } | { "kind": "confirmed",
  /** `visit`, `call`, `mail`, `link` or `self`. */
  how: string, } | { "kind": "validated" } | { "kind": "to_review" } | { "kind": "archived",
  /** Why. */
  why: string, } | { "kind": "unarchived" } | { "kind": "removed" } | { "kind": "quarantined",
  /** Why. */
  reason: Reason,
  /** How many changes. */
  changes: number, } | { "kind": "quarantine_accepted",
  /** The name of whoever had brought it. */
  whose: string, } | { "kind": "quarantine_rejected",
  /** The name of whoever had brought it. */
  whose: string, } | { "kind": "quarantine_withdrawn" } | { "kind": "joined" } | { "kind": "indicators",
  /** What moved. */
  changes: Array<IndicatorChange>,
};

/** One figure that moved. */
export type IndicatorChange = {
  /** The commune, or null for the territory. */
  commune: InseeCode | null,
  /** The figure's name, by its path in the portrait: `offer.assist.weeklyEadminHours`. */
  indicator: string,
  /** Before; null when it was missing. */
  before: number | null,
  /** Now; null when it is missing. */
  after: number | null,
};

/** What somebody may do in a territory. */
export type Role = "reader" | "contributor" | "referent";

/** Why a change was not merged. */
export type Reason = "foreign-actor" | "foreign-author" | "needs-referent" | "needs-contributor" | "removes-record" | "replaces-record" | "outside" | "builds-on-refused";

/** What became of a change that was not merged. */
export type State = "waiting" | "carried" | "accepted" | "rejected" | "withdrawn";

/** What is decided about a change that waits. */
export type Decision = "accept" | "reject" | "withdraw";

/** A change that was not merged, as it is told. */
export type Held = {
  /** The change's hash, in hexadecimal. */
  id: string,
  /** What became of it. */
  state: State,
  /** Why it was not merged. */
  reason: Reason,
  /** What it would do, in the order of its operations; at most a hundred. */
  edits: Array<HeldEdit>,
  /** On whose sign-in it came. */
  contributor: ContributorId,
  /** Their name. */
  name: string,
  /** Their device. */
  device: DeviceId,
  /** Their role when it came. */
  role: Role,
  /** When it came, by the server's clock, in RFC 3339. */
  at: string,
  /** The time in the change, by its author's clock, in RFC 3339. */
  clock?: string,
  /** The changes that it builds on and that were not merged either. */
  needs: Array<string>,
  /** The change that stands in the directory in its place, if one does. */
  mergedAs?: string,
  /** Who decided, and when, once somebody did. */
  decided?: Decided,
};

/** Who decided about a change. */
export type Decided = {
  /** The contributor. */
  contributor: ContributorId,
  /** Their name. */
  name: string,
  /** When, by the server's clock, in RFC 3339. */
  at: string,
};

/** One thing that a change would do. */
export type HeldEdit = {
  /** The structure it is about. */
  structure?: RecordId,
  /** The structure's name, where the directory has it. */
  name?: string,
  /** Where, inside the structure; from the root where it is about none. */
  path: string,
  /** What is done there. */
  act: HeldAct,
  /** The value that is written; a text that is added to, for prose; null where there is none. */
  value: JsonValue,
};

/** What an edit does. */
export type HeldAct = "create" | "write" | "remove";

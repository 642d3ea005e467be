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
  how: string, } | { "kind": "validated" } | { "kind": "archived",
  /** Why. */
  why: string, } | { "kind": "unarchived" } | { "kind": "removed" } | { "kind": "joined" } | { "kind": "indicators",
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

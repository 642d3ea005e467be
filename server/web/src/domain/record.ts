/**
 * Records as plain values: what pages read and what the worker sends them. Mirrors `protocol/src/schema/record.rs`;
 * the tables of fields are generated from it (`generated/schema.ts`).
 */
import type {
  ConfirmedFields,
  HelperFields,
  MarkFields,
  ServiceFields,
  StructureFields,
  ValidationFields,
} from './generated/schema';

/** The value of a field; a set is a list in alphabetical order. */
export type Value = string | number | boolean | string[];

/** A service that a structure gives. */
export interface Service {
  id: string;
  fields: ServiceFields;
}

/** A person who helps. */
export interface Helper {
  id: string;
  fields: HelperFields;
}

/** Answers that several people gave to one field at the same time; the first is the one shown. */
export interface Conflict {
  /** The field, by its path inside the structure: `phone`, `services/<id>/price`. */
  path: string;
  values: Value[];
}

/** Something that looks wrong; flagged, never refused. */
export interface Finding {
  path: string;
  code: string;
}

/** A place or an actor, with the services it gives and the people who help there. */
export interface Structure {
  id: string;
  fields: StructureFields;
  services: Service[];
  helpers: Helper[];
  /** When, by whom and how it was last checked. */
  confirmed: ConfirmedFields | null;
  /** When, by whom and why it was archived. */
  archived: MarkFields | null;
  /** When and by whom it was validated, and whether it is to be reviewed again: see `isValidated`. */
  validation: ValidationFields | null;
  conflicts: Conflict[];
  findings: Finding[];
}

/** Whether a référent·e validated it as it stands. */
export function isValidated({ validation }: Pick<Structure, 'validation'>): boolean {
  return wasValidated(validation) && validation?.review !== true;
}

/** Whether a référent·e validated it, and somebody else edited it since or meanwhile. */
export function isToReview({ validation }: Pick<Structure, 'validation'>): boolean {
  return wasValidated(validation) && validation?.review === true;
}

function wasValidated(validation: ValidationFields | null): boolean {
  return validation !== null && Object.keys(validation).some((key) => key !== 'review');
}

/** Who wrote a value, and when by their own clock. */
export interface Written {
  /** The automerge actor, in hexadecimal. */
  actor: string;
  /** Milliseconds since 1970 by the author's clock; `null` when the change carries none. */
  at: number | null;
  /** Written on this device and not yet known to be on the server. */
  waiting: boolean;
}

/** A field's values with their authors; several when two people answered at the same time. */
export interface Answer extends Written {
  value: Value;
}

/** By path inside the structure: who wrote what stands there. */
export type Authorship = Record<string, Answer[]>;

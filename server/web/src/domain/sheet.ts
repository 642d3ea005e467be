/** How a record is laid out: which fields stand in which group, which are filled, and which are offered as chips. */
import { fieldOf } from './check';
import type { Field } from './generated/schema';
import type { Structure, Value } from './record';

/** The fields that a person fills, in the order they are read. `commune` stands for its name too. */
export const GROUPS = {
  reach: ['phone', 'emails', 'website', 'appointment_url'],
  where: ['address', 'address_more', 'postcode', 'commune', 'position', 'itinerant', 'accessibility_url'],
  hours: ['opening_hours'],
  what: ['kind', 'summary', 'description', 'publics', 'special_care', 'labels'],
  rest: ['national_programmes', 'training_labels', 'parent', 'siret', 'rna', 'notes', 'sources'],
} as const;
export type Group = keyof typeof GROUPS;

export const SERVICE_KEYS = [
  'description', 'access', 'format', 'price', 'price_note', 'provided_by', 'staff_kinds', 'authorisations',
  'weekly_hours', 'weekly_eadmin_hours', 'eadmin_staff', 'publics', 'topics', 'onsite', 'remote',
  'opening_hours', 'phone', 'email', 'appointment_url',
] as const;
export const HELPER_KEYS = ['name', 'role', 'phone', 'email', 'skills', 'authorisations', 'public'] as const;

/** Every field that a page can offer to fill. `position` is latitude and longitude together. */
export type FieldKey =
  | (typeof GROUPS)[Group][number]
  | (typeof SERVICE_KEYS)[number]
  | (typeof HELPER_KEYS)[number];

/** The definition that a field is shown by. */
export function shownField(place: string, key: string): Field {
  // A commune is chosen by its name; a position is told by its latitude.
  return fieldOf({ place, key: key === 'commune' ? 'commune_name' : key === 'position' ? 'latitude' : key });
}

/** The record's fields at a place. */
export function fieldsAt(structure: Structure, place: string): Record<string, Value | undefined> {
  if (place === '') return structure.fields as Record<string, Value | undefined>;
  const [kind, id] = place.split('/');
  const parts: readonly { id: string; fields: object }[] = kind === 'services' ? structure.services : structure.helpers;
  return (parts.find((part) => part.id === id)?.fields ?? {}) as Record<string, Value | undefined>;
}

/** The value of a field; nothing when it is not filled. A blank text or an empty set is not filled. */
export function valueOf(structure: Structure, place: string, key: string): Value | undefined {
  const fields = fieldsAt(structure, place);
  if (key === 'position') return fields['latitude'] === undefined || fields['longitude'] === undefined ? undefined : fields['latitude'];
  // A commune that is only known by name is known.
  const value = key === 'commune' ? (filled(fields['commune']) ? fields['commune'] : fields['commune_name']) : fields[key];
  return filled(value) ? value : undefined;
}

function filled(value: Value | undefined): boolean {
  return value !== undefined && !(typeof value === 'string' && value.trim() === '') && !(Array.isArray(value) && value.length === 0);
}

/** The paths of a field inside the structure: who wrote it, what is in doubt. */
export function pathsOf(place: string, key: string): string[] {
  const keys = key === 'commune' ? ['commune', 'commune_name'] : key === 'position' ? ['latitude', 'longitude'] : [key];
  return keys.map((each) => (place === '' ? each : `${place}/${each}`));
}

/** A group split in two: what is filled (or in question) is read, the rest is offered. */
export function laidOut<K extends string>(structure: Structure, place: string, keys: readonly K[]): { read: K[]; offered: K[] } {
  const asked = new Set([...structure.conflicts, ...structure.findings].map(({ path }) => path));
  const reads = (key: K): boolean =>
    valueOf(structure, place, key) !== undefined || pathsOf(place, key).some((path) => asked.has(path));
  return { read: keys.filter(reads), offered: keys.filter((key) => !reads(key)) };
}

/** The findings that no field on the page would show. */
export function strayFindings(structure: Structure): { path: string; code: string }[] {
  const shown = new Set<string>(['name']);
  for (const key of Object.values(GROUPS).flat()) for (const path of pathsOf('', key)) shown.add(path);
  for (const { id } of structure.services) for (const key of SERVICE_KEYS) shown.add(`services/${id}/${key}`);
  for (const { id } of structure.helpers) for (const key of HELPER_KEYS) shown.add(`helpers/${id}/${key}`);
  return structure.findings.filter(({ path }) => !shown.has(path));
}

/** A service's fields that stand on lines of their own when it is read. */
export const HOURS_KEYS = ['opening_hours', 'phone', 'email', 'appointment_url'] as const;

/**
 * Finding structures by words that somebody types, and by the filters beside them. Every word must be found somewhere in
 * the structure; what stands first is what the words most likely mean. Pages hand in the moment and the opening hours
 * that the server compiled; nothing here reads a clock.
 */
import type { Filters } from './filters';
import { folded, dialled, wordsOf } from './fold';
import { freshness } from './freshness';
import type { Family } from './generated/schema';
import { isOpenAt, type Interval } from './hours';
import type { Structure } from './record';

/** What people call the families, beside their keys; both languages, for a directory is read in both. */
const FAMILY_WORDS: Record<Family, string> = {
  inform: 's’informer information orientation accueil inform',
  equip: 's’équiper se connecter ordinateur imprimante wifi internet équipement equip',
  assist: 'être aidé aide accompagnement démarches assist help',
  train: 'se former formation atelier cours initiation train',
  repair: 'réparer réparation dépannage repair',
};

/** How long a text that is typed may be; what comes after tells nothing more. */
const QUERY_CHARS_MAX = 200;

interface Entry {
  name: string;
  /** Everything that words are looked for in. */
  all: string;
  /** Phone numbers as they are dialled, between spaces. */
  phones: string;
}

/** A structure is replaced when it changes, never changed in place. */
const entries = new WeakMap<Structure, Entry>();

function entryOf(structure: Structure): Entry {
  const known = entries.get(structure);
  if (known !== undefined) return known;
  const { fields, services, helpers } = structure;
  const said = [fields.name, fields.kind, fields.commune_name, fields.postcode, fields.address, fields.summary];
  said.push(...(fields.labels ?? []));
  for (const { fields: service } of services) {
    const family = service.family ?? '';
    said.push(Object.hasOwn(FAMILY_WORDS, family) ? FAMILY_WORDS[family as Family] : family, ...(service.topics ?? []));
  }
  for (const { fields: helper } of helpers) said.push(helper.name);
  const phones = [fields.phone, ...services.map(({ fields: { phone } }) => phone), ...helpers.map(({ fields: { phone } }) => phone)];
  const entry = {
    name: folded(fields.name ?? ''),
    all: said.filter((text) => text !== undefined).map(folded).join(' · '),
    phones: phones.filter((phone) => phone !== undefined).map(dialled).join(' '),
  };
  entries.set(structure, entry);
  return entry;
}

/** All that words are looked for in, as it is compared. */
export function index(structure: Structure): string {
  const { all, phones } = entryOf(structure);
  return `${all} ${phones}`;
}

/** How well a structure answers: 3 its name begins so, 2 its name holds every word, 1 they stand elsewhere, 0 not at all. */
function rankOf(structure: Structure, whole: string, words: readonly string[], digits: string): 0 | 1 | 2 | 3 {
  if (whole === '') return 1;
  const { name, all, phones } = entryOf(structure);
  if (name.startsWith(whole)) return 3;
  if (words.every((word) => name.includes(word))) return 2;
  if (words.every((word) => all.includes(word))) return 1;
  // A number is typed with spaces or without; two digits of one are in every number.
  return digits.length >= 4 && phones.includes(digits) ? 1 : 0;
}

function asked(query: string): [whole: string, words: string[], digits: string] {
  const short = query.slice(0, QUERY_CHARS_MAX);
  const digits = /^[\d\s+.()/-]*$/.test(short) ? dialled(short).replace(/^(?:00)?33(?=[1-9])/, '0') : '';
  return [folded(short), wordsOf(short), digits];
}

/** Whether a structure answers what somebody typed; nothing typed is answered by all. */
export function matches(structure: Structure, query: string): boolean {
  return rankOf(structure, ...asked(query)) > 0;
}

/** The structures that answer, the likeliest first; equals stay in the order they came in. */
export function find(structures: readonly Structure[], query: string): Structure[] {
  const question = asked(query);
  if (question[0] === '' && question[2] === '') return [...structures];
  const ranked = structures.map((structure) => ({ structure, rank: rankOf(structure, ...question) }));
  return ranked
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ structure }) => structure);
}

/** When a text of opening hours is open, as the server compiled it; `null` when it cannot be told. */
export type OpenHours = (text: string) => readonly Interval[] | null;

/** The structures that pass every filter, the likeliest first. `now`: the moment that "open" and "to check" mean. */
export function filter(structures: readonly Structure[], filters: Filters, hours: OpenHours, now: number): Structure[] {
  const { families, commune } = filters;
  const passing = structures.filter(
    (structure) =>
      (commune === '' || structure.fields.commune === commune) &&
      (families.length === 0 || structure.services.some(({ fields }) => families.some((family) => family === fields.family))) &&
      (!filters.check || freshness(structure.confirmed, now) !== 'fresh') &&
      (!filters.open || isOpen(structure, hours, now) === true),
  );
  return find(passing, filters.text);
}

/** Whether a structure, or a service of its own hours, is open; `null` when its hours are not told, or cannot be read. */
export function isOpen(structure: Structure, hours: OpenHours, now: number): boolean | null {
  const texts = [structure.fields.opening_hours, ...structure.services.map(({ fields }) => fields.opening_hours)];
  const known = texts.map((text) => (text === undefined ? null : hours(text))).filter((intervals) => intervals !== null);
  return known.length === 0 ? null : known.some((intervals) => isOpenAt(intervals, now));
}

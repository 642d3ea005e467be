/**
 * Structures that may be the one somebody is about to add: names that look alike, one phone number, one SIRET. It only
 * offers; two town halls of two communes are two places, and whoever knows them decides.
 */
import { dialled, wordsOf } from './fold';
import type { Structure } from './record';

/** Why a structure looks like the one that is typed. */
export type Why = 'name' | 'name_and_commune' | 'phone' | 'siret';

export interface LookAlike {
  structure: Structure;
  why: Why;
}

/** What is known of the structure that is being added. */
export interface Typed {
  name: string;
  /** An INSEE code; empty when it is not chosen. */
  commune?: string;
  phone?: string;
  siret?: string;
}

const SHOWN_MAX = 5;
/** Likeness from 0 to 1: from here names are taken for one, sooner where the commune is the same. */
const ALIKE = 0.62;
const ALIKE_IN_COMMUNE = 0.5;
/** From here a long word is a kind of place mistyped; short words differ by too little to tell. */
const SLIP = 0.75;
const LONG_WORD = 7;

/** Words that tell no place from another. */
const STOP = new Set('le la les l de du des d en et a au aux un une sur espace public lieu'.split(' '));
/**
 * Words that say what a place is: `Mairie de Montauban` is no `Médiathèque de Montauban`. Several words for one thing
 * are one.
 */
const KINDS: Record<string, string> = {
  mairie: 'mairie',
  mediatheque: 'bibliotheque',
  bibliotheque: 'bibliotheque',
  ludotheque: 'ludotheque',
  ccas: 'ccas',
  cias: 'cias',
  msap: 'france services',
  france: 'france services',
  services: 'france services',
  service: 'france services',
  centre: 'centre',
  mission: 'mission locale',
  locale: 'mission locale',
  poste: 'poste',
  maison: 'maison',
  association: 'association',
  ecole: 'ecole',
  college: 'college',
  lycee: 'lycee',
  cybercentre: 'cybercentre',
  caf: 'caf',
  msa: 'msa',
  cpam: 'cpam',
  pimms: 'pimms',
};
/** Short forms that people write for words. */
const SHORT: Record<string, string> = { st: 'saint', ste: 'sainte', biblio: 'bibliotheque', asso: 'association', mjc: 'mjc' };

interface Name {
  kinds: Set<string>;
  /** The words that are left, which name this place among those of its kind. */
  own: string[];
}

const names = new WeakMap<Structure, Name>();

/** At most five structures that look like what is typed, the likeliest first. */
export function lookAlikes(typed: Typed, structures: readonly Structure[]): LookAlike[] {
  const name = nameOf(typed.name);
  const [phone, siret] = [dialled(typed.phone ?? ''), (typed.siret ?? '').replace(/\D/g, '')];
  const found = structures.flatMap((structure): (LookAlike & { likeness: number })[] => {
    const { fields } = structure;
    if (siret.length === 14 && (fields.siret ?? '').replace(/\D/g, '') === siret) return [{ structure, why: 'siret', likeness: 3 }];
    if (phone.length >= 10 && dialled(fields.phone ?? '') === phone) return [{ structure, why: 'phone', likeness: 2 }];
    // A name may say the commune that the record has in a field of its own.
    const town = new Set(wordsOf(fields.commune_name ?? ''));
    const known = knownName(structure);
    const left = name.own.filter((word) => !town.has(word) || known.own.includes(word));
    const likeness = likenessOf({ ...name, own: left }, known);
    const here = ((typed.commune ?? '') !== '' && fields.commune === typed.commune) || left.length < name.own.length;
    if (likeness < (here ? ALIKE_IN_COMMUNE : ALIKE)) return [];
    return [{ structure, why: here ? 'name_and_commune' : 'name', likeness: likeness + (here ? 0.5 : 0) }];
  });
  found.sort((a, b) => b.likeness - a.likeness);
  return found.slice(0, SHOWN_MAX).map(({ structure, why }) => ({ structure, why }));
}

/** The look-alikes of a name, without their reasons. */
export function alike(name: string, commune: string, structures: readonly Structure[]): Structure[] {
  return lookAlikes({ name, commune }, structures).map(({ structure }) => structure);
}

function knownName(structure: Structure): Name {
  const known = names.get(structure) ?? nameOf(structure.fields.name ?? '');
  names.set(structure, known);
  return known;
}

function nameOf(text: string): Name {
  const words = wordsOf(text)
    .map((word) => (Object.hasOwn(SHORT, word) ? (SHORT[word] ?? word) : word))
    .filter((word) => !STOP.has(word));
  const kinds = words.map(kindOf);
  return { kinds: new Set(kinds.filter((kind) => kind !== null)), own: words.filter((_, i) => kinds[i] === null) };
}

/** The kind of place that a word says, be it with a slip of the finger; `null` when it says none. */
function kindOf(word: string): string | null {
  if (Object.hasOwn(KINDS, word)) return KINDS[word] ?? null;
  if (word.length < LONG_WORD) return null;
  const near = Object.keys(KINDS).find((known) => known.length >= LONG_WORD && diceOf(known, word) >= SLIP);
  return near === undefined ? null : (KINDS[near] ?? null);
}

/**
 * How alike two names are, from 0 to 1. Names of different kinds are not; where the kind is the same or one does not say
 * it, the rest decides. A name that is only begun is like those that go on as it does.
 */
function likenessOf(a: Name, b: Name): number {
  const both = a.kinds.size > 0 && b.kinds.size > 0;
  const shared = [...a.kinds].filter((kind) => b.kinds.has(kind)).length;
  if (both && shared === 0) return 0;
  const kind = both ? shared / Math.min(a.kinds.size, b.kinds.size) : 0.5;
  if (a.own.length === 0 && b.own.length === 0) return kind;
  if (a.own.length === 0 || b.own.length === 0) return both ? 0.55 : 0;
  const [few, many] = a.own.length <= b.own.length ? [a.own, b.own] : [b.own, a.own];
  const best = few.map((word) => Math.max(...many.map((other) => wordLikeness(word, other))));
  const own = best.reduce((sum, likeness) => sum + likeness, 0) / few.length;
  // The words that the longer name has beyond: it may say its commune, or be another place.
  const beyond = (many.length - few.length) / many.length;
  return (0.75 * own + 0.25 * kind) * (1 - 0.5 * beyond) * (own < 0.5 ? 0.5 : 1);
}

/** Likeness of two words: what they begin alike with, or the trigrams that they share (Dice), which forgives a typo. */
function wordLikeness(a: string, b: string): number {
  if (a === b) return 1;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.startsWith(short)) return 0.9;
  return diceOf(a, b);
}

function diceOf(a: string, b: string): number {
  const [left, right] = [trigrams(a), trigrams(b)];
  const shared = [...left].filter((three) => right.has(three)).length;
  return (2 * shared) / (left.size + right.size);
}

function trigrams(word: string): Set<string> {
  const padded = `  ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3)));
}

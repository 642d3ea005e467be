/** What a territory tunes in its recipe: which fields there are, their bounds, and what is wrong with what was typed. */
import type { Options, Weights } from './generated/portrait';

/** The bounds that the server holds to. */
export const BOUNDS = {
  near: { least: 1, most: 1439 },
  far: { least: 2, most: 1440 },
  minutes: { least: 0, most: 1440 },
  band: { least: 0.001, most: 1 },
  served: { least: 0.001, most: 10_000 },
  detour: { least: 1, most: 10 },
  speed: { least: 1, most: 300 },
  priority: { least: 0, most: 100 },
  share: { least: 0, most: 100 },
} as const;
export const BANDS_MAX = 12;

/** The weights of the ranking, in the order of the page. */
export const PRIORITY = ['inform', 'equip', 'assist', 'train', 'repair', 'fragility', 'exposure'] as const satisfies readonly (keyof Weights)[];
/** The dimensions that need is made of, whose share may be tuned. */
export const DIMENSIONS = ['aged_65_or_over', 'no_diploma', 'minimum_benefits', 'job_seekers'] as const;

/** What is typed; `null` where it is no number. Shares are in percents. */
export interface Draft {
  near: number | null;
  far: number | null;
  bands: { minutes: number | null; weight: number | null }[];
  served: number | null;
  detour: number | null;
  speed: number | null;
  priority: Record<(typeof PRIORITY)[number], number | null>;
  shares: Record<string, number | null>;
}

export function draftOf(options: Options, weights: readonly { key: string; weight: number }[]): Draft {
  const [near, far] = options.thresholdsMinutes;
  const known = weights.filter(({ key }) => (DIMENSIONS as readonly string[]).includes(key));
  return {
    near, far,
    bands: options.bands.map((band) => ({ ...band })),
    served: options.peopleServedPerWeeklyHour, detour: options.detourFactor, speed: options.speedKmh,
    priority: { ...options.priority },
    shares: Object.fromEntries(known.map(({ key, weight }) => [key, Math.round(weight * 1000) / 10])),
  };
}

/** What is wrong with a field: no number, no whole one, out of bounds, or not after the one before. */
export type Fault = 'number' | 'whole' | 'bounds' | 'order';

type Bound = { least: number; most: number };
function faultOf(value: number | null, { least, most }: Bound, whole = false): Fault | null {
  if (value === null) return 'number';
  if (value < least || value > most) return 'bounds';
  return whole && !Number.isInteger(value) ? 'whole' : null;
}

/** The fields that cannot be taken, as `bands.0.minutes`, `priority.assist`, `shares.no_diploma`, each with why. */
export function faults(draft: Draft): Map<string, Fault> {
  const wrong = new Map<string, Fault>();
  const note = (name: string, fault: Fault | null): void => void (fault !== null && wrong.set(name, fault));
  const after = (before: number | null, value: number | null): Fault | null => (before !== null && value !== null && value <= before ? 'order' : null);
  note('near', faultOf(draft.near, BOUNDS.near, true));
  note('far', faultOf(draft.far, BOUNDS.far, true) ?? after(draft.near, draft.far));
  if (draft.bands.length < 1 || draft.bands.length > BANDS_MAX) note('bands', 'bounds');
  let before: number | null = null;
  for (const [at, { minutes, weight }] of draft.bands.entries()) {
    note(`bands.${at}.minutes`, faultOf(minutes, BOUNDS.minutes, true) ?? after(before, minutes));
    note(`bands.${at}.weight`, faultOf(weight, BOUNDS.band));
    before = minutes ?? before;
  }
  note('served', faultOf(draft.served, BOUNDS.served));
  note('detour', faultOf(draft.detour, BOUNDS.detour));
  note('speed', faultOf(draft.speed, BOUNDS.speed));
  for (const key of PRIORITY) note(`priority.${key}`, faultOf(draft.priority[key], BOUNDS.priority));
  for (const [key, share] of Object.entries(draft.shares)) note(`shares.${key}`, faultOf(share, BOUNDS.share));
  return wrong;
}

/** What is sent; of a draft without faults. */
export function tuningOf(draft: Draft): { options: Options; weights: Record<string, number> } {
  const number = (value: number | null): number => value ?? 0;
  return {
    options: {
      thresholdsMinutes: [number(draft.near), number(draft.far)],
      bands: draft.bands.map(({ minutes, weight }) => ({ minutes: number(minutes), weight: number(weight) })),
      peopleServedPerWeeklyHour: number(draft.served), detourFactor: number(draft.detour), speedKmh: number(draft.speed),
      priority: Object.fromEntries(PRIORITY.map((key) => [key, number(draft.priority[key])])) as unknown as Weights,
    },
    weights: Object.fromEntries(Object.entries(draft.shares).map(([key, share]) => [key, number(share) / 100])),
  };
}

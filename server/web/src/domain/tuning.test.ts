/** Tuning: what comes from the server goes back unchanged, and what the server would refuse is told before. */
import { describe, expect, test } from 'vitest';
import type { Options } from './generated/portrait';
import { draftOf, faults, tuningOf, type Draft } from './tuning';

const options: Options = {
  thresholdsMinutes: [15, 30], bands: [{ minutes: 15, weight: 1 }, { minutes: 30, weight: 0.42 }], peopleServedPerWeeklyHour: 23,
  detourFactor: 1.3, speedKmh: 45, priority: { inform: 1, equip: 1, assist: 1, train: 1, repair: 1, fragility: 1, exposure: 1 },
};
const weights = [{ key: 'no_diploma', weight: 0.5 }, { key: 'births', weight: 1 }];

describe('tuning', () => {
  test('goes there and back', () => {
    const draft = draftOf(options, weights);
    expect(draft.shares).toEqual({ no_diploma: 50 });
    expect(faults(draft)).toEqual(new Set());
    expect(tuningOf(draft)).toEqual({ options, weights: { no_diploma: 0.5 } });
  });

  test.each<[string, Partial<Draft>]>([
    ['near', { near: null }],
    ['near', { near: 7.5 }],
    ['far', { far: 10 }],
    ['far', { far: 1441 }],
    ['bands', { bands: [] }],
    ['bands.1', { bands: [{ minutes: 20, weight: 1 }, { minutes: 20, weight: 0.5 }] }],
    ['bands.0', { bands: [{ minutes: 20, weight: 0 }] }],
    ['served', { served: 0 }],
    ['detour', { detour: 0.9 }],
    ['speed', { speed: 301 }],
    ['priority.assist', { priority: { ...options.priority, assist: -1 } }],
    ['shares.no_diploma', { shares: { no_diploma: 101 } }],
  ])('says that %s cannot be taken', (name, some) => {
    expect([...faults({ ...draftOf(options, weights), ...some })]).toEqual([name]);
  });
});

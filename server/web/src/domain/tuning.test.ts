/** Tuning: what comes from the server goes back unchanged, and what the server would refuse is told before. */
import { describe, expect, test } from 'vitest';
import type { Options } from './generated/portrait';
import { draftOf, faults, tuningOf, type Draft, type Fault } from './tuning';

const options: Options = {
  thresholdsMinutes: [15, 30], bands: [{ minutes: 15, weight: 1 }, { minutes: 30, weight: 0.42 }], peopleServedPerWeeklyHour: 23,
  detourFactor: 1.3, speedKmh: 45, priority: { inform: 1, equip: 1, assist: 1, train: 1, repair: 1, fragility: 1, exposure: 1 },
};
const weights = [{ key: 'no_diploma', weight: 0.5 }, { key: 'births', weight: 1 }];

describe('tuning', () => {
  test('goes there and back', () => {
    const draft = draftOf(options, weights);
    expect(draft.shares).toEqual({ no_diploma: 50 });
    expect(faults(draft)).toEqual(new Map());
    expect(tuningOf(draft)).toEqual({ options, weights: { no_diploma: 0.5 } });
  });

  test.each<[string, Fault, Partial<Draft>]>([
    ['near', 'number', { near: null }],
    ['near', 'whole', { near: 7.5 }],
    ['far', 'order', { far: 10 }],
    ['far', 'bounds', { far: 1441 }],
    ['bands', 'bounds', { bands: [] }],
    ['bands.1.minutes', 'order', { bands: [{ minutes: 20, weight: 1 }, { minutes: 20, weight: 0.5 }] }],
    ['bands.0.weight', 'bounds', { bands: [{ minutes: 20, weight: 0 }] }],
    ['bands.0.weight', 'number', { bands: [{ minutes: 20, weight: null }] }],
    ['served', 'bounds', { served: 0 }],
    ['detour', 'bounds', { detour: 0.9 }],
    ['speed', 'bounds', { speed: 301 }],
    ['priority.assist', 'bounds', { priority: { ...options.priority, assist: -1 } }],
    ['shares.no_diploma', 'bounds', { shares: { no_diploma: 101 } }],
  ])('says that %s cannot be taken, and why: %s', (name, fault, some) => {
    expect([...faults({ ...draftOf(options, weights), ...some })]).toEqual([[name, fault]]);
  });
});

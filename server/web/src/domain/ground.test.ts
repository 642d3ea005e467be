/** The ground of a map: middles, insides, pins. */
import { describe, expect, test } from 'vitest';
import { contains, middleOf, pinOf, type Geometry } from './ground';
import type { Structure } from './record';

const square = (x: number, y: number, side: number): number[][] => [
  [x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y],
];
const island: Geometry = { type: 'MultiPolygon', coordinates: [[square(10, 10, 1)], [square(0, 0, 4), square(1, 1, 2)]] };

describe('a commune', () => {
  test('has its name in the middle of its largest part', () => {
    expect(middleOf({ type: 'Polygon', coordinates: [square(-2, 48, 2)] })).toEqual({ latitude: 49, longitude: -1 });
    expect(middleOf(island)).toEqual({ latitude: 2, longitude: 2 });
    expect(middleOf({ type: 'Polygon', coordinates: [] })).toBeNull();
  });

  test('holds what stands in it, in any part, not in its holes', () => {
    const at = (longitude: number, latitude: number): boolean => contains(island, { latitude, longitude });
    expect([at(0.5, 0.5), at(10.5, 10.5), at(2, 2), at(5, 5)]).toEqual([true, true, false, false]);
  });
});

describe('a pin', () => {
  const structure = (fields: Structure['fields'], families: string[]): Structure => ({
    id: 'a', fields, helpers: [], confirmed: null, archived: null, validation: null, conflicts: [], findings: [],
    services: families.map((family, at) => ({ id: String(at), fields: { family } })),
  });

  test('tells each family once, in the field’s order, and is not there without coordinates', () => {
    const fields = { name: 'Médiathèque', latitude: 48.2, longitude: -2.05 };
    expect(pinOf(structure(fields, ['train', 'assist', 'train']))).toEqual({ id: 'a', ...fields, families: ['assist', 'train'] });
    expect(pinOf(structure({ name: 'Bus', latitude: 48.2 }, []))).toBeNull();
    expect(pinOf(structure({ ...fields, latitude: 4820 }, []))).toBeNull();
  });
});

/** Progress as it is drawn: gaps stay gaps, a figure holds until the next point. */
import { describe, expect, test } from 'vitest';
import type { FamilyHeadlines, Headlines } from './generated/study';
import { boundOf, ceilingOf, measured, plotOf } from './progress';
import { perFamily } from './testing-portrait';

const nothing: FamilyHeadlines = {
  structures: 0, services: 0, unknownCapacity: 0, weeklyHours: null, reachable: [null, null], hoursPerThousand: null, gap: null, gapShare: null,
};
const figures = (assist: Partial<FamilyHeadlines>, some: Partial<Headlines> = {}): Headlines => ({
  population: 1000, concerned: 300, vulnerability: { low: null, estimate: null, high: null }, communes: 4, described: 3, structures: 5,
  helpers: 0, thresholdsMinutes: [15, 30], reachable: [null, null],
  families: perFamily((family) => (family === 'assist' ? { ...nothing, ...assist } : nothing)), ...some,
});

describe('progress', () => {
  test('measures what a collection moves, and leaves missing what is missing', () => {
    const some = figures({ weeklyHours: 6, gap: 120, reachable: [0.5, 0.9], unknownCapacity: 1 });
    expect(measured(some, 'described', 'assist')).toBe(0.75);
    expect(measured(some, 'hours', 'assist')).toBe(6);
    expect(measured(some, 'reachable', 'assist')).toBe(0.5);
    expect(measured(some, 'gap', 'assist')).toBe(120);
    expect(measured(some, 'hours', 'train')).toBeNull();
    expect(measured(figures({}, { communes: 0 }), 'described', 'assist')).toBeNull();
    expect([boundOf(some, 'hours', 'assist'), boundOf(some, 'gap', 'assist'), boundOf(some, 'described', 'assist'), boundOf(some, 'gap', 'train')])
      .toEqual(['least', 'most', 'exact', 'exact']);
  });

  test('draws steps, and breaks the line where a figure is missing', () => {
    const points = [0, 1, null, 2].map((value, day) => ({ day, value, name: null }));
    expect(plotOf(points, { width: 300, height: 100, top: null })).toEqual({
      paths: ['M0 100H100V50H200', 'M300 0'],
      dots: [{ x: 0, y: 100, at: 0 }, { x: 100, y: 50, at: 1 }, { x: 300, y: 0, at: 3 }],
      top: 2,
    });
    expect(plotOf([{ day: 5, value: 0.5, name: null }], { width: 300, height: 100, top: 1 }).dots).toEqual([{ x: 300, y: 50, at: 0 }]);
    expect(plotOf([], { width: 300, height: 100, top: null }).paths).toEqual([]);
  });

  test('ends its scale at a pleasant number', () => {
    expect([0, 0.4, 1, 3, 7, 20, 4321].map(ceilingOf)).toEqual([1, 0.5, 1, 5, 10, 20, 5000]);
  });
});

/** Contours as a drawing: true to shape, within its frame, walked with the arrow keys. */
import { describe, expect, test } from 'vitest';
import { drawing, linesOf, nearest, neighbour, labelsOf, type Feature, type Shape } from './projection';

const square = (code: string, x: number, y: number, side = 1): Feature => ({
  properties: { code, name: code },
  geometry: { type: 'Polygon', coordinates: [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]] },
});

// Goal: a commune stands among its nearest, itself first. Method: at 60° north, where east is half as far as north.
test('the nearest communes are those whose middles are, itself first', () => {
  const bare: Feature = { properties: { code: 'bare', name: '' }, geometry: null };
  const all = [square('north', 0, 61.5), square('far', 9, 59.5), square('east', 3, 59.5), bare, square('here', 0, 59.5)];
  const codes = (code: string, most: number): string[] => nearest(all, code, most).map(({ properties }) => properties.code);
  expect(codes('here', 3)).toEqual(['here', 'east', 'north']);
  expect(codes('here', 9)).toEqual(['here', 'east', 'north', 'far']);
  expect([codes('bare', 3), codes('nowhere', 3)]).toEqual([[], []]);
});

describe('a drawing', () => {
  test('is as wide as it may be, north up, squeezed as a degree of longitude is', () => {
    const { width, height, shapes } = drawing([square('a', -2, 59.5)], 208, 1000);
    // At 60° a degree of longitude is half a degree of latitude.
    expect([width, height]).toEqual([208, 408]);
    expect(shapes[0]).toMatchObject({ x: 104, y: 204, width: 200, height: 400, path: 'M4 404L204 404L204 4L4 4L4 404Z' });
  });
  test('is no higher than it may be, and stands in the middle then', () => {
    const { width, height, shapes } = drawing([square('a', 0, -0.5)], 500, 108);
    expect([width, height, shapes[0]?.x]).toEqual([500, 108, 250]);
  });
  test('leaves out a commune without a contour, and has nothing to show of none', () => {
    const bare: Feature = { properties: { code: 'b', name: 'b' }, geometry: null };
    expect(drawing([square('a', 0, 0), bare], 200, 200).shapes.map(({ code }) => code)).toEqual(['a']);
    expect(drawing([bare], 200, 200)).toEqual({ width: 200, height: 0, shapes: [] });
    expect(drawing([square('a', 0, 0)], 0, 200).shapes).toEqual([]);
  });
  test('draws the parts and the holes of a commune in one path', () => {
    const parts: Feature = {
      properties: { code: 'a', name: 'a' },
      geometry: { type: 'MultiPolygon', coordinates: [[[[0, 0], [4, 0], [4, 4], [0, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]], [[[9, 9], [10, 9], [10, 10], [9, 9]]]] },
    };
    expect(drawing([parts], 200, 200).shapes[0]?.path.match(/M/g)).toHaveLength(3);
  });
});

describe('the arrow keys', () => {
  const { shapes } = drawing([square('sw', 0, 0), square('se', 1, 0), square('nw', 0, 1), square('ne', 1, 1), square('far', 5, 0)], 600, 600);
  test('lead to the nearest that way, and nowhere at the edge', () => {
    expect(neighbour(shapes, 'sw', 'right')).toBe('se');
    expect(neighbour(shapes, 'se', 'right')).toBe('far');
    expect(neighbour(shapes, 'sw', 'up')).toBe('nw');
    expect(neighbour(shapes, 'ne', 'down')).toBe('se');
    expect(neighbour(shapes, 'ne', 'left')).toBe('nw');
    expect(neighbour(shapes, 'nw', 'up')).toBe('nw');
  });
  test('begin somewhere', () => {
    expect([neighbour(shapes, null, 'left'), neighbour([], null, 'left')]).toEqual(['sw', null]);
  });
});

test('a name stands where it has room, on one line or two', () => {
  expect(linesOf({ name: 'Gaël', width: 60, height: 40 })).toEqual(['Gaël']);
  expect(linesOf({ name: 'Saint-Onen-la-Chapelle', width: 110, height: 60 })).toEqual(['Saint-Onen-', 'la-Chapelle']);
  expect(linesOf({ name: 'Saint-Onen-la-Chapelle', width: 110, height: 40 })).toEqual([]);
  expect(linesOf({ name: 'Irodouër', width: 40, height: 90 })).toEqual([]);
});

test('names stand where they fit; on a map of small communes the largest towns do, none over another', () => {
  const shape = (code: string, x: number, width: number): Shape => ({ code, name: `Ville ${code}`, path: '', x, y: 0, width, height: 100 });
  const inhabitants = (code: string): number => Number(code);
  const names = (shapes: Shape[]): string[] => labelsOf(shapes, inhabitants).map(({ shape: { code } }) => code);
  expect(names([shape('1', 0, 200), shape('2', 300, 200), shape('3', 600, 5)])).toEqual(['1', '2']);
  expect(names([shape('1', 0, 200), ...['2', '3', '4', '5'].map((code) => shape(code, 20 * Number(code), 5))])).toEqual(['5', '2']);
});

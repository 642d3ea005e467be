/**
 * Contours as a drawing: degrees become pixels (equirectangular at the middle latitude, true enough for a territory),
 * and a way to walk from commune to commune with the arrow keys.
 */
import { middleOf, type Geometry } from './ground';

export interface Feature {
  properties: { code: string; name: string };
  geometry: Geometry | null;
}

/** A commune as it is drawn. */
export interface Shape {
  code: string;
  name: string;
  /** The `d` of an SVG path. */
  path: string;
  /** Where its name stands. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Drawing {
  width: number;
  height: number;
  shapes: Shape[];
}

/** How far the drawing stays from its edge, for the line of what is chosen. */
const MARGIN = 4;
const DEGREE = Math.PI / 180;

const rings = (geometry: Geometry): number[][][] =>
  geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();

/** Draws the contours as large as fits a width and a height. */
export function drawing(features: readonly Feature[], width: number, heightMost: number): Drawing {
  const drawn = features.flatMap(({ properties, geometry }) => (geometry === null ? [] : [{ ...properties, geometry }]));
  const points = drawn.flatMap(({ geometry }) => rings(geometry).flat());
  const box = boxOf(points);
  if (box === null || width <= 2 * MARGIN) return { width, height: 0, shapes: [] };
  const squeeze = Math.cos(((box.top + box.bottom) / 2) * DEGREE);
  const [wide, high] = [Math.max((box.right - box.left) * squeeze, 1e-9), Math.max(box.bottom - box.top, 1e-9)];
  const scale = Math.min((width - 2 * MARGIN) / wide, (heightMost - 2 * MARGIN) / high);
  const across = (width - wide * scale) / 2;
  const place = ([x = 0, y = 0]: readonly number[]): [number, number] => [
    tenth(across + (x - box.left) * squeeze * scale),
    tenth(MARGIN + (box.bottom - y) * scale),
  ];
  const shapes = drawn.map(({ code, name, geometry }): Shape => {
    const placed = rings(geometry).map((ring) => ring.map(place));
    const own = boxOf(placed.flat()) ?? { left: 0, right: 0, top: 0, bottom: 0 };
    const middle = middleOf(geometry);
    const [x, y] = middle === null ? [(own.left + own.right) / 2, (own.top + own.bottom) / 2] : place([middle.longitude, middle.latitude]);
    const path = placed.map((ring) => `M${ring.map(([px, py]) => `${px} ${py}`).join('L')}Z`).join('');
    return { code, name, path, x, y, width: own.right - own.left, height: own.bottom - own.top };
  });
  return { width, height: Math.ceil(high * scale + 2 * MARGIN), shapes };
}

const tenth = (pixels: number): number => Math.round(pixels * 10) / 10;

function boxOf(points: readonly (readonly number[])[]): { left: number; right: number; top: number; bottom: number } | null {
  let box: { left: number; right: number; top: number; bottom: number } | null = null;
  for (const [x, y] of points) {
    if (x === undefined || y === undefined) continue;
    box ??= { left: x, right: x, top: y, bottom: y };
    box = { left: Math.min(box.left, x), right: Math.max(box.right, x), top: Math.min(box.top, y), bottom: Math.max(box.bottom, y) };
  }
  return box;
}

/** The communes nearest to one by their middles, that one first; as many as are asked for. */
export function nearest<F extends Feature>(features: readonly F[], code: string, most: number): F[] {
  const placed = features.flatMap((feature) => {
    const middle = feature.geometry === null ? null : middleOf(feature.geometry);
    return middle === null ? [] : [{ feature, ...middle }];
  });
  const here = placed.find(({ feature }) => feature.properties.code === code);
  if (here === undefined) return [];
  const squeeze = Math.cos(here.latitude * DEGREE);
  const far = ({ latitude, longitude }: { latitude: number; longitude: number }): number =>
    Math.hypot((longitude - here.longitude) * squeeze, latitude - here.latitude);
  return placed.sort((a, b) => far(a) - far(b)).slice(0, most).map(({ feature }) => feature);
}

export type Towards = 'left' | 'right' | 'up' | 'down';
const WAYS: Record<Towards, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** The commune that an arrow key leads to: the nearest that lies more that way than aside. None: the same one. */
export function neighbour(shapes: readonly Shape[], from: string | null, towards: Towards): string | null {
  const here = shapes.find(({ code }) => code === from);
  if (here === undefined) return shapes[0]?.code ?? null;
  const [dx, dy] = WAYS[towards];
  let best: { code: string; far: number } | null = null;
  for (const { code, x, y } of shapes) {
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    if (code === from || ahead <= 0 || aside > ahead) continue;
    const far = ahead + aside;
    if (best === null || far < best.far) best = { code, far };
  }
  return best?.code ?? here.code;
}

/** How many names stand on a map whose communes are too small for theirs. */
const TOWNS = 10;

/**
 * The names that stand on a map: those that fit into their communes; where that is few of them, the largest towns instead,
 * for orientation, none over another.
 */
export function labelsOf(shapes: readonly Shape[], inhabitants: (code: string) => number): { shape: Shape; lines: string[] }[] {
  const fitting = shapes.map((shape) => ({ shape, lines: linesOf(shape) })).filter(({ lines }) => lines.length > 0);
  if (fitting.length * 3 >= shapes.length) return fitting;
  const chosen: Shape[] = [];
  for (const shape of [...shapes].sort((a, b) => inhabitants(b.code) - inhabitants(a.code)).slice(0, 3 * TOWNS)) {
    const apart = chosen.every((other) =>
      Math.abs(other.y - shape.y) > LINE || Math.abs(other.x - shape.x) > ((other.name.length + shape.name.length) * LETTER) / 2);
    if (apart && chosen.length < TOWNS) chosen.push(shape);
  }
  return chosen.map((shape) => ({ shape, lines: [shape.name] }));
}

/** A letter's width in the small type of a map, and a line's height, more or less. */
const LETTER = 7;
const LINE = 17;

/** A name in the lines that fit into its commune: one, two, or none. */
export function linesOf({ name, width, height }: Pick<Shape, 'name' | 'width' | 'height'>): string[] {
  const fits = (line: string): boolean => line.length * LETTER <= width * 0.8;
  if (height < 2 * LINE) return [];
  if (fits(name)) return [name];
  if (height < 3 * LINE) return [];
  const splits = [...name.matchAll(/[ -]/g)].map(({ index, 0: mark }) => {
    const end = mark === '-' ? index + 1 : index;
    return [name.slice(0, end), name.slice(index + 1)];
  });
  const longest = (lines: string[]): number => Math.max(...lines.map((line) => line.length));
  const [best] = splits.sort((a, b) => longest(a) - longest(b));
  return best !== undefined && best.every(fits) ? best : [];
}

/** The ground of a map, as pure geometry: the middle of a commune, whether a point is in it, what a structure's pin shows. */
import { FAMILIES } from './generated/schema';
import type { Structure } from './record';

export type Position = number[];
export type Geometry =
  | { type: 'Polygon'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] };

/** A point as a map takes it. */
export interface Point {
  latitude: number;
  longitude: number;
}

const polygons = (geometry: Geometry): Position[][][] =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;

/** Twice the signed area of a ring, and its centroid's sums (the shoelace formula). */
function sums(ring: Position[]): { area: number; x: number; y: number } {
  let area = 0;
  let x = 0;
  let y = 0;
  for (let at = 0; at + 1 < ring.length; at++) {
    const [x1 = 0, y1 = 0] = ring[at] ?? [];
    const [x2 = 0, y2 = 0] = ring[at + 1] ?? [];
    const cross = x1 * y2 - x2 * y1;
    area += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  }
  return { area, x, y };
}

/** Where a commune's name stands: the centroid of its largest part. */
export function middleOf(geometry: Geometry): Point | null {
  let best: { area: number; x: number; y: number } | null = null;
  for (const [outer] of polygons(geometry)) {
    if (outer === undefined) continue;
    const found = sums(outer);
    if (best === null || Math.abs(found.area) > Math.abs(best.area)) best = found;
  }
  if (best === null || best.area === 0) return null;
  return { latitude: best.y / (3 * best.area), longitude: best.x / (3 * best.area) };
}

/** Whether a point stands in a commune; a hole is not in it. */
export function contains(geometry: Geometry, { latitude, longitude }: Point): boolean {
  return polygons(geometry).some((rings) => {
    let inside = false;
    for (const ring of rings) {
      for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
        const [x1 = 0, y1 = 0] = ring[at] ?? [];
        const [x2 = 0, y2 = 0] = ring[before] ?? [];
        if (y1 > latitude !== y2 > latitude && longitude < ((x2 - x1) * (latitude - y1)) / (y2 - y1) + x1) {
          inside = !inside;
        }
      }
    }
    return inside;
  });
}

/** What a map shows of a structure. */
export interface Pin extends Point {
  id: string;
  name: string;
  /** The families of its services, each once, in the field's order, the first one shown. Empty: nothing is known. */
  families: string[];
}

/** A structure's pin; nothing without coordinates: a commune's middle would tell something untrue. */
export function pinOf(structure: Structure): Pin | null {
  const { latitude, longitude, name } = structure.fields;
  if (latitude === undefined || longitude === undefined) return null;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  const given = new Set(structure.services.flatMap(({ fields }) => (fields.family === undefined ? [] : [fields.family])));
  const families = [...new Set([...FAMILIES.filter((family) => given.has(family)), ...given])];
  return { id: structure.id, name: name ?? '', latitude, longitude, families };
}

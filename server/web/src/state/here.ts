/** The commune in which this device stands, by the contours that the server gave. */
import { contains, type Point } from '../domain/ground';
import { shapes } from './shapes.svelte';

/** `null` outside the territory, and while its contours are not on this device. */
export async function communeHere(point: Point): Promise<string | null> {
  await shapes.open();
  return shapes.known?.features.find(({ geometry }) => contains(geometry, point))?.properties.code ?? null;
}

// Many records quickly: a file of made-up places, brought in as a référent·e would.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Communes of the territory: code, name, postcode and about where they are.
 *
 * @type {[string, string, string, number, number][]}
 */
const COMMUNES = [
  ['35184', 'Montauban-de-Bretagne', '35360', 48.2, -2.05],
  ['35297', 'Saint-Méen-le-Grand', '35290', 48.19, -2.19],
  ['35171', 'Médréac', '35360', 48.27, -2.06],
];
const KINDS = ['Mairie', 'Médiathèque', 'Centre social', 'France Services', 'Association'];
const FAMILIES = ['inform', 'equip', 'assist', 'train', 'repair'];

/** The name of a seeded place. @param {number} n from 1 */
export function nameOf(n) {
  return `${KINDS[n % KINDS.length]} n° ${String(n).padStart(4, '0')}`;
}

/**
 * Brings so many places in.
 *
 * @param {import('./server.mjs').Server} server
 * @param {number} count
 */
export async function seed(server, count) {
  const lines = ['name,kind,postcode,commune,commune_name,latitude,longitude,phone,opening_hours,summary,sources,family'];
  for (let n = 1; n <= count; n += 1) {
    const [code, commune, postcode, latitude, longitude] = COMMUNES[n % COMMUNES.length];
    const [north, east] = [latitude + (n % 31) / 2000, longitude + (n % 37) / 2000];
    const phone = `02 61 91 ${String(Math.floor(n / 100)).padStart(2, '0')} ${String(n % 100).padStart(2, '0')}`;
    const family = FAMILIES[n % FAMILIES.length];
    lines.push(
      [
        nameOf(n), KINDS[n % KINDS.length], postcode, code, commune, north.toFixed(5), east.toFixed(5), phone,
        'Mo-Fr 09:00-12:30', `Lieu inventé numéro ${n}`, 'Données inventées', family,
      ].join(','),
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'portrea-seed-'));
  try {
    const file = join(folder, 'places.csv');
    await writeFile(file, `${lines.join('\n')}\n`);
    await server.import(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

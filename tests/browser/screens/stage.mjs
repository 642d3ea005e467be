// The stage of the screens: the demonstration at one frozen moment, so that each drawing has the same pixels. The
// server's clock is held by libfaketime, those of pages and workers by what a front puts before every script.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, Front } from '../harness/front.mjs';
import { Person } from '../harness/person.mjs';
import { ROOT } from '../harness/programs.mjs';
import { Server } from '../harness/server.mjs';

/** A Tuesday on which most places are open. */
const NOW = '2026-09-15T10:24:00+02:00';
/** Drawn in one way: whole, by one thread, without the help of a graphics card. */
const SAME_PIXELS = [
  '--disable-gpu', '--disable-partial-raster', '--num-raster-threads=1', '--disable-lcd-text', '--font-render-hinting=none',
  '--force-color-profile=srgb', '--disable-skia-runtime-opts',
];
/** The first of the ports that people's browsers see; it stands in pictures. */
const PORT = 8431;
const PLACES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`);

/** The held clock of every script, in pages and workers. */
const FROZEN = before(
  '__portreaFrozen',
  `const Right=Date,now=Right.parse(${JSON.stringify(NOW)});
   globalThis.Date=class Date extends Right{
     constructor(...given){given.length===0?super(now):super(...given)}
     static now(){return now}};`,
);

/** Real files beside the checkout; a fresh machine does not have them. */
const DATA = join(ROOT, '../shared/data');
export const hasData = existsSync(DATA);

/** The files of a territory that is real, with every public statistic and the France Services places; `null` of another set. */
function real(set) {
  const [name, file] = { département: ['Ille-et-Vilaine', 'ille-et-vilaine'], région: ['Bretagne', 'bretagne'] }[set] ?? [];
  if (name === undefined) return null;
  const needs = readdirSync(join(DATA, 'needs')).sort().map((each) => join(DATA, 'needs', each));
  return { name, communes: join(DATA, `territories/${file}.geojson`), needs, places: join(DATA, 'resources/france-services.csv') };
}

export class Stage {
  #server;
  #front;
  /** @type {Person[]} */
  #people = [];

  constructor(server, front) {
    this.#server = server;
    this.#front = front;
  }

  /** @param {'demonstration' | 'empty' | 'département' | 'région'} [set] what is there when the curtain rises */
  static async open(set = 'demonstration') {
    const library = PLACES.find((place) => existsSync(place));
    if (library === undefined) throw new Error('libfaketime is missing: sudo apt-get install faketime');
    const environment = {
      LD_PRELOAD: library,
      // As the server's own clock reads it, in UTC.
      FAKETIME: new Date(NOW).toISOString().slice(0, 19).replace('T', ' '),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      TZ: 'UTC',
    };
    const files = real(set);
    const server = files !== null ? await Server.of(files, environment) : await Server[set === 'empty' ? 'start' : 'demo'](environment);
    const front = await Front.open(() => server.address, FROZEN);
    return new Stage(server, front);
  }

  get server() {
    return this.#server;
  }

  /** @param {import('../harness/server.mjs').Role} role */
  link(role) {
    return this.#server.links?.[role] ?? '';
  }

  /** Somebody at the door. */
  async arrives(name) {
    const person = await Person.arrives(name, () => this.#front.address, { port: PORT + this.#people.length, args: SAME_PIXELS });
    this.#people.push(person);
    return person;
  }

  /** Somebody who is in. */
  async comes(name, role) {
    const person = await this.arrives(name);
    await person.comesIn(this.#server.links === null ? await this.#server.invite(role) : this.link(role));
    return person;
  }

  /** A browser that keeps nothing. */
  async guards(name, role, rewrite) {
    this.#front.rewrite = (served) => rewrite({ ...served, text: FROZEN(served) });
    const person = await this.comes(name, role);
    this.#front.rewrite = FROZEN;
    return person;
  }

  async close() {
    await Promise.allSettled(this.#people.map(({ browser }) => browser.close()));
    await this.#front.close();
    await this.#server.close();
  }
}


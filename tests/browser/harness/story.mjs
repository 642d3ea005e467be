// The story language: `story('…', async ({ server, comes, device }) => …)`. A story has a server of its own, people
// with browsers of their own, and devices of the `portrea` command; all of it is gone when it ends. A story fails when
// anything went wrong in a browser that nobody expected, and then leaves its pictures behind.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { Device } from './device.mjs';
import { Front } from './front.mjs';
import { Person } from './person.mjs';
import { REMAINS } from './programs.mjs';
import { Server } from './server.mjs';
import { within } from './until.mjs';

/** The longest that a story may take. */
const STORY_MS = 180_000;

/**
 * @typedef {object} Scene
 * @property {Server} server
 * @property {(name: string, role?: import('./server.mjs').Role, wishes?: Wishes) => Promise<Person>} comes somebody
 *   comes in by an invitation, and has the directory
 * @property {(name: string, wishes?: Wishes) => Promise<Person>} arrives somebody stands at the door
 * @property {(name: string, role?: import('./server.mjs').Role) => Promise<Device>} device a device of the command
 * @property {(rewrite: (served: import('./front.mjs').Served) => string) => Promise<Front>} front a web server in front
 *   that changes what is served; people reach it by `{ through: front }`
 * @property {(text: string) => void} says prints a line beside the result
 */

/** @typedef {import('./browser.mjs').Wishes & { through?: Front }} Wishes */

/**
 * @param {string} title
 * @param {(scene: Scene) => Promise<void>} tell
 * @param {() => Promise<Server>} [begin] with which server; an empty territory of the demonstration's communes without it
 */
export function story(title, tell, begin = () => Server.start()) {
  test(title, async (context) => {
    /** @type {Person[]} */
    const people = [];
    /** @type {{ close(): Promise<void> }[]} */
    const things = [];
    const keep = (thing) => (things.push(thing), thing);
    const server = keep(await begin());
    server.gone = () => people.forEach(({ browser }) => (browser.line.wasCut = true));
    /** @type {Scene['arrives']} */
    const arrives = async (name, { through, ...wishes } = {}) => {
      const person = await Person.arrives(name, () => (through ?? server).address, wishes);
      people.push(person);
      return person;
    };
    /** @type {Scene} */
    const scene = {
      server,
      arrives,
      comes: async (name, role = 'contributor', wishes = {}) => {
        const person = await arrives(name, wishes);
        await person.comesIn(await server.invite(role));
        return person;
      },
      device: async (name, role = 'contributor') => keep(await Device.join(await server.invite(role), name)),
      front: async (rewrite) => keep(await Front.open(() => server.address, rewrite)),
      says: (text) => context.diagnostic(text),
    };
    try {
      // Told by us and not by the runner: what is open must be closed whatever happens.
      await within('the story', tell(scene), STORY_MS);
      const problems = people.flatMap(({ name, browser }) => browser.problems.map((problem) => `${name}: ${problem}`));
      if (problems.length > 0) throw new Error(problems.join('\n'));
    } catch (error) {
      await remember(title, people, server).catch((why) => context.diagnostic(`no pictures: ${why}`));
      throw error;
    } finally {
      await Promise.allSettled(people.map(({ browser }) => within('a browser closes', browser.close())));
      // The server last: what stands before it is closed by then.
      for (const thing of things.reverse()) await thing.close();
    }
  });
}

/** Leaves what each person saw, and what went wrong for them, where it can be looked at. */
async function remember(title, people, server) {
  const folder = join(REMAINS, title.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'server.log'), server.log);
  for (const { name, browser } of people) {
    await writeFile(join(folder, `${name}.problems.txt`), browser.problems.join('\n'));
    for (const [index, page] of browser.context.pages().entries()) {
      const path = join(folder, `${name}-${index + 1}`);
      await page.screenshot({ path: `${path}.png`, timeout: 5_000 }).catch(() => {});
      const tree = await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String);
      await writeFile(`${path}.txt`, `${page.url()}\n${tree}\n`);
    }
  }
}

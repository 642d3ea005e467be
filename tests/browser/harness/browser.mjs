// One person's browser: the system's Chromium with a profile of its own, on a network of its own (cut.mjs). What goes
// wrong in it is noted and told at the end: errors of pages and workers, and whatever leaves for another host.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { Line } from './cut.mjs';
import { chromium } from './programs.mjs';
import { DEADLINE } from './until.mjs';
import { Witness } from './witness.mjs';

/** What Chromium says of a network that is away: its own words, not the app's. */
const OF_THE_NETWORK = /net::ERR_|WebSocket connection to|WebSocket is closed before|status of 50[234]/;

/**
 * @typedef {object} Wishes
 * @property {{ width: number, height: number }} [viewport]
 * @property {'light' | 'dark'} [colorScheme]
 * @property {string[]} [hosts] other hosts that the person goes to on purpose, as `host:port`
 * @property {number} [port] the port of the app's origin, where it is shown
 * @property {Record<string, unknown>} [preferences] Chromium's own settings, as its profile keeps them
 * @property {string[]} [args] Chromium's own switches
 */

export class Browser {
  #profile;
  #wishes;
  #line;
  #witness;
  /** @type {import('playwright-core').BrowserContext | null} */
  #context = null;
  #problems = [];
  #expected = [];

  /** @param {{ profile: string, line: Line, witness: Witness, wishes: Wishes }} parts */
  constructor({ profile, line, witness, wishes }) {
    this.#profile = profile;
    this.#line = line;
    this.#witness = witness;
    this.#wishes = wishes;
  }

  /**
   * Starts a browser on a line of its own to the server.
   *
   * @param {() => string} target `host:port`
   * @param {Wishes} [wishes]
   */
  static async start(target, wishes = {}) {
    const profile = await mkdtemp(join(tmpdir(), 'portrea-profile-'));
    if (wishes.preferences !== undefined) {
      await mkdir(join(profile, 'Default'));
      await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(wishes.preferences));
    }
    const [line, witness] = await Promise.all([Line.open(target, wishes.port), Witness.stand()]);
    const browser = new Browser({ profile, line, witness, wishes });
    await browser.#launch();
    return browser;
  }

  get line() {
    return this.#line;
  }

  get context() {
    if (this.#context === null) throw new Error('this browser is closed');
    return this.#context;
  }

  /** Says that an error is part of the story. @param {RegExp} words */
  expects(words) {
    this.#expected.push(words);
  }

  /** Closes every window and opens the browser again, with the profile that it had. */
  async again() {
    await this.#context?.close();
    await this.#launch();
  }

  /** What went wrong, and nobody expected; empty when all is well. */
  get problems() {
    const away = this.#witness.seen.map((what) => `left for another host: ${what}`);
    const expected = this.#line.wasCut ? [...this.#expected, OF_THE_NETWORK] : this.#expected;
    const mine = this.#problems.filter((problem) => !expected.some((words) => words.test(problem)));
    return [...away, ...mine];
  }

  async close() {
    await this.#context?.close();
    this.#context = null;
    await Promise.all([this.#line.close(), this.#witness.close()]);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #launch() {
    const asRoot = process.getuid?.() === 0;
    const context = await playwright.launchPersistentContext(this.#profile, {
      executablePath: chromium(),
      headless: true,
      args: [
        ...(asRoot ? ['--no-sandbox'] : []),
        '--disable-dev-shm-usage',
        `--proxy-server=http://${this.#witness.address}`,
        `--proxy-bypass-list=${['<-loopback>', this.#line.address, ...(this.#wishes.hosts ?? [])].join(';')}`,
        ...(this.#wishes.args ?? []),
      ],
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      viewport: this.#wishes.viewport ?? { width: 1280, height: 800 },
      colorScheme: this.#wishes.colorScheme ?? 'light',
      reducedMotion: 'reduce',
      acceptDownloads: true,
      timeout: DEADLINE,
    });
    context.setDefaultTimeout(DEADLINE);
    context.on('request', (request) => this.#leaves(request.url()));
    context.on('weberror', (error) => this.#problems.push(`an error in a page: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      this.#problems.push(`an error on the console: ${message.text()} (${message.location().url})`);
    });
    this.#context = context;
  }

  #leaves(url) {
    const { protocol, host } = new URL(url);
    const inside = ['data:', 'blob:', 'about:', 'chrome:'].includes(protocol) || host === this.#line.address || this.#wishes.hosts?.includes(host);
    if (!inside) this.#problems.push(`left for another host: ${url}`);
  }
}

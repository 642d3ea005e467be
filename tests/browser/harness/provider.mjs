// A sign-in provider on the loopback, as another site: `tests/interop/provider`, with its own pages for signing in.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from './programs.mjs';
import { within } from './until.mjs';

const FOLDER = join(ROOT, 'tests/interop/provider');

export class Provider {
  #process;
  #asked = 0;
  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();
  issuer = '';

  /** @param {import('node:child_process').ChildProcess} process */
  constructor(process) {
    this.#process = process;
    createInterface({ input: process.stdout }).on('line', (line) => {
      const answer = JSON.parse(line);
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** Starts a provider that nobody may send people to yet. */
  static async start() {
    if (!existsSync(join(FOLDER, 'node_modules'))) throw new Error(`${FOLDER} is not installed: \`make tools\` does it`);
    const provider = new Provider(spawn('node', ['main.mjs'], { cwd: FOLDER, stdio: ['pipe', 'pipe', 'ignore'] }));
    provider.issuer = (await provider.#ask({ do: 'open' })).issuer;
    return provider;
  }

  /** Its `host:port`. */
  get host() {
    return new URL(this.issuer).host;
  }

  /** What a server needs to know whose pages have this origin. @param {string} origin */
  settings(origin) {
    return {
      PORTREA_BASE_URL: origin,
      PORTREA_OIDC_ISSUER: this.issuer,
      PORTREA_OIDC_CLIENT_ID: 'portrea',
      PORTREA_OIDC_CLIENT_SECRET: 'of the story',
      PORTREA_OIDC_NAME: 'ProConnect',
      NO_PROXY: '127.0.0.1,localhost',
    };
  }

  /** Lets the server of an origin send people here. @param {string} origin */
  async knows(origin) {
    await this.#ask({ do: 'client', back: `${origin}/api/v1/oidc/callback`, client: 'portrea', secret: 'of the story', byHand: true });
  }

  /** What it knows of somebody. @param {string} who @param {Record<string, string>} claims */
  async describes(who, claims) {
    await this.#ask({ do: 'person', who, people: { [who]: claims } });
  }

  /** Ends, as a provider that is down; it may have ended before. */
  async close() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill();
    await within('the provider ends', gone);
  }

  async #ask(command) {
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise((done) => this.#waiting.set(id, done));
    this.#process.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    const { ok, error } = await within(`the provider does ${command.do}`, answer);
    if (error !== undefined) throw new Error(error);
    return ok;
  }
}

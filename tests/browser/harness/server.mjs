// The real `portrea-server` with one territory, on a port and in a folder of its own. It can be killed and started
// again on the same port and data, and is gone, folder and all, when its story ends.

import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, cleanEnvironment, needApp, program } from './programs.mjs';
import { until, within } from './until.mjs';

const run = promisify(execFile);
/** The demonstration's 17 communes of Ille-et-Vilaine. */
const COMMUNES = join(ROOT, 'server/demo/communes.geojson');
const NEEDS = join(ROOT, 'server/demo/needs.csv');

/** @typedef {'reader' | 'contributor' | 'referent'} Role */

export class Server {
  #home;
  #listen = '127.0.0.1:0';
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;
  #log = [];
  #token = '';
  /** Told when it was killed: whoever is connected complains. */
  gone = () => {};
  territory = '';
  /** The référent·e's invitation that came with the territory. */
  invitation = '';

  /** More of the environment, for the server alone. @type {Record<string, string>} */
  #environment;
  /** The demonstration's links, by role. @type {Record<Role, string> | null} */
  links = null;

  /**
   * @param {string} home
   * @param {Record<string, string>} [environment]
   */
  constructor(home, environment = {}) {
    this.#home = home;
    this.#environment = environment;
  }

  /**
   * Starts a server with the demonstration's communes and figures, and no place.
   *
   * @param {Record<string, string>} [environment]
   */
  static async start(environment) {
    return Server.of({ name: 'CC de Saint-Méen Montauban', communes: COMMUNES, needs: [NEEDS] }, environment);
  }

  /**
   * Starts a server with a territory of these files.
   *
   * @param {{ name: string, communes: string, needs: string[], places?: string }} files places: as France Services are published
   * @param {Record<string, string>} [environment]
   */
  static async of({ name, communes, needs, places }, environment) {
    needApp();
    const server = new Server(await mkdtemp(join(tmpdir(), 'portrea-browser-')), environment);
    try {
      await server.#serve();
      const made = await server.#administer(['territory', 'create', '--name', name, '--communes', communes, ...needs.flatMap((file) => ['--needs', file])]);
      server.territory = made.territory;
      server.invitation = made.invitation;
      if (places !== undefined) await server.#administer(['import', '--territory', server.territory, places]);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /**
   * Starts the demonstration, as `make run` does.
   *
   * @param {Record<string, string>} [environment]
   */
  static async demo(environment) {
    needApp();
    const server = new Server(await mkdtemp(join(tmpdir(), 'portrea-demo-')), environment);
    try {
      const said = await server.#serve('demo');
      server.territory = said.territory;
      server.links = said.links;
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Where it listens: `127.0.0.1:PORT`. */
  get address() {
    return this.#listen;
  }

  /** What it logged, over all its lives. */
  get log() {
    return this.#log.join('\n');
  }

  /**
   * An invitation for any number of devices.
   *
   * @param {Role} role
   * @returns {Promise<string>} the link
   */
  async invite(role) {
    return (await this.#administer(['invite', '--territory', this.territory, '--role', role])).invitation;
  }

  /** Makes a second territory, of the same communes with their figures and no place, whose totals may be seen beside the first's. */
  async neighbour(name) {
    const made = await this.#administer(['territory', 'create', '--name', name, '--communes', COMMUNES, '--needs', NEEDS]);
    await this.#administer(['territory', 'compare', '--territory', made.territory]);
  }

  /** Brings a file of places in, in our own columns. */
  async import(file) {
    return this.#administer(['import', '--territory', this.territory, '--format', 'portrea', file]);
  }

  /**
   * What the server has, as any client with a session reads it: `/resources`, `/authors`, …
   *
   * @param {string} path under the territory
   * @returns {Promise<any>}
   */
  async read(path) {
    this.#token ||= await this.#signIn();
    const answer = await fetch(`http://${this.#listen}/api/v1/territories/${this.territory}${path}`, {
      headers: { authorization: `Bearer ${this.#token}`, accept: 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The structures that the server has, by name. */
  async structures() {
    const all = await this.read('/resources');
    return new Map(list(all).map((structure) => [structure.name, structure]));
  }

  /** Ends the process at once, as a crash or a power cut would. */
  async kill() {
    const ending = this.#process;
    this.#process = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((done) => ending.once('exit', done));
    this.gone();
    ending.kill('SIGKILL');
    await within('the killed server ends', gone);
  }

  /** Starts it again on the same port and data. */
  async restart() {
    await this.kill();
    // Another process may hold the port for a moment yet.
    await until('the server starts again', async () => (await this.#serve(), true));
  }

  /** Starts it again with more of the environment. @param {Record<string, string>} environment */
  async restartWith(environment) {
    this.#environment = { ...this.#environment, ...environment };
    await this.restart();
  }

  async close() {
    await this.kill();
    await rm(this.#home, { recursive: true, force: true });
  }

  async #signIn() {
    const token = (await this.invite('reader')).split('#').at(-1);
    const answer = await fetch(`http://${this.#listen}/api/v1/invitations/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, displayName: 'Le banc des témoins' }),
    });
    if (!answer.ok) throw new Error(`the witness is not let in: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).token;
  }

  async #serve(command = 'serve') {
    const words = [command, '--json', '--data', this.#data(), '--listen', this.#listen];
    const env = cleanEnvironment(this.#environment);
    const started = spawn(program('portrea-server'), words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = started;
    createInterface({ input: started.stderr }).on('line', (line) => this.#log.push(line));
    const said = new Promise((done, fail) => {
      createInterface({ input: started.stdout }).once('line', done);
      started.once('exit', (code) => fail(new Error(`portrea-server ended with ${code}:\n${this.log.slice(-4000)}`)));
    });
    said.catch(() => {});
    const told = JSON.parse(await within('the server says where it listens', said));
    this.#listen = told.listen ?? new URL(told.url).host;
    await until('the server is ready', async () => (await fetch(`http://${this.#listen}/readyz`)).ok);
    return told;
  }

  /** @param {string[]} words */
  async #administer(words) {
    const { stdout } = await run(program('portrea-server'), [...words, '--data', this.#data(), '--json'], {
      env: cleanEnvironment(),
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout);
  }

  #data() {
    return join(this.#home, 'data');
  }
}

/** The answer's list, whatever it is wrapped in. */
function list(answer) {
  if (Array.isArray(answer)) return answer;
  return answer.resources ?? answer.structures ?? answer.items ?? [];
}

// The `portrea` command as one more person: a device with a home of its own.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, program } from './programs.mjs';

const run = promisify(execFile);

export class Device {
  #home;

  /** @param {string} home */
  constructor(home) {
    this.#home = home;
  }

  /**
   * A device that joins by a link.
   *
   * @param {string} link
   * @param {string} name
   */
  static async join(link, name) {
    const device = new Device(await mkdtemp(join(tmpdir(), 'portrea-device-')));
    await device.run('join', link, '--name', name);
    return device;
  }

  /**
   * Runs the command; gives what it printed.
   *
   * @param {string[]} words
   * @returns {Promise<any>}
   */
  async run(...words) {
    const env = cleanEnvironment({ PORTREA_HOME: join(this.#home, 'device') });
    const { stdout } = await run(program('portrea'), [...words, '--json'], { env });
    return stdout === '' ? null : JSON.parse(stdout);
  }

  /** Sets a field of the structure that is called so. */
  async sets(structure, field, value, ...more) {
    await this.run('set', structure, field, value, ...more);
  }

  async sync() {
    await this.run('sync');
  }

  /** The structure as this device has it. */
  async shows(structure) {
    return this.run('show', structure, '--offline');
  }

  async close() {
    await rm(this.#home, { recursive: true, force: true });
  }
}

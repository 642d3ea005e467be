// The network of one browser: a TCP line to the server that can be cut and mended. The app's origin is the line's own
// address, so that a cut reaches pages, workers and service worker alike, which Chromium's offline switch does not.
// Bytes pass as they are.

import { connect, createServer } from 'node:net';

export class Line {
  #server;
  #target;
  #cut = false;
  #held = false;
  /** Whether it was ever cut, or the server gone: what a browser then complains of is no surprise. */
  wasCut = false;
  /** @type {Set<import('node:net').Socket>} */
  #open = new Set();
  /** What came while the line was held. @type {(() => void)[]} */
  #waiting = [];

  /** @param {() => string} target `host:port`, asked anew for each connection */
  constructor(target) {
    this.#target = target;
    this.#server = createServer((socket) => this.#take(socket));
  }

  /**
   * @param {() => string} target
   * @param {number} [port] a free one unless it is said
   */
  static async open(target, port = 0) {
    const line = new Line(target);
    await new Promise((done, fail) => {
      line.#server.once('error', fail);
      line.#server.listen(port, '127.0.0.1', () => done(undefined));
    });
    return line;
  }

  get address() {
    return `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  get origin() {
    return `http://${this.address}`;
  }

  /** How many connections stand. */
  get connections() {
    return this.#open.size / 2;
  }

  /** Cuts everything that stands, and whatever tries. The port stays taken, so that nobody else gets it meanwhile. */
  offline() {
    this.#cut = true;
    this.wasCut = true;
    this.#waiting = [];
    for (const socket of this.#open) socket.destroy();
  }

  online() {
    this.#cut = false;
  }

  /** A network that takes connections and lets nothing through, as a bad one in the country does. */
  hold() {
    this.#held = true;
    this.wasCut = true;
    for (const socket of this.#open) socket.pause();
  }

  /** Lets through what was held. */
  release() {
    this.#held = false;
    for (const socket of this.#open) socket.resume();
    for (const begin of this.#waiting.splice(0)) begin();
  }

  async close() {
    this.offline();
    await new Promise((done) => this.#server.close(done));
  }

  /** @param {import('node:net').Socket} near */
  #take(near) {
    if (this.#cut) return near.destroy();
    if (this.#held) return this.#waiting.push(() => (near.destroyed ? undefined : this.#join(near)));
    return this.#join(near);
  }

  #join(near) {
    const [host, port] = this.#target().split(':');
    const far = connect(Number(port), host);
    const ends = [near, far];
    for (const [index, end] of ends.entries()) {
      const other = ends[1 - index];
      this.#open.add(end);
      end.setNoDelay(true);
      end.pipe(other);
      // Whoever breaks takes the other along: a killed server must look killed from the browser.
      end.on('error', () => other.destroy());
      end.on('close', () => {
        this.#open.delete(end);
        other.destroy();
      });
    }
  }
}

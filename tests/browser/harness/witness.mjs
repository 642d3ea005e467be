// Whoever leaves for another host is seen here: Chromium sends everything that is not for the app's own address to this
// proxy, from pages, workers, service worker and the browser itself alike. It lets nobody through.

import { createServer } from 'node:http';

/** Chromium's own errands, which no page asked for and which its switches do not all stop. */
const THE_BROWSERS_OWN = [
  'accounts.google.com',
  'android.clients.google.com',
  'clients2.google.com',
  'clientservices.googleapis.com',
  'content-autofill.googleapis.com',
  'edgedl.me.gvt1.com',
  'optimizationguide-pa.googleapis.com',
  'redirector.gvt1.com',
  'safebrowsing.googleapis.com',
  'update.googleapis.com',
  'www.google.com',
];

export class Witness {
  #server;
  /** What somebody asked of another host. @type {string[]} */
  seen = [];

  constructor() {
    this.#server = createServer((request, response) => {
      this.#note(`${request.method} ${request.url}`, new URL(request.url ?? '', 'http://nowhere').hostname);
      response.writeHead(502).end();
    });
    this.#server.on('connect', (request, socket) => {
      this.#note(`CONNECT ${request.url}`, (request.url ?? '').split(':')[0]);
      socket.on('error', () => {});
      socket.end('HTTP/1.1 502 No way out\r\n\r\n');
    });
  }

  static async stand() {
    const witness = new Witness();
    await new Promise((done) => witness.#server.listen(0, '127.0.0.1', () => done(undefined)));
    return witness;
  }

  get address() {
    return `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #note(what, host) {
    if (!THE_BROWSERS_OWN.includes(host)) this.seen.push(what);
  }
}

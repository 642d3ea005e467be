// A web server in front of ours that changes what it serves: another clock in every script, a browser that keeps
// nothing, a newer version of the app. What stands in the scripts themselves reaches pages, shared and dedicated
// workers and the service worker, which no switch of Chromium's does.

import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';

/**
 * @typedef {object} Served
 * @property {string} path
 * @property {string} type the media type
 * @property {string} text
 */

export class Front {
  #server;
  #target;
  /**
   * What is made of each text that is served; may be replaced while it runs.
   *
   * @type {(served: Served) => string}
   */
  rewrite;
  /** What a path is called by the server. May be replaced while it runs. @type {(path: string) => string} */
  onward = (path) => path;
  /** Paths that get no answer at all: a server that is there for some things only. @type {(path: string) => boolean} */
  deaf = () => false;

  /**
   * @param {() => string} target `host:port`
   * @param {(served: Served) => string} rewrite
   */
  constructor(target, rewrite) {
    this.#target = target;
    this.rewrite = rewrite;
    this.#server = createServer((request, response) => this.#pass(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /**
   * @param {() => string} target
   * @param {(served: Served) => string} rewrite
   */
  static async open(target, rewrite) {
    const front = new Front(target, rewrite);
    await new Promise((done) => front.#server.listen(0, '127.0.0.1', () => done(undefined)));
    return front;
  }

  get address() {
    return `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #pass(request, response) {
    if (this.deaf(request.url ?? '')) return response.destroy();
    const [host, port] = this.#target().split(':');
    const headers = { ...request.headers };
    // Texts are rewritten as they are; a tag of the server's would be wrong for what we made of them.
    delete headers['accept-encoding'];
    delete headers['if-none-match'];
    const onward = ask({ host, port, method: request.method, path: this.onward(request.url ?? '/'), headers }, (answer) => {
      const type = String(answer.headers['content-type'] ?? '').split(';')[0];
      if (!['text/javascript', 'application/javascript', 'text/html', 'text/css'].includes(type)) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        return;
      }
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const path = new URL(request.url ?? '/', 'http://here').pathname;
        const text = this.rewrite({ path, type, text: Buffer.concat(parts).toString('utf8') });
        const changed = { ...answer.headers };
        for (const name of ['etag', 'content-length', 'transfer-encoding']) delete changed[name];
        response.writeHead(answer.statusCode ?? 502, { ...changed, 'content-length': Buffer.byteLength(text) });
        response.end(text);
      });
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #upgrade(request, near, head) {
    if (this.deaf(request.url ?? '')) return near.destroy();
    const [host, port] = this.#target().split(':');
    const far = connect(Number(port), host, () => {
      const lines = request.rawHeaders.reduce((all, word, at) => all + (at % 2 === 0 ? `${word}: ` : `${word}\r\n`), '');
      far.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`);
      far.write(head);
      near.pipe(far);
      far.pipe(near);
    });
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }
}

/**
 * Puts words of ours before every script. A module's imports run before its own first line, so each file has them, and
 * the first to run takes effect.
 *
 * @param {string} name what the words are called in the page, so that they run once
 * @param {string} words
 * @returns {(served: Served) => string}
 */
export function before(name, words) {
  const guarded = `if(!globalThis[${JSON.stringify(name)}]){globalThis[${JSON.stringify(name)}]=true;${words}}\n`;
  return ({ type, text }) => (type.endsWith('javascript') ? guarded + text : text);
}

/** A clock that is wrong by so many milliseconds, wherever a script asks for the time. */
export function wrongClock(offset) {
  return before(
    '__portreaWrongClock',
    `const Right=Date,off=${offset};
     globalThis.Date=class Date extends Right{
       constructor(...given){given.length===0?super(Right.now()+off):super(...given)}
       static now(){return Right.now()+off}};`,
  );
}

/** A browser that refuses IndexedDB in pages and workers, and shares no worker, as some private modes do. */
export function nothingKept() {
  return before(
    '__portreaNothingKept',
    `IDBFactory.prototype.open=()=>{throw new DOMException('refused','SecurityError')};
     delete globalThis.SharedWorker;`,
  );
}

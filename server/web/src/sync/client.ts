/** The page's end of the line to the worker. Pages import this, never the worker's side. */
import { EditError } from '../domain/edit';
import type { Bye, Call, Commands, Reply, Told } from './messages';
import workerUrl from './worker.ts?worker&url';

/** The worker's commands, as functions. */
export type Client = Commands;

/** A shared worker's port, or a worker. */
interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

declare const __APP_VERSION__: string;

/** Starts or joins the worker, and listens. One worker serves every tab where the browser can share one. */
export function connect(heard: (told: Told) => void): Client {
  return converse(port(), heard);
}

/**
 * The name holds the version: a new page never talks to an old engine. Both share the storage and hear each other, so
 * that nothing is lost while an old page stays open beside a new one.
 */
const options = { type: 'module', name: `portrea ${__APP_VERSION__}` } as const;

function port(): Port {
  if (typeof SharedWorker === 'undefined') return alone();
  try {
    const shared = new SharedWorker(workerUrl, options);
    const line = orElse(shared.port, (failed) => shared.addEventListener('error', failed));
    // A tab that goes is not told any more. One that is kept for the way back stays connected.
    window.addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) shared.port.postMessage({ bye: true } satisfies Bye);
    });
    return line;
  } catch {
    // A browser that keeps nothing for this site may refuse to share a worker: each tab has its own then.
    return alone();
  }
}

function alone(): Port {
  return new Worker(workerUrl, options);
}

/** A shared worker that does not start (older browsers share classic ones alone) is replaced, and hears all again. */
export function orElse(first: Port, whenFailed: (failed: () => void) => void, second: () => Port = alone): Port {
  let spoke = false;
  let said: unknown[] = [];
  let now = first;
  const line: Port = {
    onmessage: null,
    postMessage: (message: unknown) => {
      if (!spoke) said.push(message);
      now.postMessage(message);
    },
  };
  const listen = (): void => {
    now.onmessage = (event) => {
      spoke = true;
      said = [];
      line.onmessage?.(event);
    };
  };
  whenFailed(() => {
    if (spoke || now !== first) return;
    now = second();
    listen();
    for (const message of said) now.postMessage(message);
  });
  listen();
  return line;
}

/** Commands over a port; each waits for its own answer. */
export function converse(port: Port, heard: (told: Told) => void): Client {
  let last = 0;
  const open = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void }>();
  port.onmessage = ({ data }: MessageEvent<Told | Reply>) => {
    if ('tell' in data) return heard(data);
    const waiting = open.get(data.reply);
    open.delete(data.reply);
    if ('error' in data) {
      const { message, code, about } = data.error;
      waiting?.failed(code === undefined ? new Error(message) : new EditError(code, about ?? ''));
    } else waiting?.done(data.value);
  };
  const ask = (call: Call['call'], ...args: unknown[]): Promise<unknown> =>
    new Promise((done, failed) => {
      last += 1;
      open.set(last, { done, failed });
      port.postMessage({ call, id: last, args } satisfies Call);
    });
  return {
    open: async (session) => void (await ask('open', session)),
    edit: async (edits) => (await ask('edit', edits)) as boolean,
    authorship: async (structure) => (await ask('authorship', structure)) as Awaited<ReturnType<Commands['authorship']>>,
    waiting: async () => (await ask('waiting')) as Awaited<ReturnType<Commands['waiting']>>,
    leftBehind: async () => (await ask('leftBehind')) as Awaited<ReturnType<Commands['leftBehind']>>,
    forgetLeft: async (many) => void (await ask('forgetLeft', many)),
    exportWaiting: async () => (await ask('exportWaiting')) as Uint8Array,
    retry: async () => void (await ask('retry')),
    leave: async (erase) => void (await ask('leave', erase)),
  };
}

/** What the tests of this layer share: automerge loaded, a socket that tests hold the other end of. */
import { cbor } from '@automerge/automerge-repo/slim';
import { automergeWasmBase64 } from '@automerge/automerge/automerge.wasm.base64';
import { initializeBase64Wasm } from '@automerge/automerge/slim';

/** Loads automerge's WASM; browsers fetch it by its address. */
export async function loadAutomerge(): Promise<void> {
  await initializeBase64Wasm(automergeWasmBase64);
}

/** A frame, as it went or came. */
export type Frame = Record<string, unknown> & { type: string };

/** Stands in for the browser's `WebSocket`; a test plays the server. */
export class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) throw new Error('nobody dialled');
    return socket;
  }

  readyState = 0;
  binaryType = '';
  sent: Frame[] = [];
  closed = false;
  /** The test's server hears each frame here. */
  heard: ((frame: Frame) => void) | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(bytes: Uint8Array): void {
    if (this.readyState !== 1) throw new Error('not open');
    const frame = cbor.decode(bytes) as Frame;
    this.sent.push(frame);
    this.heard?.(frame);
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }

  /** The server lets the client in. */
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  /** The server sends a frame. */
  say(frame: Frame): void {
    const bytes = new Uint8Array(cbor.encode(frame));
    this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer });
  }
  /** The server's greeting. */
  greet(agreed: { sparing?: boolean; quarantine?: boolean } = {}): void {
    this.open();
    const peerMetadata = { storageId: 'disk', ...Object.fromEntries(Object.entries(agreed).filter(([, yes]) => yes)) };
    this.say({ type: 'peer', senderId: 'server', targetId: 'me', peerMetadata, selectedProtocolVersion: '1' });
  }
  /** The connection ends. */
  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  /** The server says why, then closes. */
  refuse(code: string, closeCode: number): void {
    this.say({ type: 'error', senderId: 'server', targetId: 'me', message: `${code}: what happened` });
    this.end(closeCode, code);
  }
}

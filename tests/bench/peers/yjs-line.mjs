// One client's line to Hocuspocus: its provider's frames, without its document and without presence.

import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

const NAME = 'directory'
const SYNC = 0
const AUTH = 2
const SYNC_REPLY = 4
const SYNC_STATUS = 8
const STEP1 = 0
const STEP2 = 1
const UPDATE = 2

function frame(...parts) {
  const encoder = encoding.createEncoder()
  encoding.writeVarString(encoder, NAME)
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part)
    else if (typeof part === 'string') encoding.writeVarString(encoder, part)
    else encoding.writeVarUint8Array(encoder, part)
  }
  return encoding.toUint8Array(encoder)
}

export class Line {
  // `vector` is what the client has, `missing` the updates that only it has.
  constructor(port, { vector, missing, heard, failed }) {
    this.inStep = new Promise((resolve) => (this.nowInStep = resolve))
    this.document = new Promise((resolve) => (this.nowDocument = resolve))
    this.missing = missing
    this.heard = heard
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false })
    this.socket.on('open', () => {
      this.socket.send(frame(AUTH, 0, '', '4.7.0'))
      this.socket.send(frame(SYNC, STEP1, Y.encodeStateVector(vector)))
    })
    this.socket.on('message', (bytes) => this.take(bytes))
    this.socket.on('error', failed)
    this.socket.on('close', (code) => this.closing || failed(`closed: ${code}`))
  }

  take(bytes) {
    const decoder = decoding.createDecoder(bytes)
    decoding.readVarString(decoder)
    const type = decoding.readVarUint(decoder)
    if (type === SYNC_STATUS) return this.acknowledged()
    if (type !== SYNC && type !== SYNC_REPLY) return
    const step = decoding.readVarUint(decoder)
    const data = decoding.readVarUint8Array(decoder)
    if (step === STEP1) {
      const update = this.missing.length ? Y.mergeUpdates(this.missing) : new Uint8Array([0, 0])
      this.socket.send(frame(SYNC, STEP2, update))
      this.nowInStep()
    } else {
      if (step === STEP2) this.nowDocument(data)
      this.heard(data)
    }
  }

  update(bytes) {
    this.socket.send(frame(SYNC, UPDATE, bytes))
  }

  // The server took an update; whoever wants to know puts something here.
  acknowledged() {}

  close() {
    this.closing = true
    this.socket.close()
  }
}

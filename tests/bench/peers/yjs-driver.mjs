// The load driver's twin for Yjs: thin clients of Hocuspocus in one process. They hold no document: one document makes
// all edits, each as the Yjs client that it belongs to, and what a client is sent is looked at for whose edits are in it.
//
// Argument: JSON with `port`, `state` (file), `load` (`kind`, `clients`, `seconds`, `edits`), `window` (edits of a client
// that the server has not acknowledged yet), `cutOffMs`. Says in lines of JSON when the measured time begins, and what
// came of it.

import { readFileSync } from 'node:fs'

import * as Y from 'yjs'

import { Line } from './yjs-line.mjs'
import { Times } from './yjs-times.mjs'

const { port, state, load, window, cutOffMs } = JSON.parse(process.argv[2])
const FIELDS = ['phone', 'opening_hours', 'summary', 'website']
const FIRST_CLIENT = 1_000_000

const maker = new Y.Doc()
const begin = readFileSync(state)
Y.applyUpdate(maker, begin)
const before = Y.decodeStateVector(Y.encodeStateVector(maker))
const structures = maker.getMap('structures')
const ids = [...structures.keys()].sort()
const now = () => performance.now()
const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n')

const clients = load.clients
const edits = load.kind === 'steady' ? load.seconds : load.kind === 'burst' ? Math.floor(load.edits / clients) : (load.edits ?? 0)
const times = new Times()
const made = Array.from({ length: clients }, () => [])
const seenBy = Array.from({ length: clients }, () => [])
const counted = { seen: 0, complete: 0, lastComplete: 0, failures: [], bytes: 0, heard: 0 }
const expected = clients * edits * (clients - 1)
let finish
const finished = new Promise((resolve) => (finish = resolve))

// The next edit of a client, as an update; fields of different clients differ.
function edit(client) {
  const turn = made[client].length
  const slot = client + turn * clients
  const structure = structures.get(ids[((slot % ids.length) * 7919) % ids.length])
  let update
  maker.once('update', (bytes) => (update = bytes))
  maker.clientID = FIRST_CLIENT + client
  structure.set(FIELDS[Math.floor(slot / ids.length) % FIELDS.length], `02 99 ${client} ${turn}, mis à jour`)
  made[client].push(now())
  return update
}

// What came to everybody came to the first as well: an update is read once.
const read = []
function ranges(update) {
  const known = read.find(({ bytes }) => bytes.length === update.length && bytes.equals(update))
  if (known) return known.found
  const { from, to } = Y.parseUpdateMeta(update)
  const found = [...to].filter(([id]) => id >= FIRST_CLIENT).map(([id, end]) => [id - FIRST_CLIENT, from.get(id), end])
  read.unshift({ bytes: Buffer.from(update), found })
  read.length = Math.min(read.length, 8)
  return found
}

const nextSeen = Array.from({ length: clients }, () => new Uint32Array(clients))
function heard(client, update) {
  counted.heard++
  const at = now()
  for (const [author, from, end] of ranges(update)) {
    if (author === client) continue
    const next = nextSeen[client]
    if (from > next[author]) continue
    for (let turn = next[author]; turn < end; turn++) {
      times.add(Math.max(0, at - made[author][turn]))
      counted.seen++
      seenBy[author][turn] = (seenBy[author][turn] ?? 0) + 1
      if (seenBy[author][turn] === clients - 1) {
        counted.complete++
        counted.lastComplete = at
      }
    }
    next[author] = Math.max(next[author], end)
  }
  if (counted.seen >= expected) finish()
}

const failed = (why) => {
  counted.failures.push(String(why))
  if (counted.failures.length === clients) finish()
}

async function connect(client, offline) {
  const vector = new Map(before)
  if (offline.length) vector.set(FIRST_CLIENT + client, offline.length)
  const line = new Line(port, { vector, missing: offline, heard: (update) => heard(client, update), failed })
  await line.inStep
  return line
}

async function cold() {
  // Somebody is there already: Hocuspocus lets a document go with its last client, the others keep theirs.
  await connect(0, [])
  clearTimeout(connecting)
  const began = now()
  tell({ event: 'begin' })
  let complete = 0
  for (let client = 0; client < clients && now() - began < cutOffMs; client++) {
    const dialled = now()
    const line = new Line(port, { vector: new Map(), missing: [], heard: () => {}, failed })
    const bytes = await line.document
    times.add(now() - dialled)
    counted.bytes = bytes.length
    const doc = new Y.Doc()
    if (client === 0) Y.applyUpdate(doc, bytes)
    complete += client > 0 || doc.getMap('structures').size === ids.length ? 1 : 0
    line.close()
  }
  return { expected: clients, complete, seconds: (now() - began) / 1e3 }
}

async function edited() {
  const offline = made.map((_, client) => (load.kind === 'storm' ? Array.from({ length: edits }, () => edit(client)) : []))
  let began = now()
  if (load.kind === 'storm') {
    clearTimeout(connecting)
    tell({ event: 'begin' })
    began = now()
    made.forEach((all) => all.fill(began))
    offline.forEach((updates, client) => connect(client, updates).catch(failed))
  } else {
    const lines = await Promise.all(offline.map((none, client) => connect(client, none)))
    clearTimeout(connecting)
    tell({ event: 'begin' })
    began = now()
    lines.forEach((line, client) => {
      if (load.kind === 'burst') {
        // What is acknowledged makes room for the next.
        const next = () => made[client].length < edits && line.update(edit(client))
        line.acknowledged = next
        for (let turn = 0; turn < window; turn++) next()
      } else {
        let turn = 0
        const next = () => {
          line.update(edit(client))
          if (++turn < edits) setTimeout(next, began + (client / clients + turn) * 1e3 - now())
        }
        setTimeout(next, (client / clients) * 1e3)
      }
    })
  }
  await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, cutOffMs))])
  return { expected, complete: counted.complete, seconds: ((counted.lastComplete || now()) - began) / 1e3 }
}

// A server that does not let everybody in within a minute is not measured.
const connecting = setTimeout(() => process.exit(1), 60_000)

const outcome = load.kind === 'cold' ? await cold() : await edited()
tell({ event: 'end', ...outcome, times: times.list(), bytes: counted.bytes, heard: counted.heard, sent: clients * edits, failures: counted.failures })
process.exit(0)

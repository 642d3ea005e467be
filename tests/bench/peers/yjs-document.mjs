// The same directory as a Yjs document: structures, services and sets as maps, prose as text, then as many single edits
// as the automerge document had. Arguments: the JSON export, how many edits, where to write the update.

import { readFileSync, writeFileSync } from 'node:fs'

import * as Y from 'yjs'

const [source, edits, target] = process.argv.slice(2)
const PROSE = new Set(['description', 'notes'])
const ASIDE = new Set(['id', 'conflicts', 'findings', 'services', 'helpers'])

const doc = new Y.Doc()
doc.clientID = 1

function record(map, from) {
  for (const [key, value] of Object.entries(from)) {
    if (ASIDE.has(key) || value === null) continue
    if (PROSE.has(key)) map.set(key, new Y.Text(value))
    else if (Array.isArray(value)) {
      const set = map.set(key, new Y.Map())
      for (const member of value) set.set(member, true)
    } else if (typeof value !== 'object') map.set(key, value)
  }
}

const structures = doc.getMap('structures')
const records = JSON.parse(readFileSync(source, 'utf8'))
doc.transact(() => {
  for (const from of records) {
    const structure = structures.set(from.id, new Y.Map())
    record(structure, from)
    const services = structure.set('services', new Y.Map())
    for (const service of from.services) record(services.set(service.id, new Y.Map()), service)
  }
})
for (let edit = 0; edit < Number(edits); edit++) {
  const structure = structures.get(records[edit % records.length].id)
  structure.set('phone', `02 99 ${String(edit).padStart(6, '0')}`)
}
writeFileSync(target, Y.encodeStateAsUpdate(doc))

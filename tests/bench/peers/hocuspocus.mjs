// npm's Hocuspocus as a sync server of Yjs documents. Arguments: the document as an update, and, when it is to keep
// anything, the file that its database extension writes. Says in one line of JSON where it listens.

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'

import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'
import * as Y from 'yjs'

const [document, file] = process.argv.slice(2)
const begin = readFileSync(document)
const kept = new Database({ fetch: async () => begin, store: ({ state }) => writeFile(file, state) })
const unkept = { onLoadDocument: async ({ document }) => Y.applyUpdate(document, begin) }

const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  extensions: [file ? kept : unkept],
})
await server.listen()
console.log(JSON.stringify({ port: server.address.port }))

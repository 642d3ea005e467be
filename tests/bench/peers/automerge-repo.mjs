// npm's automerge-repo as a sync server: websocket adapter, file storage, the settings of automerge-repo-sync-server.
// Arguments: the document, and the storage's folder. Says in one line of JSON where it listens and what it has.

import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'

import { Repo } from '@automerge/automerge-repo'
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { WebSocketServer } from 'ws'

const [document, folder] = process.argv.slice(2)
const sockets = new WebSocketServer({ noServer: true })
const repo = new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(folder),
  peerId: 'automerge-repo-server',
  // A sync server answers who asks and announces nothing.
  sharePolicy: async () => false,
})
const handle = repo.import(readFileSync(document))
await handle.whenReady()
await repo.flush()

const http = createServer()
http.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
})
http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: http.address().port, document: handle.documentId }))
})

// A stock automerge-repo client without a face: commands as JSON lines on standard input, answers on standard output.
//
// Nothing here knows PORTREA. A command is {"id", "do", …}; its answer {"id", "ok"} or {"id", "error"}. What happens
// unasked is told as {"event", …}. Edits are plain JavaScript, so every string becomes a collaborative text, as it
// does for whoever uses the library without having read anything about us.

import { createInterface } from 'node:readline'

export function serve({ Automerge, repo: repoLibrary, WebSocketClientAdapter, NodeFSStorageAdapter }) {
  const { Repo, decodeHeads, generateAutomergeUrl } = repoLibrary
  let repo, handle, adapter, url, retry

  const tell = message => process.stdout.write(JSON.stringify(message) + '\n')

  // The library throws what the socket reports in Node; a line that breaks is no reason to end, all else is.
  process.on('uncaughtException', error => {
    const broken = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(error.code) || /socket hang up/.test(error.message)
    tell({ event: broken ? 'line-broken' : 'uncaught', message: String(error.stack ?? error) })
    if (!broken) process.exit(70)
  })
  process.on('unhandledRejection', error => {
    tell({ event: 'uncaught', message: String(error?.stack ?? error) })
    process.exit(70)
  })

  // Walks to the object that holds the last key; maps on the way are made when they are missing.
  const holder = (doc, path) => {
    let here = doc
    for (const key of path.slice(0, -1)) {
      if (here[key] === undefined) here[key] = {}
      here = here[key]
    }
    return here
  }

  const at = (doc, path) => path.reduce((here, key) => here?.[key], doc)

  const heads = () => Automerge.getHeads(handle.doc()).slice().sort()

  // Looks now and after every change of the document; whoever asked gives up, not we.
  const until = holds =>
    new Promise(resolve => {
      const look = () => {
        if (!holds()) return
        handle.off('heads-changed', look)
        resolve()
      }
      handle.on('heads-changed', look)
      look()
    })

  const commands = {
    // Makes the repo; nothing is connected yet.
    open({ peer, storage, gossip }) {
      repo = new Repo({
        peerId: peer,
        storage: storage ? new NodeFSStorageAdapter(storage) : undefined,
        enableRemoteHeadsGossiping: gossip === true,
        network: [],
      })
    },

    online(command) {
      url = command.url ?? url
      retry = command.retry ?? 200
      adapter = new WebSocketClientAdapter(url, retry)
      repo.networkSubsystem.addNetworkAdapter(adapter)
    },

    offline() {
      repo.networkSubsystem.removeNetworkAdapter(adapter)
    },

    // The server's peer and storage, once it welcomed us.
    async server() {
      while (repo.peers.length === 0) {
        await new Promise(resolve => repo.networkSubsystem.once('peer', resolve))
        await new Promise(resolve => setImmediate(resolve))
      }
      const [peer] = repo.peers
      return { peer, storage: repo.getStorageIdOfPeer(peer) }
    },

    // The storage that this client's own heads go by.
    storage() {
      return repo.storageId()
    },

    async find({ document }) {
      handle = await repo.find(document)
      handle.on('remote-heads', ({ storageId, heads }) =>
        tell({ event: 'remote-heads', storage: storageId, heads: decodeHeads(heads) }))
      handle.on('ephemeral-message', ({ message }) => tell({ event: 'heard', message }))
      return { state: handle.state, readOnly: handle.isReadOnly(), heads: heads() }
    },

    // Looks for a document that nobody has.
    async findNothing({ document }) {
      const wanted = document ?? generateAutomergeUrl()
      try {
        await repo.find(wanted)
        return 'found'
      } catch (error) {
        return String(error.message)
      }
    },

    // Makes a document of our own, which the repo then offers to every peer.
    hold({ value }) {
      return repo.create(value).url
    },

    // Gives a key a value, whatever its shape.
    put({ path, value }) {
      handle.change(doc => {
        holder(doc, path)[path.at(-1)] = value
      })
      return heads()
    },

    // Types into a text that stands already.
    splice({ path, index, remove, insert }) {
      handle.change(doc => Automerge.splice(doc, path, index, remove, insert))
      return heads()
    },

    // Many changes of one key each, one after the other.
    many({ path, count, value }) {
      for (let number = 1; number <= count; number += 1) {
        handle.change(doc => {
          holder(doc, path)[path.at(-1)] = `${value} ${number}`
        })
      }
      return heads()
    },

    read({ path }) {
      const value = at(handle.doc(), path)
      return value === undefined ? null : JSON.parse(JSON.stringify(value))
    },

    heads() {
      return heads()
    },

    async untilHeads(command) {
      const wanted = JSON.stringify(command.heads.slice().sort())
      await until(() => JSON.stringify(heads()) === wanted)
    },

    async untilValue({ path, value }) {
      const wanted = JSON.stringify(value)
      await until(() => JSON.stringify(at(handle.doc(), path)) === wanted)
    },

    // Says something that is not kept.
    say({ message }) {
      handle.broadcast(message)
    },

    subscribe({ storages }) {
      repo.subscribeToRemotes(storages)
    },

    syncInfo({ storage }) {
      const info = handle.getSyncInfo(storage)
      return info ? decodeHeads(info.lastHeads) : null
    },

    // Keeps everything and ends.
    async quit() {
      await repo.flush()
      setImmediate(() => process.exit(0))
    },
  }

  createInterface({ input: process.stdin }).on('line', async line => {
    const command = JSON.parse(line)
    try {
      tell({ id: command.id, ok: (await commands[command.do](command)) ?? null })
    } catch (error) {
      tell({ id: command.id, error: String(error?.stack ?? error) })
    }
  })
}

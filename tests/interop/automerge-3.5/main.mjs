// The client with the libraries of this folder.

import * as Automerge from '@automerge/automerge'
import * as repo from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'

import { serve } from '../client.mjs'

serve({ Automerge, repo, WebSocketClientAdapter, NodeFSStorageAdapter })

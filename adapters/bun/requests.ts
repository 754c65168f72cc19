// Guards the connections of Bun's node:http servers under finrst/auto, from their first request on.
//
// Their sockets are written past, so guardServer() does not take such a server; what is known of an answer is when it
// has been written, and that is enough to tell whether the connection is complete.
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { Told } from '../core/environment.js'
import { beforeCalls } from '../net/auto.js'
import { guardNetSocket, socketGivesWay } from '../net/guards.js'
import type { NetHost } from '../net/host.js'

/** From now on a connection that has brought a request is complete while no answer is under way. */
export function guardHttpServers({ policy }: Told, host: NetHost): void {
  for (const { prototype } of new Set([http.Server, https.Server])) {
    beforeCalls(prototype, 'emit', (_, [event, request, response]) => {
      if (event !== 'request' && event !== 'upgrade' && event !== 'connect') return
      const { socket } = request as IncomingMessage
      // Bun goes on natively, and shows nothing of it.
      if (event !== 'request') return void socketGivesWay(socket)
      const guard = guardNetSocket(socket, policy, host)
      guard.beginMessage()
      ;(response as ServerResponse).once('finish', () => guard.completeMessage())
    })
  }
}

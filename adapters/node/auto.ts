// finrst/auto for Node: `node --import finrst/auto app.js` guards the servers and the clients of an unchanged program.
import { startAuto } from '../core/environment.js'
import { guardClients, guardServers, guardTlsOver } from '../net/auto.js'
import { guardUndici } from './fetch.js'
import { netHost } from './socket.js'

const host = { ...netHost, unasked: true }

startAuto(
  (name) => process.env[name],
  ['koffi', 'node:ffi'],
  (told) => {
    if (told.servers) guardServers(told, host)
    if (told.clients) guardUndici(told.policy, guardClients(told, host))
    guardTlsOver(told, host)
  },
  () => process.exit(2),
)

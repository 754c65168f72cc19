// A bare server of node:http: it answers every request at once, and its timeouts are short.
import http from 'node:http'

const server = http.createServer({ connectionsCheckingInterval: 200 }, (request, response) => {
  response.writeHead(request.method === 'POST' ? 413 : 200, { 'content-length': 6 })
  response.end('finrst')
})
server.headersTimeout = 1000
server.requestTimeout = 30_000
server.keepAliveTimeout = 1000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

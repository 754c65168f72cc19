// A bare server of Bun.serve: it answers every request at once, and waits a second for the next.
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 1,
  fetch: (request) => new Response('finrst', { status: request.method === 'POST' ? 413 : 200 }),
})
console.log(server.port)

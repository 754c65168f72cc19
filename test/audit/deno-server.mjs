// A bare server of Deno.serve: it answers every request at once.
Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: ({ port }) => console.log(port) }, (request) => {
  return new Response('finrst', { status: request.method === 'POST' ? 413 : 200 })
})

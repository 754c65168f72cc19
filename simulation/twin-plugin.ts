// Lets esbuild bundle assembly/ as JavaScript: its source is erasable TypeScript, so only its surroundings are missing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const hostModule = `
  export const imports = {}
  export const setsockopt = (...words) => imports.setsockopt(...words)
  export const shutdown = (...words) => imports.shutdown(...words)
  export const disconnect = (...words) => imports.disconnect(...words)
  export const close = (...words) => imports.close(...words)
  export const request = (...words) => imports.request(...words)
`

/** Bundles `finrst:source`; `change` may alter the text of a file of assembly/. */
export function twinPlugin(root: string, change: (text: string, path: string) => string = (text) => text): Plugin {
  const memory = JSON.stringify(join(root, 'simulation/twin-memory.ts'))
  const sourceModule = `
    export * as engine from './assembly/index.ts'
    export { imports } from './assembly/host.ts'
  `
  return {
    name: 'twin',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^finrst:source$/ }, ({ path }) => ({ path, namespace: 'twin' }))
      onLoad({ filter: /./, namespace: 'twin' }, () => ({ contents: sourceModule, resolveDir: root, loader: 'js' }))
      onLoad({ filter: /assembly[\\/]host\.ts$/ }, () => ({ contents: hostModule, loader: 'js' }))
      onLoad({ filter: /assembly[\\/]\w+\.ts$/ }, ({ path }) => {
        const text = change(readFileSync(path, 'utf8'), path)
        return { contents: `import { memory, load, store } from ${memory};${text}`, loader: 'ts' }
      })
    },
  }
}

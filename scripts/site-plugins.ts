// What esbuild needs to bundle the explorer, or a part of it for a test.
import type { Plugin } from 'esbuild'
import { twinPlugin } from '../simulation/twin-plugin.ts'
import { pageData } from './site-data.ts'

/** The module `finrst:site`. */
const sitePlugin = (root: string): Plugin => ({
  name: 'finrst:site',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^finrst:site$/ }, ({ path }) => ({ path, namespace: 'finrst-site' }))
    onLoad({ filter: /./, namespace: 'finrst-site' }, () => {
      const lines = Object.entries(pageData(root)).map(([name, value]) => {
        return `export const ${name} = ${JSON.stringify(value)}`
      })
      return { contents: lines.join('\n'), loader: 'js' }
    })
  },
})

export const sitePlugins = (root: string): Plugin[] => [sitePlugin(root), twinPlugin(root)]

// What twinPlugin makes of assembly/.
declare module 'finrst:source' {
  import type { Exports, Imports } from './engine.ts'
  export const engine: Exports
  export const imports: Partial<Imports>
}

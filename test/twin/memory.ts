// Lets a test import files of assembly/ as they are: the three words of AssemblyScript that they use become global.
import { load, memory, store } from '../../simulation/twin-memory.ts'

/** Makes the words known. Call it before anything of assembly/ is loaded; the tables are laid out when it is run. */
export function provideMemory(): void {
  Object.assign(globalThis, { memory, load, store })
}

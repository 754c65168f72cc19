// The file that was started: peer, bundled testees and demonstration are the same one with another argument.
import { fileURLToPath } from 'node:url'

/** Its path. Once bundled this module may lie in another file, so the one that is started says it. */
export let ownFile = fileURLToPath(import.meta.url)

/** To be called by the file that is started, before anything else. */
export const setOwnFile = (url: string): void => {
  ownFile = fileURLToPath(url)
}

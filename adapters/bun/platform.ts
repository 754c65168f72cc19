// What this Bun runs on, found once.
import { type Platform, platformIdOf, platformOf } from '../core/platform.js'
import { traceTo } from '../core/trace.js'
import { backend } from './libc.js'

let detected: Platform | undefined

/** The platform of this process. */
export function platform(): Platform {
  detected ??= platformOf({
    id: platformIdOf(process.platform),
    arch: process.arch,
    backend: backend(),
    trace: traceTo(process.env.NODE_DEBUG, process.pid),
  })
  return detected
}

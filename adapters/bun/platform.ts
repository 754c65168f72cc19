// What this Bun runs on, found once.
import { type Platform, platformIdOf, platformOf } from '../core/platform.js'
import { traceTo } from '../core/trace.js'
import { tellEndings } from '../net/endings.js'
import { backend } from './libc.js'

let detected: Platform | undefined

/** The platform of this process. */
export function platform(): Platform {
  if (detected !== undefined && !detected.backend.passing) return detected
  tellEndings(process.env.FINRST_LOG, process.pid)
  detected = platformOf({
    id: platformIdOf(process.platform),
    arch: process.arch,
    backend: backend(),
    trace: traceTo(process.env.NODE_DEBUG, process.pid),
  })
  return detected
}

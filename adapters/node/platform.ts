// What this Node runs on, found once.
import { debuglog } from 'node:util'
import { type Platform, platformIdOf, platformOf } from '../core/platform.js'
import { tellEndings } from '../net/endings.js'
import { backend } from './libc.js'

let detected: Platform | undefined

/** The platform of this process. */
export function platform(): Platform {
  if (detected === undefined || detected.backend.passing) {
    const log = debuglog('finrst')
    const trace = log.enabled ? (line: string) => log(line) : undefined
    tellEndings(process.env.FINRST_LOG, process.pid)
    detected = platformOf({ id: platformIdOf(process.platform), arch: process.arch, backend: backend(), trace })
  }
  return detected
}

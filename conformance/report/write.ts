// Writes the files of reports: each whole or not at all, and a file that cannot be written is told in a sentence.
//
// 1. A report is written beside its place and moved there, so that a full disk leaves the earlier one as it was.
// 2. What is no ordinary file, such as a pipe, is written to directly; `-` is the standard output.
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { EnvironmentError } from '../result.js'

/** The name of the standard output. */
export const standardOutput = '-'

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the device',
  EDQUOT: 'the quota of the disk is used up',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'its folder is none',
  EACCES: 'that is not allowed',
  EPERM: 'that is not allowed',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  EFBIG: 'the file would be too large',
}

const cannot = (path: string, error: unknown): EnvironmentError => {
  const { code = '', message } = error as NodeJS.ErrnoException
  const why = reasons[code]
  return new EnvironmentError(`the report cannot be written to ${path}: ${why ? `${why} (${code})` : message}`)
}

/** What is there already; undefined: nothing. */
const kindOf = (path: string): 'file' | 'folder' | 'other' | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other'
}

/** Throws an {@link EnvironmentError} if a report cannot be written there: to be asked before the work is done. */
export const checkWritable = (path: string): void => {
  if (path === standardOutput) return
  try {
    const kind = kindOf(path)
    if (kind === 'folder') throw Object.assign(new Error(), { code: 'EISDIR' })
    if (kind !== undefined) accessSync(path, constants.W_OK)
    if (kind !== 'other') accessSync(dirname(resolve(path)), constants.W_OK)
  } catch (error) {
    throw cannot(path, error)
  }
}

/** Writes a report. Throws an {@link EnvironmentError} if it cannot be written. */
export const writeReport = (path: string, text: string): void => {
  if (path === standardOutput) {
    process.stdout.write(text)
    return
  }
  if (kindOf(path) === 'other') {
    try {
      writeFileSync(path, text)
    } catch (error) {
      throw cannot(path, error)
    }
    return
  }
  const beside = `${path}.${process.pid}.part`
  try {
    writeFileSync(beside, text)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw cannot(path, error)
  }
}

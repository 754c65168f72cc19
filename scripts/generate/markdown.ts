// Writes Markdown: text that means nothing but itself, tables, links, and a first line that says what made the file.
import { clauseUrl } from '../../adapters/spec/cells.ts'

/** Text whose characters have no other meaning in Markdown or in a cell of a table. */
export function plain(text: string): string {
  return text
    .replace(/[\\`*<>|[\]]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/\s+/g, ' ')
}

/** Text as code, also in a cell of a table. */
export function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** A table. Its cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** A heading that can be linked to by an id of ours, dots and all. */
export function heading(level: number, id: string, text: string): string {
  return `${'#'.repeat(level)} <a id="${id}"></a>${text}`
}

/** The line that begins a generated file. */
export function generatedBy(sources: string, script: string): string {
  return `<!-- Generated from ${sources} by scripts/generate/${script}; do not edit. -->`
}

/** A clause of an RFC, linked to where it can be read. */
export function clauseLink(clause: string): string {
  const url = clauseUrl(clause)
  return url === undefined ? plain(clause) : `[${clause}](${url})`
}

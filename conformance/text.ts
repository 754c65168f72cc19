// Sets words for a terminal: how wide it is, what is coloured, how a line is broken, and how strength is shown.
import picocolors from 'picocolors'
import { everyStrength } from '../adapters/spec/cells.js'
import type { Strength } from '../adapters/spec/types.js'

export type Paint = (text: string) => string

/** How things are to look. */
export interface Look {
  /** No line is longer. */
  width: number
  colors: ReturnType<typeof picocolors.createColors>
}

const most = 100
const least = 60

/** As wide as the terminal but not wider than 100 columns; colours on a terminal only, and never against NO_COLOR. */
export const lookOf = (stream: { isTTY?: boolean; columns?: number }): Look => ({
  width: Math.max(least, Math.min(most, stream.columns ?? most)),
  colors: picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported),
})

/** The length of a text on a terminal that shows one column for each character. */
export const lengthOf = (text: string): number => [...text].length

// A reference has no blanks, so it may be broken after what joins its parts.
const pieces = (text: string): string[] => text.match(/ +|[^ ]*?(?:[-./#:@,]+(?=[^ ])|(?= )|$)/g)?.filter(Boolean) ?? []

/** The longest part of a text that is not broken. */
export const longestPiece = (text: string): number =>
  Math.max(0, ...pieces(text).map((piece) => lengthOf(piece.trim())))

/** Breaks a text into lines of at most that many columns; a part that is longer is broken anywhere. */
export const wrap = (text: string, width: number): string[] => {
  const lines = ['']
  const put = (piece: string): void => {
    const last = lines[lines.length - 1] ?? ''
    if (lengthOf(last) + lengthOf(piece.trimEnd()) <= width) {
      lines[lines.length - 1] = last === '' ? piece.trimStart() : last + piece
    } else if (lengthOf(piece) <= width) {
      lines.push(piece.trimStart())
    } else {
      const room = Math.max(0, width - lengthOf(last))
      lines[lines.length - 1] = last + [...piece].slice(0, room).join('')
      lines.push('')
      put([...piece].slice(room).join(''))
    }
  }
  for (const piece of pieces(text)) put(piece)
  return lines.map((line) => line.trimEnd()).filter((line, index) => line !== '' || index === 0)
}

/** A text behind a label: broken to the width, the other lines set in as far as the first. */
export const hang = (label: string, text: string, width: number, paint: Paint = (line) => line): string[] => {
  const indent = lengthOf(label)
  const lines = wrap(text, Math.max(8, width - indent))
  return lines.map((line, index) => `${index === 0 ? label : ' '.repeat(indent)}${paint(line)}`.trimEnd())
}

/** What stands before an answer and tells its strength without colours. */
export const marks: Readonly<Record<Strength, string>> = {
  measured: '●',
  documented: '◐',
  assumed: '○',
  unknown: '?',
}

/** The colour of a strength. */
export const paintOf = (strength: Strength, { colors }: Look): Paint =>
  ({ measured: colors.green, documented: colors.cyan, assumed: colors.yellow, unknown: colors.dim })[strength]

const meanings: Readonly<Record<Strength, string>> = {
  measured: 'seen in a run',
  documented: 'read in a source, a test or a manual',
  assumed: 'somebody says so',
  unknown: 'no evidence yet',
}

/** What the marks mean. */
export const legend = (look: Look): string[] => {
  const parts = everyStrength.map((strength) => ({
    text: `${marks[strength]} ${strength}: ${meanings[strength]}`,
    paint: paintOf(strength, look),
  }))
  const lines: string[] = []
  let line = ''
  let length = 0
  for (const { text, paint } of parts) {
    const more = lengthOf(text) + (length === 0 ? 0 : 3)
    if (length > 0 && length + more > look.width) {
      lines.push(line)
      ;[line, length] = ['', 0]
    }
    line += `${length === 0 ? '' : '   '}${paint(text)}`
    length += more
  }
  return [...lines, line]
}

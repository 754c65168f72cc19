// Makes texts of strangers harmless where they are shown: on a terminal, in XML and HTML, and in Markdown.
//
// 1. What would steer a terminal, reorder a line or is forbidden in XML is shown as `\u{1b}`, wherever it is shown.
// 2. In Markdown every mark is written as a number, so that nothing is left that could mean something.

// Controls but for tab and newline, marks of direction, halves of a character, and what XML has no way to write.
const unshowable = new RegExp(
  [
    '[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff]',
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g',
)

const codeOf = (character: string): string => `\\u{${character.charCodeAt(0).toString(16)}}`

/** The same text with every character visible, in one or in many lines. */
export const visible = (text: string): string => text.replace(/\r\n?/g, '\n').replace(unshowable, codeOf)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it stands between the tags of XML and HTML, or in the quotes of an attribute. */
export const escapeMarkup = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)

/** Text in one line of Markdown that means nothing but itself. */
export const escapeMarkdown = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[^\p{L}\p{N} ,;?→…·↔"%/=()-]/gu, (mark) => `&#${mark.codePointAt(0)};`)

/** At most so many characters, with a mark where it was cut. */
export const cut = (text: string, most: number): string => {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`
}

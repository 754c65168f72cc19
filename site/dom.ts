// Makes elements, with as little as the page needs.

export type Child = Node | string | undefined | false | readonly Child[]
type Properties = Record<string, string | boolean | EventListener | undefined>

function append(to: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue
    if (Array.isArray(child)) append(to, child)
    else to.append(child as Node | string)
  }
}

function set(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value)
    else element.setAttribute(name, value === true ? '' : value)
  }
}

/** An element; a property that is a function listens to the event of its name, `true` is an attribute alone. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  set(element, properties)
  append(element, children)
  return element
}

/** An element of SVG. */
export function svg(tag: string, properties: Properties = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  set(element, properties)
  append(element, children)
  return element
}

/** The text with what stands between ` marked as code. */
export function marked(text: string): Child[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? h('code', {}, part) : part))
}

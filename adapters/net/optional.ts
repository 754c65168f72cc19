// Loads a module that may not be there, wherever this code lies: in node_modules, or bundled into one file.

/**
 * A module by its name, looked for beside this code and then beside the program.
 *
 * A bundle of CommonJS knows no `import.meta.url`, and webpack writes there where the file lay when it was bundled.
 * @throws Error of the first look, if it is in neither place
 */
export function loadOptional(name: string): unknown {
  // Asked for like this, because webpack replaces what it knows to be createRequire, or warns that it cannot.
  const { createRequire } = process.getBuiltinModule('node:module')
  const places: (string | undefined)[] = [import.meta.url, process.argv[1]]
  let failure: unknown
  for (const place of places) {
    if (place === undefined) continue
    try {
      return createRequire(place)(name)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? new Error(`there is no place to look for ${name}`)
}

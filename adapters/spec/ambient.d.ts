// The module that scripts/build.ts makes of the JSON files of spec/, for the bundle that inlines them.
declare module 'finrst:data' {
  export const abi: import('./types.js').Abi
  export const platforms: import('./types.js').Platform[]
  export const rows: import('./types.js').Row[]
  export const ruleFile: import('./types.js').RuleFile
  export const runs: import('./types.js').Run[]
  export const vectors: import('./vector-types.js').Vector[]
}

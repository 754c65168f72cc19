// What scripts/site-data.ts makes of spec/ for the page.
declare module 'finrst:site' {
  /** A kernel of a platform: some of its releases, the newest first. */
  export interface PackedKernel {
    platform: string
    name: string
    row: number
    releases: string[]
    /** By question, in the order of `questions`: the answers that are possible, and how well that is known. */
    answers: [of: string[], strength: 'measured' | 'documented' | 'assumed' | 'unknown'][]
  }
  export const questions: string[]
  export const kernels: PackedKernel[]
  /** By row that is asked about: what its answers mean. */
  export const rows: Record<string, { title: string; answers: Record<string, string> }>
  /** What each clause of an RFC is about that a rule cites. */
  export const clauses: Record<string, string>
  export const version: string
  /** Where the repository is, or nothing. */
  export const wasmBytes: number
}

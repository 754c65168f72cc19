// Runs the decision vectors of spec/vectors against the policy engine.
import type { Result } from './result.js'

/** Runs every vector whose id is selected. */
export async function runVectors(_select: (id: string) => boolean): Promise<Result[]> {
  return []
}

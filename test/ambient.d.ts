// The words of AssemblyScript that its portable types leave out and the engine's source uses.
declare const memory: { data<T>(words: T[] | number, align?: number): number }
declare function load<_T>(at: number): number

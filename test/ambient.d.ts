// The words of AssemblyScript that the source of the engine uses, for the tests that run it as TypeScript.
declare type i32 = number
declare type usize = number
declare type bool = boolean | number
declare const memory: { data<T>(words: T[] | number, align?: number): number }
declare function load<_T>(at: number): number
declare function store<_T>(at: number, value: number): void

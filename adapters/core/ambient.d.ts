// What the compilers of this repository know and tsc does not: esbuild inlines the bytes of a .wasm file.
declare module '*.wasm' {
  const bytes: Uint8Array
  export default bytes
}

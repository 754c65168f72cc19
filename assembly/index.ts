// The whole ABI of finrst.wasm; nothing else is exported.
export * from "./pure";
export { on, setLinger } from "./drive";

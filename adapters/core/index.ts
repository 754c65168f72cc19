// finrst/core: the policy without sockets, for any runtime and for browsers.
export { explain } from './explain.js'
export { type PresetAnswers, presets } from './policy.js'
export type {
  Capabilities,
  Capability,
  CloseOptions,
  Confirm,
  Explanation,
  FinaliseOptions,
  Guard,
  Policy,
  PolicyOptions,
  PresetName,
  RelayOptions,
  StopReceiving,
  Verdict,
} from './types.js'
export { type Connection, type Engine, engine } from './wasm.js'

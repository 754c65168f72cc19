// The ways of not receiving any more, as the engine numbers them.
import { RECEIVE_DISCARD, RECEIVE_HOLD, RECEIVE_REFUSE } from '../../assembly/abi.js'
import type { StopReceiving } from './types.js'

export const receiveModes: Record<StopReceiving, number> = {
  discard: RECEIVE_DISCARD,
  hold: RECEIVE_HOLD,
  refuse: RECEIVE_REFUSE,
}

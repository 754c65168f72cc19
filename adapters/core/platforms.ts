// Generated from spec/platforms by scripts/generate/table.ts; do not edit.
// The row of every platform, and how its send queue is asked.

/** A platform as an adapter sees it. */
export interface PlatformRow {
  row: number
  /** Machines with other numbers: their row, and the number of the query if it differs too. */
  arch: Readonly<Record<string, { row: number; queryNumber?: number }>>
  /** How many bytes the peer's stack has not acknowledged; none: it cannot be asked. */
  query?: { through: string; number: number; countsFin: boolean }
}

export const platforms: Readonly<Record<string, PlatformRow>> = {
  freebsd: {"row":2,"arch":{},"query":{"through":"ioctl","number":1074030199,"countsFin":false}},
  gvisor: {"row":12,"arch":{}},
  illumos: {"row":5,"arch":{}},
  linux: {"row":1,"arch":{"mips":{"row":8,"queryNumber":29810},"sparc":{"row":9,"queryNumber":1074033779},"alpha":{"row":10,"queryNumber":1074033779},"parisc":{"row":11}},"query":{"through":"ioctl","number":21521,"countsFin":true}},
  macos: {"row":6,"arch":{},"query":{"through":"getsockopt","number":4132,"countsFin":false}},
  netbsd: {"row":4,"arch":{},"query":{"through":"ioctl","number":1074030201,"countsFin":false}},
  openbsd: {"row":3,"arch":{},"query":{"through":"getsockopt","number":9,"countsFin":false}},
  windows: {"row":7,"arch":{}},
}

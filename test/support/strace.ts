// Reads what strace tells of system calls.

/** How often each call was made, of the table of `strace -c`: share, seconds, microseconds, calls, errors, name. */
export const readCounts = (text: string): Map<string, number> => {
  const lines = text.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/gm)
  const counts = new Map([...lines].map(([, count, name]) => [name ?? '', Number(count)]))
  counts.delete('total')
  return counts
}

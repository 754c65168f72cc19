// Fits a line to measurements, and says how sure its slope is.
//
// 1. Measurements that follow one another resemble one another, so the error of the slope is widened by what their
//    residuals have in common with the next ones (lag 1), as if there were fewer of them: Santer et al. 2000,
//    doi:10.1029/1999JD901105, section 4.

/** A line through measurements. The interval holds the slope with 99 % confidence. */
export interface Fit {
  slope: number
  /** Half of the interval. */
  margin: number
  /** The value that the line has at the first measurement. */
  start: number
  samples: number
}

/** The 99.5 % quantile of Student's t: the expansion of Abramowitz and Stegun, 26.7.5. */
const quantile = (freedom: number): number => {
  const z = 2.5758293
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * The least squares line through points.
 * @throws RangeError if there are fewer than 4 of them, or all lie at one place
 */
export const fitLine = (points: readonly (readonly [x: number, y: number])[]): Fit => {
  const samples = points.length
  if (samples < 4) throw new RangeError(`a line with an error needs at least 4 points, not ${samples}`)
  const meanX = sum(points.map(([x]) => x)) / samples
  const meanY = sum(points.map(([, y]) => y)) / samples
  const spread = sum(points.map(([x]) => (x - meanX) ** 2))
  if (spread === 0) throw new RangeError('all points lie at one place')
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX))
  const squares = sum(residuals.map((each) => each ** 2))
  const together = sum(residuals.slice(1).map((each, index) => each * (residuals[index] ?? 0)))
  const alike = squares === 0 ? 0 : Math.min(Math.max(together / squares, 0), 0.9)
  const effective = Math.max((samples * (1 - alike)) / (1 + alike), 4)
  const error = Math.sqrt(squares / (effective - 2) / spread)
  const start = meanY + slope * ((points[0]?.[0] ?? 0) - meanX)
  return { slope, margin: quantile(effective - 2) * error, start, samples }
}

// Draws a curve as SVG, on logarithmic axes.
import { loadPackage } from './packages.js'
import type { Curve } from './section.js'

interface Charts {
  init(
    element: null,
    theme: null,
    options: object,
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void }
}

export async function plotCurve({ title, x, y, series }: Curve): Promise<string> {
  const charts = await loadPackage<Charts>('echarts')
  const chart = charts.init(null, null, { renderer: 'svg', ssr: true, width: 640, height: 360 })
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 14 } },
    legend: { bottom: 0 },
    grid: { left: 60, right: 30, top: 50, bottom: 70 },
    xAxis: { type: 'log', name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'log', name: y },
    series: series.map(({ name, points }) => ({ type: 'line', name, data: points })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}

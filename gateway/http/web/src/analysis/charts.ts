// Small charts, drawn as SVG. Each says in words what it shows; the table beside them
// has every number.
import { duration } from '../shared/time';
import { both } from '../shared/words';
import { ticks, type Distribution, type Row } from './figures';

const ns = 'http://www.w3.org/2000/svg';
type Attributes = Record<string, string | number>;

function svg(tag: string, a: Attributes = {}, ...children: (Node | string)[]): SVGElement {
  const e = document.createElementNS(ns, tag);
  for (const [k, v] of Object.entries(a)) e.setAttribute(k, typeof v === 'number' ? String(Math.round(v * 10) / 10) : v);
  e.append(...children);
  return e;
}

const text = (x: number, y: number, s: string, a: Attributes = {}): SVGElement => svg('text', { x, y, ...a }, s);

function chart(w: number, h: number, label: string, ...children: SVGElement[]): SVGElement {
  return svg('svg', { viewBox: `0 0 ${w} ${h}`, role: 'img', 'aria-label': label, class: 'chart' }, svg('title', {}, label), ...children);
}

const cut = (s: string, n: number): string => (s.length > n ? `${s.slice(0, n - 1)}…` : s);

// bars compares groups: the median as a bar, the 90th percentile as a mark, targets as
// lines, and the median of another period as a hollow bar.
export function bars(rows: Row[], name: (r: Row) => string, then?: Map<string, Row>): SVGElement {
  const shown = rows.filter((r) => r.count > 0);
  const [w, left, line] = [640, 170, then ? 30 : 24];
  const top = Math.max(1, ...shown.flatMap((r) => [r.p90_s ?? 0, ...(r.targets_s ?? []), then?.get(r.group)?.median_s ?? 0])) * 1.05;
  const x = (s: number): number => left + (s / top) * (w - left - 64);
  const h = shown.length * line + 26;
  return chart(w, h, both('Median dan persentil ke-90 tiap kelompok', 'Median and 90th percentile of each group'),
    ...ticks(top).map((s) => svg('g', {}, svg('line', { x1: x(s), x2: x(s), y1: 0, y2: h - 20, class: 'net' }), text(x(s), h - 6, duration(s), { class: 'axis', 'text-anchor': 'middle' }))),
    ...shown.map((r, k) => {
      const y = k * line + 4;
      const other = then?.get(r.group)?.median_s;
      const over = (r.targets_s ?? []).some((t) => (r.p90_s ?? 0) > t);
      return svg('g', { class: r.few ? 'few' : '' },
        text(left - 8, y + 12, cut(name(r), 24), { 'text-anchor': 'end' }),
        svg('rect', { x: left, y, width: Math.max(1, x(r.median_s ?? 0) - left), height: 14, class: 'bar', rx: 2 }),
        ...(other ? [svg('rect', { x: left, y: y + 16, width: Math.max(1, x(other) - left), height: 6, class: 'then', rx: 1 })] : []),
        svg('line', { x1: x(r.median_s ?? 0), x2: x(r.p90_s ?? 0), y1: y + 7, y2: y + 7, class: 'whisker' }),
        svg('path', { d: `M${x(r.p90_s ?? 0).toFixed(1)} ${y + 1}l5 6l-5 6l-5-6z`, class: over ? 'p90 over' : 'p90' }),
        ...(r.targets_s ?? []).map((t) => svg('line', { x1: x(t), x2: x(t), y1: y - 3, y2: y + 17, class: 'target' })),
        text(Math.min(w - 4, x(Math.max(r.p90_s ?? 0, ...(r.targets_s ?? []))) + 10), y + 12, duration(r.median_s ?? 0), x(r.p90_s ?? 0) > w - 70 ? { 'text-anchor': 'end', class: 'value' } : { class: 'value' }));
    }));
}

// histogram is how the values of one interval are spread.
export function histogram(d: Distribution, targets: number[]): SVGElement {
  const [w, h, left, foot] = [640, 190, 34, 26];
  const counts = [...d.counts, ...(d.beyond ? [d.beyond] : [])];
  const most = Math.max(1, ...counts);
  const each = (w - left - 8) / counts.length;
  const y = (n: number): number => 8 + (1 - n / most) * (h - foot - 8);
  const x = (s: number): number => left + (s / d.width_s) * each;
  const step = most <= 5 ? 1 : Math.ceil(most / 4);
  return chart(w, h, both(`Sebaran: berapa nilai tiap ${duration(d.width_s)}`, `Distribution: how many values in each ${duration(d.width_s)}`),
    ...Array.from({ length: Math.floor(most / step) + 1 }, (_, k) => k * step).map((n) => svg('g', {}, svg('line', { x1: left, x2: w - 8, y1: y(n), y2: y(n), class: 'net' }), text(left - 5, y(n) + 4, String(n), { class: 'axis', 'text-anchor': 'end' }))),
    ...counts.map((n, k) => svg('rect', { x: left + k * each + 1, y: y(n), width: Math.max(1, each - 2), height: h - foot - y(n), class: k < d.counts.length ? 'bar' : 'bar beyond' }, svg('title', {}, `${k < d.counts.length ? `${duration(k * d.width_s)} – ${duration((k + 1) * d.width_s)}` : `> ${duration(k * d.width_s)}`}: ${n}`))),
    ...targets.filter((t) => t <= d.width_s * d.counts.length).map((t) => svg('line', { x1: x(t), x2: x(t), y1: 4, y2: h - foot, class: 'target' })),
    ...ticks(d.width_s * d.counts.length, 6).map((s) => text(x(s), h - 8, duration(s), { class: 'axis', 'text-anchor': 'middle' })),
    ...(d.beyond ? [text(w - 8, h - 8, both('lebih', 'more'), { class: 'axis', 'text-anchor': 'end' })] : []));
}

// trend is the median and the 90th percentile over time, with the target.
export function trend(rows: Row[], name: (r: Row) => string): SVGElement {
  const [w, h, left, foot] = [640, 190, 52, 26];
  const targets = [...new Set(rows.flatMap((r) => r.targets_s ?? []))];
  const top = Math.max(1, ...rows.flatMap((r) => [r.p90_s ?? 0, ...targets])) * 1.05;
  const x = (k: number): number => left + ((k + 0.5) * (w - left - 8)) / Math.max(1, rows.length);
  const y = (s: number): number => 8 + (1 - s / top) * (h - foot - 8);
  const line = (of: (r: Row) => number | null, cls: string): SVGElement[] => {
    const points = rows.flatMap((r, k) => (of(r) === null ? [] : [[x(k), y(of(r)!)] as const]));
    return [svg('polyline', { points: points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' '), class: cls }),
      ...points.map(([a, b]) => (cls === 'p90line' ? svg('path', { d: `M${a.toFixed(1)} ${(b - 4).toFixed(1)}l4 4l-4 4l-4-4z`, class: 'p90' }) : svg('circle', { cx: a, cy: b, r: 3, class: 'dotmark' })))];
  };
  const every = Math.ceil(rows.length / 8);
  return chart(w, h, both('Median (●) dan persentil ke-90 (◆) dari waktu ke waktu', 'Median (●) and 90th percentile (◆) over time'),
    ...ticks(top).map((s) => svg('g', {}, svg('line', { x1: left, x2: w - 8, y1: y(s), y2: y(s), class: 'net' }), text(left - 5, y(s) + 4, duration(s), { class: 'axis', 'text-anchor': 'end' }))),
    ...targets.map((t) => svg('line', { x1: left, x2: w - 8, y1: y(t), y2: y(t), class: 'target' })),
    ...line((r) => r.p90_s, 'p90line'), ...line((r) => r.median_s, 'medianline'),
    ...rows.map((r, k) => (k % every ? svg('g') : text(x(k), h - 8, name(r), { class: 'axis', 'text-anchor': 'middle' }))));
}

// share is how many of those with a target kept it, as a bar with its number.
export function share(r: Row): SVGElement {
  const s = r.within_share ?? 0;
  return svg('svg', { viewBox: '0 0 100 10', class: 'share', 'aria-hidden': 'true', preserveAspectRatio: 'none' },
    svg('rect', { x: 0, y: 0, width: 100, height: 10, class: 'missed' }), svg('rect', { x: 0, y: 0, width: 100 * s, height: 10, class: 'kept' }));
}

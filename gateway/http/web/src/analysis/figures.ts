// What GET /telemetry/report answers, and what is asked of it. Pure.
export const groupings = ['category', 'agency', 'unit', 'district', 'hour', 'weekday', 'day', 'week', 'month'] as const;
export type By = (typeof groupings)[number];

export interface Row {
  group: string; interval: string; count: number; open_over?: number; mixed_clocks?: number;
  median_s: number | null; p90_s: number | null; min_s: number | null; max_s: number | null;
  median_at_least?: boolean; p90_at_least?: boolean; max_at_least?: boolean;
  judged: number; within: number; within_share: number | null; targets_s?: number[]; left_out?: Record<string, number>; few?: boolean;
}
export interface Finding { verdict: 'more' | 'less' | 'chance' | 'few' | ''; p: number | null }
export interface Change { group: string; interval: string; now: Row; then: Row; median_change_s: number | null; within_change: number | null; times: Finding; share: Finding }
export interface KeyUse { unit: string; agency: string; key: string; expected: number; pressed: number; late: number; missing: number; contradicted: number }
export interface Distribution { interval: string; width_s: number; counts: number[]; beyond?: number }
export interface Report {
  from?: string; to?: string; incidents: number; open: number; zone: string;
  median_method: string; percentile_method: string; open_method: string; whole_flow_readings?: string[];
  definitions: { interval: string; starts: string; ends: string; per_unit: boolean }[];
  rows: Row[]; keys: KeyUse[]; key_method: string; distributions: Distribution[];
  comparison?: { from?: string; to?: string; incidents: number; open: number; method: string; rows: Change[] };
}

export interface Ask {
  period: 'today' | '7' | '30' | '90' | '365' | 'all' | 'own'; from: string; to: string; by: By; interval: string;
  compare: '' | 'before' | 'year' | 'own'; otherFrom: string; otherTo: string;
  category: string; agency: string; unit: string; district: string;
}
export const usual: Ask = { period: '30', from: '', to: '', by: 'category', interval: 'response', compare: '', otherFrom: '', otherTo: '', category: '', agency: '', unit: '', district: '' };

// readAsk and writeAsk keep the question in the page's address, so that it can be kept and sent.
export function readAsk(search: string): Ask {
  const q = new URLSearchParams(search);
  const out: Record<string, string> = { ...usual };
  for (const k of Object.keys(usual)) if (q.has(k)) out[k] = q.get(k)!;
  if (!groupings.includes(out['by'] as By)) out['by'] = usual.by;
  return out as unknown as Ask;
}

export function writeAsk(a: Ask): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(a)) if (v !== usual[k as keyof Ask]) q.set(k, v as string);
  return q.toString();
}

const dayMs = 86_400_000;
// WIB is seven hours ahead of UTC all year; days are counted in it.
const dateOf = (ms: number): string => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10);
export const addDays = (date: string, n: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + n * dayMs).toISOString().slice(0, 10);
const daysIn = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;

// period is the first and last day that are asked for; both empty for all there is.
export function period(a: Ask, nowMs: number): { from: string; to: string } {
  const today = dateOf(nowMs);
  if (a.period === 'all') return { from: '', to: '' };
  if (a.period === 'own') return { from: a.from, to: a.to };
  return { from: a.period === 'today' ? today : addDays(today, 1 - Number(a.period)), to: today };
}

// isOverTime tells groupings of which a period has its own groups: they cannot be set
// beside those of another period.
export const isOverTime = (by: By): boolean => by === 'day' || by === 'week' || by === 'month';

// parameters are what the gateway is asked. What cannot be compared is not.
export function parameters(a: Ask, nowMs: number, by: By = a.by): URLSearchParams {
  const q = new URLSearchParams({ by });
  const { from, to } = period(a, nowMs);
  if (from) q.set('from', from);
  if (to) q.set('to', to);
  for (const k of ['category', 'agency', 'unit', 'district'] as const) if (a[k]) q.set(k, a[k]);
  if (isOverTime(by) || !a.compare) return q;
  if (a.compare === 'own') {
    if (a.otherFrom) q.set('compare_from', a.otherFrom);
    if (a.otherTo) q.set('compare_to', a.otherTo);
  } else if (from && to) {
    const back = a.compare === 'before' ? daysIn(from, to) : 365;
    q.set('compare_from', addDays(from, -back));
    q.set('compare_to', addDays(to, -back));
  }
  return q;
}

// trendBy is how a trend over a period is cut.
export function trendBy(a: Ask, nowMs: number): By {
  const { from, to } = period(a, nowMs);
  if (!from || !to) return 'month';
  const days = daysIn(from, to);
  return days <= 45 ? 'day' : days <= 200 ? 'week' : 'month';
}

export const leftOut = (r: Row): number => Object.values(r.left_out ?? {}).reduce((a, b) => a + b, 0);

// ticks are about n round marks of an axis from 0 to top, in seconds.
export function ticks(top: number, n = 4): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
  const step = steps.find((s) => top / s <= n) ?? Math.ceil(top / n / 604_800) * 604_800;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, k) => k * step);
}

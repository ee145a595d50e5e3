// The analyst's view: the figures of the gateway's report, asked for anew with every
// change of the question, with what was left out and how each number is made.
import '../style/base.css';
import '../style/analysis.css';
import { api, SignedOut } from '../shared/api';
import { byId, draw, el, type Child } from '../shared/dom';
import { listen } from '../shared/keys';
import { duration } from '../shared/time';
import type { Incident, Setup } from '../shared/types';
import { backToLive } from '../shared/views';
import { both, current, use } from '../shared/words';
import { bars, histogram, share, trend } from './charts';
import { groupings, isOverTime, leftOut, parameters, period, readAsk, trendBy, writeAsk, type Ask, type By, type Change, type Report, type Row } from './figures';
import { byName, groupName, intervalName, intervalNames, meaning, methods, reasonName, verdictName } from './words';

const root = document.documentElement;
use(current());
root.dataset['theme'] = localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');

let ask = readAsk(location.search);
let setup: Setup | null = null;
let incidents: Incident[] = [];
let report: Report | null = null;
let over: Report | null = null; // the same, over time
let trouble = '';
let loading = false;
let asked = 0;

const nowMs = (): number => Date.parse(setup!.clock.now);

async function fetchReport(q: URLSearchParams): Promise<Report> {
  const r = await fetch(`/api/v1/telemetry/report?${q}`, { headers: { Accept: 'application/json' } });
  if (r.status === 401) throw new SignedOut();
  if (!r.ok) throw new Error(((await r.json()) as { detail?: string }).detail ?? r.statusText);
  return (await r.json()) as Report;
}

// load asks the gateway; an answer to an earlier question is not shown.
async function load(): Promise<void> {
  if (!setup) return;
  const mine = ++asked;
  const search = writeAsk(ask);
  history.replaceState(null, '', search ? `?${search}` : location.pathname);
  loading = true;
  drawAll();
  try {
    const [a, b] = await Promise.all([fetchReport(parameters(ask, nowMs())), fetchReport(parameters(ask, nowMs(), trendBy(ask, nowMs())))]);
    if (mine !== asked) return;
    report = a;
    over = b;
    trouble = '';
  } catch (e) {
    if (mine !== asked) return;
    if (e instanceof SignedOut) location.assign('/signin');
    trouble = e instanceof Error ? e.message : String(e);
  }
  loading = false;
  drawAll();
}

function set(change: Partial<Ask>): void {
  ask = { ...ask, ...change };
  void load();
}

function select(name: keyof Ask, label: string, options: [string, string][]): HTMLElement {
  return el('label', {}, el('span', {}, label), el('select', { name, id: `ask-${name}`, change: (e) => set({ [name]: (e.target as HTMLSelectElement).value }) },
    ...options.map(([v, text]) => el('option', { value: v, selected: ask[name] === v }, text))));
}

function date(name: 'from' | 'to' | 'otherFrom' | 'otherTo', label: string): HTMLElement {
  return el('label', {}, el('span', {}, label), el('input', { type: 'date', name, value: ask[name], change: (e) => set({ [name]: (e.target as HTMLInputElement).value }) }));
}

function question(s: Setup): Child[] {
  const all = both('semua', 'all');
  const agencies = [...new Set(s.units.map((u) => u.agency))].sort();
  const districts = [...new Set([...incidents.map((i) => i.district ?? ''), ask.district])].filter(Boolean).sort();
  return [
    select('period', both('Masa', 'Period'), [['today', both('hari ini', 'today')], ['7', both('7 hari', '7 days')], ['30', both('30 hari', '30 days')], ['90', both('90 hari', '90 days')], ['365', both('setahun', 'a year')], ['all', both('semua', 'all')], ['own', both('dari – sampai', 'from – to')]]),
    ...(ask.period === 'own' ? [date('from', both('Dari', 'From')), date('to', both('Sampai', 'To'))] : []),
    select('by', both('Menurut', 'By'), groupings.map((b) => [b, byName(b)])),
    select('interval', both('Interval', 'Interval'), intervalNames.map((i) => [i, intervalName(i)])),
    select('category', both('Kategori', 'Category'), [['', all], ...s.categories.map((c): [string, string] => [c.key, c[current()]])]),
    select('agency', both('Instansi', 'Agency'), [['', all], ...agencies.map((a): [string, string] => [a, a])]),
    select('unit', both('Tim', 'Unit'), [['', all], ...s.units.map((u): [string, string] => [u.id, u.call_sign])]),
    select('district', both('Kecamatan', 'District'), [['', all], ...districts.map((d): [string, string] => [d, d])]),
    ...(isOverTime(ask.by) ? [] : [select('compare', both('Bandingkan', 'Compare'), [['', both('tidak', 'no')], ['before', both('masa sebelumnya', 'the period before')], ['year', both('setahun lalu', 'a year ago')], ['own', both('masa lain', 'another period')]])]),
    ...(ask.compare === 'own' && !isOverTime(ask.by) ? [date('otherFrom', both('Banding dari', 'Compare from')), date('otherTo', both('Banding sampai', 'Compare to'))] : []),
  ];
}

const atLeast = (s: number | null, is?: boolean): string => (s === null ? '—' : `${is ? '≥ ' : ''}${duration(s)}`);
const percent = (x: number | null): string => (x === null ? '—' : `${Math.round(x * 100)} %`);
const reasons = (r: Row): string => Object.entries(r.left_out ?? {}).map(([k, n]) => `${n} ${reasonName(k)}`).join(', ');

function difference(c: Change | undefined): Child[] {
  if (!c) return [el('td', {}, '—'), el('td', {}, '—')];
  const d = c.median_change_s;
  const text = d === null ? '—' : `${d > 0 ? '+' : ''}${duration(d)}`;
  const told = c.times.verdict === 'more' ? 'bad' : c.times.verdict === 'less' ? 'good' : '';
  return [el('td', {}, atLeast(c.then.median_s, c.then.median_at_least), el('small', {}, ` n ${c.then.count}`)),
    el('td', { class: told }, text, el('small', {}, ` ${told ? (told === 'bad' ? '▲ ' : '▼ ') : ''}${verdictName(c.times.verdict)}${c.times.p === null || c.times.p === undefined ? '' : ` p ${c.times.p < 0.001 ? '< 0.001' : c.times.p.toFixed(3)}`}`))];
}

function table(s: Setup, rows: Row[], by: By, changes?: Map<string, Change>): HTMLElement {
  const filter = by === 'category' || by === 'agency' || by === 'unit' || by === 'district' ? by : null;
  const head = [byName(by), 'n', both('median', 'median'), both('persentil 90', '90th perc.'), both('tersingkat', 'shortest'), both('terlama', 'longest'), both('target', 'target'), both('terpenuhi', 'within'), both('tidak dihitung', 'left out'),
    ...(changes ? [both('median dulu', 'median then'), both('selisih', 'difference')] : [])];
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': both('Tabel angka', 'Table of figures') }, el('table', {},
    el('thead', {}, el('tr', {}, ...head.map((h) => el('th', { scope: 'col' }, h)))),
    el('tbody', {}, ...rows.map((r) => el('tr', { class: r.few ? 'few' : '', 'data-key': r.group },
      el('th', { scope: 'row' }, filter ? el('button', { type: 'button', class: 'bare', title: both('Hanya ini', 'Only this'), click: () => set({ [filter]: r.group }) }, groupName(s, by, r.group)) : groupName(s, by, r.group)),
      el('td', {}, String(r.count), r.few ? el('small', {}, both(' sedikit', ' few')) : null),
      el('td', {}, el('b', {}, atLeast(r.median_s, r.median_at_least))), el('td', {}, atLeast(r.p90_s, r.p90_at_least)), el('td', {}, atLeast(r.min_s)), el('td', {}, atLeast(r.max_s, r.max_at_least)),
      el('td', {}, (r.targets_s ?? []).map((t) => duration(t)).join(', ') || '—'),
      el('td', { class: 'within' }, r.judged ? el('span', {}, share(r), ` ${percent(r.within_share)} `, el('small', {}, `${r.within}/${r.judged}`)) : '—'),
      el('td', {}, leftOut(r) ? el('span', {}, String(leftOut(r)), el('small', {}, ` ${reasons(r)}`)) : '0'),
      ...(changes ? difference(changes.get(r.group)) : []))))));
}

function keysTable(s: Setup, r: Report): HTMLElement {
  const word: Record<string, string> = { en_route: both('berangkat', 'en route'), on_scene: both('tiba', 'on scene'), completed: both('selesai', 'completed') };
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': both('Disiplin tombol', 'Key discipline') }, el('table', {},
    el('thead', {}, el('tr', {}, ...[both('tim', 'unit'), both('tombol', 'key'), both('diharapkan', 'expected'), both('ditekan', 'pressed'), both('terlambat', 'late'), both('tanpa', 'missing'), both('bertentangan', 'contradicted')].map((h) => el('th', { scope: 'col' }, h)))),
    el('tbody', {}, ...r.keys.map((k) => el('tr', { 'data-key': `${k.unit} ${k.key}` }, el('th', { scope: 'row' }, groupName(s, 'unit', k.unit)), el('td', {}, word[k.key] ?? k.key),
      ...[k.expected, k.pressed, k.late, k.missing, k.contradicted].map((n, i) => el('td', { class: i > 1 && n ? 'bad' : '' }, String(n))))))));
}

function downloads(s: Setup): HTMLElement {
  const q = parameters(ask, nowMs());
  const raw = new URLSearchParams(q);
  for (const k of ['by', 'compare_from', 'compare_to']) raw.delete(k);
  raw.set('raw', 'true');
  raw.set('limit', '10000');
  const link = (format: string, label: string, more: Record<string, string> = {}): HTMLElement =>
    el('a', { class: 'button', id: `get-${format}`, href: `/api/v1/telemetry/report?${new URLSearchParams([...q, ['format', format]])}`, ...more }, label);
  const chosen = el('select', { id: 'record-of', 'aria-label': both('Insiden', 'Incident') }, ...incidents.slice(0, 300).map((i) => el('option', { value: i.id }, `${i.number} ${s.categories.find((c) => c.key === i.category)?.[current()] ?? i.category}`)));
  const record = (format: string): HTMLElement => el('button', { type: 'button', id: `record-${format}`, click: () => {
    const id = (byId('record-of') as HTMLSelectElement).value;
    if (id) window.open(`/api/v1/incidents/${encodeURIComponent(id)}/record?format=${format}`, '_blank', 'noopener');
  } }, format.toUpperCase());
  return el('div', { class: 'downloads' },
    link('csv', 'CSV', { download: 'response-times.csv' }), link('json', 'JSON', { download: 'response-times.json' }), link('html', both('Laporan HTML', 'HTML report'), { target: '_blank', rel: 'noopener' }),
    el('a', { class: 'button', href: `/api/v1/telemetry/intervals?${raw}`, download: 'intervals.json' }, both('Nilai mentah (JSON)', 'Raw values (JSON)')),
    incidents.length ? el('span', { class: 'record' }, both('Lembar insiden', 'Record of an incident'), chosen, record('pdf'), record('html'), record('json')) : null);
}

function methodBox(r: Report): HTMLElement {
  const m = (key: keyof typeof methods, en: string): string => both(methods[key], en);
  const line = (label: string, text: string): HTMLElement => el('div', {}, el('dt', {}, label), el('dd', {}, text));
  const d = r.definitions.find((x) => x.interval === ask.interval);
  return el('dl', { class: 'methods' },
    d ? line(intervalName(ask.interval), `${meaning(ask.interval, d.starts, d.ends)}${d.per_unit ? both(' · tiap tim', ' · each unit') : both(' · tiap insiden', ' · each incident')}`) : null,
    line('Median', m('median', r.median_method)), line(both('Persentil 90', '90th percentile'), m('percentile', r.percentile_method)), line(both('Belum selesai', 'Not ended'), m('open', r.open_method)),
    ask.interval === 'whole_flow' && r.whole_flow_readings ? line('SOP 1.47 Jam', r.whole_flow_readings.join('; ')) : null,
    r.comparison ? line(both('Perbandingan', 'Comparison'), m('compare', r.comparison.method)) : null,
    line(both('Zona waktu', 'Time zone'), `${r.zone}`));
}

function figures(s: Setup, r: Report): Child[] {
  const rows = r.rows.filter((x) => x.interval === ask.interval);
  const changes = r.comparison ? new Map(r.comparison.rows.filter((c) => c.interval === ask.interval).map((c) => [c.group, c])) : undefined;
  const distribution = r.distributions.find((d) => d.interval === ask.interval);
  const targets = [...new Set(rows.flatMap((x) => x.targets_s ?? []))];
  const out = rows.reduce((n, x) => n + leftOut(x), 0);
  const count = rows.reduce((n, x) => n + x.count, 0);
  const by = trendBy(ask, nowMs());
  const { from, to } = period(ask, nowMs());
  const figure = (title: string, body: Node, key: string): HTMLElement => el('figure', { 'data-key': `${key} ${writeAsk(ask)} ${current()} ${asked}` }, el('figcaption', {}, title), body);
  const overRows = (over?.rows ?? []).filter((x) => x.interval === ask.interval);
  return [
    el('p', { class: 'summary', role: 'status' }, el('b', {}, intervalName(ask.interval)), ` · ${from ? `${from} – ${to}` : both('semua', 'all')} · ${r.incidents} ${both('insiden', 'incidents')} (${r.open} ${both('belum ditutup', 'not closed')}) · `,
      el('b', {}, `n ${count}`), ` · ${both('tidak dihitung', 'left out')} ${out}`, r.comparison ? ` · ${both('dibanding', 'compared with')} ${r.comparison.incidents} ${both('insiden', 'incidents')}` : '', loading ? ` · ${both('memuat…', 'loading…')}` : ''),
    count === 0 ? el('p', { class: 'empty' }, both('Tidak ada nilai pada masa ini', 'No values in this period')) : el('div', { class: 'charts', 'data-key': 'charts' },
      figure(both(`Median dan ◆ persentil 90 menurut ${byName(ask.by)}`, `Median and ◆ 90th percentile by ${byName(ask.by)}`) + (targets.length ? both(' · garis: target', ' · line: target') : '') + (changes ? both(' · bawah: masa pembanding', ' · below: the other period') : ''),
        bars(rows, (x) => groupName(s, ask.by, x.group), changes && new Map([...changes].map(([g, c]) => [g, c.then]))), 'bars'),
      el('div', { class: 'two', 'data-key': 'two' },
        distribution ? figure(both('Sebaran nilai', 'Distribution of the values'), histogram(distribution, targets), 'histogram') : null,
        overRows.length ? figure(both(`Perkembangan tiap ${byName(by)}: ● median, ◆ persentil 90`, `Trend by ${byName(by)}: ● median, ◆ 90th percentile`), trend(overRows, (x) => groupName(s, by, x.group)), 'trend') : null)),
    table(s, rows, ask.by, changes),
    methodBox(r),
    el('h2', {}, both('Berkas', 'Files')), downloads(s),
    el('h2', {}, both('Disiplin tombol', 'Key discipline')), el('p', { class: 'dim' }, both(methods.keys, r.key_method)), keysTable(s, r),
  ];
}

function drawAll(): void {
  draw(byId('top'), el('strong', { class: 'brand' }, both('Waktu tanggap', 'Response times')), el('span', { class: 'county' }, setup?.county ?? ''),
    el('span', { class: 'tools' },
      el('button', { type: 'button', id: 'language', lang: current() === 'id' ? 'en' : 'id', click: () => { use(current() === 'id' ? 'en' : 'id'); drawAll(); } }, both('English', 'Indonesia')),
      el('button', { type: 'button', id: 'theme', 'aria-label': both('Terang atau gelap', 'Light or dark'), title: both('Terang atau gelap', 'Light or dark'), click: turnTheme }, '◐'),
      el('button', { type: 'button', id: 'print', click: () => print() }, both('Cetak', 'Print')),
      el('button', { type: 'button', id: 'live', class: 'primary', click: backToLive }, both('Ke layar langsung', 'To the live page'), el('kbd', {}, 'P'))));
  draw(byId('ask'), ...(setup ? question(setup) : []));
  draw(byId('figures'), trouble ? el('p', { class: 'error', role: 'alert' }, trouble) : null, ...(setup && report ? figures(setup, report) : [el('p', { class: 'empty' }, both('Memuat…', 'Loading…'))]));
  byId('figures').classList.toggle('loading', loading);
  document.title = `${both('Waktu tanggap', 'Response times')} · htgateway`;
}

function turnTheme(): void {
  root.dataset['theme'] = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset['theme']);
}

const next = (by: 1 | -1): void => set({ interval: intervalNames[(intervalNames.indexOf(ask.interval) + by + intervalNames.length) % intervalNames.length]! });
listen({ p: backToLive, w: backToLive, j: () => next(1), k: () => next(-1), b: () => set({ by: groupings[(groupings.indexOf(ask.by) + 1) % groupings.length]! }), m: () => byId('ask-period').focus() },
  () => set({ category: '', agency: '', unit: '', district: '' }));
byId('ask').addEventListener('submit', (e) => e.preventDefault());

drawAll();
void (async () => {
  try {
    [setup, incidents] = await Promise.all([api.setup(), api.incidents('', 300)]);
    await load();
  } catch (e) {
    if (e instanceof SignedOut) location.assign('/signin');
    trouble = e instanceof Error ? e.message : String(e);
    drawAll();
  }
})();

// The replay: a page of its own, so that past and present never share a screen. The
// live page stays open behind it, with its alarms.
import '../style/base.css';
import '../style/board.css';
import '../style/panel.css';
import '../style/map.css';
import '../style/replay.css';
import { boardRows, step } from '../dispatcher/board';
import { IncidentPanel } from '../dispatcher/detail';
import { unitRows } from '../dispatcher/units';
import type { CountyMap } from '../map/county';
import { api, SignedOut } from '../shared/api';
import { byId, draw, el } from '../shared/dom';
import { listen } from '../shared/keys';
import { Notices } from '../shared/notice';
import { clockTime, localInput } from '../shared/time';
import { backToLive } from '../shared/views';
import { both, current, use } from '../shared/words';
import { choose } from './choose';
import { laterPanel, unitPast } from './panels';
import { Past } from './past';
import { Player } from './player';
import { PastState } from './state';

const root = document.documentElement;
use(current());
root.dataset['theme'] = localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');

const query = new URLSearchParams(location.search);
const past = new Past();
const state = new PastState(past);
const player = new Player(state);
const notices = new Notices(byId('notice'));
const panel = new IncidentPanel(state, notices, () => undefined);
const dialog = byId('choose') as HTMLDialogElement;
let map: CountyMap | null = null;
let tab: 'board' | 'units' = 'board';
let trouble = '';
let waiting = 0; // alarms of the present that nobody has answered

function theme(): void {
  root.dataset['theme'] = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset['theme']);
  map?.restyle();
}

function language(): void {
  use(current() === 'id' ? 'en' : 'id');
  if (dialog.open && state.setup) void choose(dialog, state.setup);
  state.changed();
}

const pick = (): void => { player.toggle(false); if (state.setup) void choose(dialog, state.setup); };

function day(ms: number): string {
  return new Intl.DateTimeFormat(current() === 'id' ? 'id-ID' : 'en-GB', { timeZone: 'Asia/Jakarta', day: 'numeric', month: 'long', year: 'numeric' }).format(ms);
}

function drawAll(): void {
  const has = past.to > 0;
  draw(byId('top'),
    el('strong', { class: 'brand' }, both('◀◀ Putar ulang', '◀◀ Replay')), el('span', { class: 'county' }, has ? day(past.now) : ''),
    el('time', { id: 'time' }, has ? clockTime(past.now) : '--:--:--', el('small', {}, player.playing ? ` WIB ×${player.speed}` : ' WIB')),
    el('span', { class: 'tools' },
      el('button', { type: 'button', id: 'pick-period', click: pick }, both('Pilih masa', 'Choose a period'), el('kbd', {}, 'O')),
      el('button', { type: 'button', id: 'language', lang: current() === 'id' ? 'en' : 'id', click: language }, both('English', 'Indonesia')),
      el('button', { type: 'button', id: 'theme', 'aria-label': both('Terang atau gelap', 'Light or dark'), title: both('Terang atau gelap', 'Light or dark'), click: theme }, '◐'),
      el('button', { type: 'button', id: 'live', class: 'primary', click: backToLive }, both('Ke layar langsung', 'To the live page'), el('kbd', {}, 'P'))));
  draw(byId('banner'),
    el('b', {}, both('MASA LALU — BUKAN KEADAAN SEKARANG', 'THE PAST — NOT WHAT IS NOW')),
    trouble ? el('span', {}, ` · ${trouble}`) : state.fetching ? el('span', {}, ` · ${both('memuat…', 'loading…')}`)
      : has && !past.whole ? el('span', {}, ` · ${both('TIDAK LENGKAP', 'INCOMPLETE')} ${past.why}`) : null,
    waiting ? el('span', { id: 'waiting' }, both(`Sekarang: ${waiting} alarm menunggu`, `Now: ${waiting} alarms are waiting`)) : null);
  draw(byId('tabs'),
    el('button', { type: 'button', id: 'tab-board', 'aria-pressed': String(tab === 'board'), click: () => show('board') }, `${both('Insiden', 'Incidents')} ${state.board().length}`),
    el('button', { type: 'button', id: 'tab-units', 'aria-pressed': String(tab === 'units'), click: () => show('units') }, `${both('Tim', 'Units')} ${state.units.size}`));
  draw(byId('rows'), ...(tab === 'board' ? boardRows(state) : unitRows(state)));
  const { selected } = state;
  const unit = state.units.get(selected.unit);
  const rows = selected.incident ? panel.rows() : unit ? unitPast(state, unit) : [];
  byId('detail').hidden = rows.length === 0;
  draw(byId('detail'), ...rows, ...(selected.incident && rows.length ? laterPanel(state, selected.incident) : []));
  const tools = (id: string, key: string, label: string, on: boolean, click: () => void): HTMLElement =>
    el('button', { type: 'button', id, 'aria-pressed': String(on), title: `${label} (${key})`, click }, label, el('kbd', {}, key));
  draw(byId('maptools'), tools('home', 'H', both('Kabupaten', 'County'), false, () => map?.home()), tools('tracks', 'T', both('Jejak', 'Tracks'), map?.isTracks ?? false, tracks));
  byId('approximate').textContent = both('Batas kecamatan: perkiraan · garis putus: posisi yang baru tiba kemudian', 'Sub-district lines: approximate · dashed: positions that came only later');
  draw(byId('player'), ...(has ? player.rows() : []));
  const slider = document.querySelector<HTMLInputElement>('#slider');
  if (slider) slider.value = slider.dataset['value'] ?? slider.value;
  notices.draw();
  map?.draw(true);
  document.title = `${both('Putar ulang', 'Replay')} ${has ? localInput(past.from).replace('T', ' ') : ''}`;
}

function show(t: 'board' | 'units'): void {
  tab = t;
  state.changed();
}

function tracks(): void {
  if (map) map.isTracks = !map.isTracks;
  state.changed();
}

// The screen is drawn at most so often, however fast the past goes by.
const drawEvery = 200;
let due = false;
let drawn = 0;
state.onChange(() => {
  if (due) return;
  due = true;
  setTimeout(() => { due = false; drawn = performance.now(); drawAll(); }, Math.max(0, drawn + drawEvery - performance.now()));
});
setInterval(() => player.tick(performance.now()), drawEvery);

const by = (s: number) => (): void => player.seek(past.now + s * 1000);
listen({
  p: backToLive, o: pick, j: () => step(state, 1), k: () => step(state, -1), ArrowDown: () => step(state, 1), ArrowUp: () => step(state, -1),
  ArrowLeft: by(-10), ArrowRight: by(10), PageUp: by(-300), PageDown: by(300), Home: () => player.seek(past.from), End: () => player.seek(past.to),
  ',': () => player.seek(past.beside(-1)), '.': () => player.seek(past.beside(1)), '+': () => player.faster(1), '=': () => player.faster(1), '-': () => player.faster(-1),
  i: () => show('board'), u: () => show('units'), t: tracks, h: () => map?.home(),
}, () => { if (!dialog.open) state.select({}); });
// The space bar plays, unless it presses a button.
document.addEventListener('keydown', (e) => {
  if (e.key !== ' ' || (e.target instanceof Element && e.target.closest('button, select, a, dialog, input:not([type=range])'))) return;
  e.preventDefault();
  player.toggle();
});

// The present is asked for one number only: how many alarms wait in it.
async function present(): Promise<void> {
  try {
    const [alarms, alerts] = await Promise.all([api.alarms(), api.alerts()]);
    waiting = alarms.length + alerts.filter((a) => !a.acked_at).length;
  } catch { /* the live page says when the gateway is gone */ }
  state.changed();
}
void present();
setInterval(() => void present(), 10_000);

async function begin(): Promise<void> {
  try {
    state.setup = await api.setup();
    if (!query.has('incident') && !query.has('from')) { await choose(dialog, state.setup); return; }
    const loaded = state.load(query, new AbortController().signal);
    const incident = query.get('incident');
    const first = setInterval(() => {
      if (!past.to) return;
      clearInterval(first);
      state.at(past.from);
      if (incident) state.select({ incident });
      player.toggle(true);
    }, 50);
    await loaded;
  } catch (e) {
    if (e instanceof SignedOut) location.assign('/signin');
    trouble = e instanceof Error ? e.message : String(e);
    state.changed();
  }
}
drawAll();
void begin();
void import('../map/county').then(async ({ CountyMap }) => {
  map = await CountyMap.make(byId('map'), state, {
    place: () => false, openLinks: () => undefined,
    scene: () => ({ units: state.units.values(), incidents: state.board(), links: [], nowMs: past.now, behind: false }),
  });
  map.trackMoment = () => Math.floor(past.now / 5000);
  map.tracksOf = (units) => Promise.resolve(units.flatMap((u) => {
    const { points, late } = past.way(u);
    const line = (coordinates: [number, number][], isLate: boolean) => ({ type: 'Feature' as const, id: u, properties: { unit: u, late: isLate }, geometry: { type: 'LineString' as const, coordinates } });
    return [...(points.length > 1 ? [line(points, false)] : []), ...(late.length > 1 ? [line(late, true)] : [])];
  }));
  state.changed();
}).catch((e: unknown) => {
  byId('canvas').textContent = `${both('Peramban ini tidak bisa menampilkan peta', 'This browser cannot show the map')}: ${e instanceof Error ? e.message.slice(0, 120) : String(e)}`;
});

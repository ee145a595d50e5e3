import '../style/base.css';
import '../style/board.css';
import '../style/panel.css';
import '../style/map.css';
import type { CountyMap } from '../map/county';
import { api } from '../shared/api';
import { byId, draw, el } from '../shared/dom';
import { listen } from '../shared/keys';
import { Notices } from '../shared/notice';
import { State } from '../shared/state';
import type { Point } from '../shared/types';
import { openView } from '../shared/views';
import { both, current, use } from '../shared/words';
import { send, type Form } from './act';
import { review } from './acts';
import { Alarms } from './alarmbar';
import { Acknowledged } from './alarms';
import { boardRows, step } from './board';
import { IncidentPanel } from './detail';
import { devicePanel } from './devicelist';
import { adopt, enrolPanel } from './enrol';
import { IncidentForm } from './form';
import { forgetStrangers, linkPanel, linkStrip } from './links';
import { banner, header, help } from './shell';
import { Sound } from './sound';
import { unitPanel } from './unitpanel';
import { unitRows } from './units';

const root = document.documentElement;
use(current());
root.dataset['theme'] = localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');

const state = new State();
const notices = new Notices(byId('notice'));
const alarms = new Alarms(state, new Acknowledged(localStorage), new Sound(), notices);
let map: CountyMap | null = null;
let tab: 'board' | 'units' = 'board';
let drawer: '' | 'links' | 'devices' | 'help' = '';
let picking: ((p: Point) => void) | null = null;

const form = new IncidentForm(byId('form') as HTMLDialogElement, state, (p) => map?.mark(p), (i) => {
  alarms.seen(`new ${i.id}`); // whoever took the call knows of it
  state.select({ incident: i.id });
});

function pick(what: string, take: (p: Point) => void): void {
  picking = take;
  byId('pick').textContent = `${what} · Esc`;
  byId('pick').hidden = false;
  byId('map').classList.add('picking');
  pane('map');
}

function endPick(): void {
  picking = null;
  byId('pick').hidden = true;
  byId('map').classList.remove('picking');
}

const panel = new IncidentPanel(state, notices, pick);

// pane is what a phone shows of the three.
function pane(name: 'board' | 'map' | 'units'): void {
  document.body.dataset['pane'] = name;
  if (name !== 'map') tab = name;
  state.changed();
}

function turnTheme(): void {
  root.dataset['theme'] = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset['theme']);
  map?.restyle();
}

function turnLanguage(): void {
  use(current() === 'id' ? 'en' : 'id');
  state.changed();
}

function turnMute(): void {
  if (alarms.sound.blocked) alarms.sound.touched();
  else alarms.sound.mute(!alarms.sound.muted);
  state.changed();
}

function show(what: 'links' | 'devices' | 'help'): void {
  drawer = drawer === what ? '' : what;
  state.changed();
}

function drawSide(): void {
  draw(byId('tabs'),
    el('button', { type: 'button', id: 'tab-board', 'aria-pressed': String(tab === 'board'), click: () => pane('board') }, `${both('Insiden', 'Incidents')} ${state.board().length}`),
    el('button', { type: 'button', id: 'tab-units', 'aria-pressed': String(tab === 'units'), click: () => pane('units') }, `${both('Tim', 'Units')} ${state.units.size}`),
    !state.may('act') ? null : el('button', { class: 'primary', type: 'button', id: 'new', click: () => form.open() }, both('+ Insiden baru', '+ New incident'), el('kbd', {}, 'N')));
  draw(byId('alarms'), ...alarms.rows());
  draw(byId('rows'), ...(tab === 'board' ? boardRows(state) : unitRows(state)));
}

function drawDetail(): void {
  const detail = byId('detail');
  const rows = state.selected.incident ? panel.rows() : state.selected.unit
    ? unitPanel({ state, notices, alarms, follow: () => map?.follow ?? '', setFollow: (u) => { if (map) map.follow = u; state.changed(); } }) : [];
  detail.hidden = rows.length === 0;
  draw(detail, ...rows);
}

function drawDrawer(): void {
  const box = byId('drawer');
  box.hidden = drawer === '';
  const close = (): void => { drawer = ''; state.changed(); };
  if (drawer === '' || drawer === 'help') {
    draw(box, ...(drawer === 'help' ? help(close) : []));
    return;
  }
  const tab = (name: 'links' | 'devices', label: string, key: string): HTMLElement => el('button', { type: 'button', id: `drawer-${name}`, 'aria-pressed': String(drawer === name), click: () => { drawer = name; state.changed(); } }, label, el('kbd', {}, key));
  draw(box,
    el('div', { class: 'title' }, el('h2', {}, drawer === 'links' ? both('Radio, broker, penyimpanan', 'Radios, brokers, stores') : both('Radio dan telepon', 'Radios and phones')),
      tab('links', both('Jalur', 'Links'), 'L'), tab('devices', both('Alat', 'Devices'), 'E'), el('button', { type: 'button', 'aria-label': both('Tutup', 'Close'), click: close }, '✕')),
    ...(drawer === 'links' ? [...linkPanel({ state, ...(state.may('act') ? { adopt: (s) => adopt({ state, notices }, s, forgetStrangers) } : {}) }), ...(state.may('act') ? enrolPanel({ state, notices }) : [])] : devicePanel(state)));
}

function drawTools(): void {
  const tool = map?.tools.tool ?? '';
  const b = (id: string, key: string, label: string, on: boolean, click: () => void): HTMLElement =>
    el('button', { type: 'button', id, 'aria-pressed': String(on), title: `${label} (${key})`, click }, label, el('kbd', {}, key));
  draw(byId('maptools'),
    b('home', 'H', both('Kabupaten', 'County'), false, () => map?.home()),
    b('tracks', 'T', both('Jejak', 'Tracks'), map?.isTracks ?? false, turnTracks),
    b('measure', 'G', both('Ukur', 'Measure'), tool === 'measure', () => useTool('measure')),
    b('nearest', 'D', both('Terdekat', 'Nearest'), tool === 'nearest', () => useTool('nearest')));
  map?.drawBox();
}

function turnTracks(): void {
  if (map) map.isTracks = !map.isTracks;
  map?.draw(true);
  state.changed();
}

function useTool(t: 'measure' | 'nearest'): void {
  map?.tools.use(t);
  state.changed();
}

function drawAll(): void {
  alarms.look();
  draw(byId('top'), ...header(state, alarms, { language: turnLanguage, theme: turnTheme, mute: turnMute, help: () => show('help') }));
  byId('banner').hidden = !state.behind;
  byId('banner').textContent = state.behind ? banner(state) : '';
  document.body.classList.toggle('behind', state.behind);
  drawSide();
  drawDetail();
  drawDrawer();
  draw(byId('links'), ...linkStrip(state, () => show('links')));
  drawTools();
  byId('approximate').textContent = both('Batas kecamatan: perkiraan dari titik desa', 'Sub-district lines: approximate, from village points');
  draw(byId('panes'), ...(['board', 'map', 'units'] as const).map((p) => el('button', { type: 'button', 'aria-pressed': String((document.body.dataset['pane'] ?? 'board') === p), click: () => { state.select({}); pane(p); } },
    p === 'board' ? both('Insiden', 'Incidents') : p === 'map' ? both('Peta', 'Map') : both('Tim', 'Units'))),
    el('button', { type: 'button', 'aria-pressed': String(drawer === 'links'), click: () => show('links') }, both('Jalur', 'Links')));
  notices.draw();
  // A task of its own, so that neither makes a key wait for both.
  setTimeout(() => map?.draw());
  document.title = `${alarms.open.length ? `(${alarms.open.length}) ` : ''}htgateway`;
}

// Changes come in bursts; the screen is drawn at most once a frame, and once a
// second so that clocks and ages run. A page behind another gets no frames, and its
// alarms must sound all the same.
let due = false;
const redraw = (): void => {
  if (!due) return;
  due = false;
  drawAll();
};
const plan = (): void => { if (document.hidden) setTimeout(redraw); else requestAnimationFrame(redraw); };
state.onChange(() => {
  if (due) return;
  due = true;
  plan();
});
document.addEventListener('visibilitychange', plan);
setInterval(() => state.changed(), 1000);

const selected = (): string => state.selected.incident;
const ask = (kind: Form['kind']) => (): void => { if (selected() && state.may('act')) panel.ask({ kind }); };
listen({
  n: () => { if (state.may('act')) form.open(); }, a: () => alarms.acknowledge(), '+a': () => alarms.acknowledgeAll(),
  j: () => step(state, 1), k: () => step(state, -1), ArrowDown: () => step(state, 1), ArrowUp: () => step(state, -1),
  s: ask('send'), c: ask('note'), v: ask('voice'), x: ask('close'), r: () => { if (selected() && state.can('review')) review(state, notices, selected()); }, z: () => notices.undo(),
  i: () => pane('board'), u: () => pane('units'), '/': () => { pane('units'); requestAnimationFrame(() => byId('find-unit').focus()); },
  f: () => { if (map && state.selected.unit) { map.follow = map.follow === state.selected.unit ? '' : state.selected.unit; state.changed(); } },
  t: turnTracks, g: () => useTool('measure'), d: () => useTool('nearest'), h: () => map?.home(),
  p: () => openView('replay', selected() ? { incident: selected() } : {}), w: () => { if (state.may('study')) openView('analysis'); },
  l: () => show('links'), e: () => show('devices'), m: turnMute, '?': () => show('help'),
}, () => {
  if (picking) endPick();
  else if (form.isOpen) form.close();
  else if (map?.tools.tool) useTool(map.tools.tool);
  else if (drawer) show(drawer);
  else if (panel.form.kind) panel.ask({ kind: '' });
  else state.select({});
  state.changed();
});
for (const name of ['pointerdown', 'keydown']) document.addEventListener(name, () => alarms.sound.touched(), { capture: true });

// A unit dragged from the list is sent to the incident that it is dropped on.
function dropped(e: DragEvent): void {
  const unit = e.dataTransfer?.getData('text/unit');
  const to = (e.target as Element).closest('.card')?.getAttribute('data-key') ?? ((e.target as Element).closest('#detail') ? selected() : '');
  if (!unit || !to) return;
  e.preventDefault();
  if (state.can('dispatch')) void send(state, notices, to, [unit]);
}
for (const id of ['rows', 'detail']) {
  byId(id).addEventListener('dragover', (e) => e.preventDefault());
  byId(id).addEventListener('drop', dropped);
}
byId('map').addEventListener('sendunit', (e) => {
  const { unit, incident } = (e as CustomEvent<{ unit: string; incident: string }>).detail;
  if (state.can('dispatch')) void send(state, notices, incident, [unit]);
});

// painted ends once the bare page is on the screen; a page in the background paints
// nothing, and goes on after a moment.
const painted = new Promise<void>((seen) => {
  requestAnimationFrame(() => setTimeout(seen));
  setTimeout(seen, 1000);
});

state.start();
drawAll();
// The map is the heaviest part: the board is there before it.
void painted.then(() => import('../map/county')).then(async ({ CountyMap }) => {
  map = await CountyMap.make(byId('map'), state, {
    place: (p) => {
      if (picking) { const take = picking; endPick(); take(p); return true; }
      if (!form.isOpen) return false;
      form.choose(p);
      return true;
    },
    openLinks: () => { drawer = 'links'; state.changed(); },
    scene: () => ({ units: state.units.values(), incidents: state.board(), links: state.links, nowMs: state.clock.ms(), behind: state.behind }),
  });
  map.tracksOf = (units) => Promise.all(units.map((u) => api.track(u)));
  state.changed();
}).catch((e: unknown) => {
  // A browser without WebGL has no map; the board goes on.
  draw(byId('canvas'), el('p', { class: 'nomap' }, both('Peramban ini tidak bisa menampilkan peta (WebGL mati). Papan tetap bekerja.', 'This browser cannot show the map (no WebGL). The board goes on.'), el('small', {}, e instanceof Error ? e.message.slice(0, 120) : String(e))));
  document.body.classList.add('without-map');
});

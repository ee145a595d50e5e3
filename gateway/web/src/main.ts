import 'maplibre-gl/dist/maplibre-gl.css';
import './style.css';
import { api } from './api';
import { drawBoard } from './board';
import { drawDetail } from './detail';
import { byId, draw, el } from './dom';
import { IncidentForm } from './form';
import { CountyMap } from './map';
import { State } from './state';
import { clockTime, duration } from './time';
import { current, say, use } from './words';

const state = new State();
use(current());
document.documentElement.dataset['theme'] = localStorage.getItem('theme') ?? 'dark';

let form: IncidentForm;
const map = new CountyMap(byId('map'), state, (p) => { if (form.isOpen) form.choose(p); });
form = new IncidentForm(byId('form') as HTMLDialogElement, state, (p) => map.mark(p));

function drawTop(): void {
  draw(byId('top'),
    el('strong', {}, 'htgateway'), el('span', { class: 'county' }, state.setup?.county ?? ''), el('time', { id: 'time' }, `${clockTime(state.clock.ms())} WIB`),
    el('button', { type: 'button', id: 'language', click: () => { use(current() === 'id' ? 'en' : 'id'); byId('approximate').textContent = say('approximate'); drawAll(); } }, say('language')),
    el('button', { type: 'button', id: 'theme', click: turnTheme }, say('theme')));
}

function turnTheme(): void {
  const root = document.documentElement;
  root.dataset['theme'] = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset['theme']);
  map.restyle();
}

function drawLinks(): void {
  draw(byId('links'), ...state.links.map((l) => {
    const since = l.last_heard ? ` · ${duration((state.clock.ms() - Date.parse(l.last_heard)) / 1000)} ${say('ago')}` : '';
    return el('span', { class: `link ${l.state}`, title: [l.why, l.last_error].filter(Boolean).join(' — ') },
      el('span', { class: 'mark' }, l.state === 'up' ? '●' : '✕'), `${l.id} ${say(l.state)} · ${l.frames} ${say('frames')} · ${l.errors} ${say('errors')}${since}`,
      l.state === 'up' ? '' : ` · ${l.why ?? ''}`);
  }));
}

function drawBanner(): void {
  const banner = byId('banner');
  banner.hidden = !state.behind;
  banner.textContent = say('behind');
  document.body.classList.toggle('behind', state.behind);
}

function drawAll(): void {
  drawTop();
  drawBoard(state, () => form.open());
  drawDetail(state);
  drawLinks();
  drawBanner();
  map.draw();
  map.focus(state.selected);
}

// Changes come in bursts; the screen is drawn at most once a frame, and once a
// second so that clocks and ages run.
let due = false;
state.onChange(() => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; drawAll(); });
});
setInterval(() => state.changed(), 1000);
setInterval(() => { byId('time').textContent = `${clockTime(state.clock.ms())} WIB`; }, 200);

document.addEventListener('keydown', (e) => {
  if (e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement) return;
  if (e.key === 'n' || e.key === 'N') { e.preventDefault(); form.open(); }
  if (e.key === 'Escape') { if (form.isOpen) byId('form').dispatchEvent(new Event('cancel')); else { state.selected = ''; state.changed(); } }
});
byId('form').addEventListener('cancel', () => (byId('form') as HTMLDialogElement).close());

async function start(): Promise<void> {
  for (;;) {
    try {
      await state.load();
      break;
    } catch {
      byId('banner').hidden = false;
      byId('banner').textContent = say('catching');
      await new Promise((r) => setTimeout(r, 2000));
    }
  }
  state.follow();
}

let tracked = '';
state.onChange(() => {
  const unit = state.incidents.get(state.selected)?.units[0] ?? '';
  if (unit && unit !== tracked) void map.showTrack(unit, api.track).catch(() => undefined);
  tracked = unit;
});

drawTop();
void start();

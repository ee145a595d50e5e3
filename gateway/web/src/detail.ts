import { api } from './api';
import { categoryName, clockBar } from './board';
import { byId, draw, el } from './dom';
import type { State } from './state';
import { clockTime, duration } from './time';
import type { Incident, Milestone } from './types';
import { say } from './words';

// milestoneRow is one stage with its proof: how it was known, the second witness,
// and what it was before a correction.
function milestoneRow(state: State, m: Milestone): HTMLElement {
  const proof = [say(m.evidence)];
  if (m.verdict) proof.push(say(m.verdict));
  if (m.other) {
    const gap = (Date.parse(m.other.at) - Date.parse(m.at)) / 1000;
    proof.push(`${say(m.other.evidence)} ${clockTime(m.other.at)} (${gap >= 0 ? '+' : ''}${duration(gap)})`);
  }
  return el('li', { class: m.verdict === 'conflict' ? 'conflict' : '' },
    el('time', { datetime: m.at }, clockTime(m.at)),
    el('span', { class: 'what' }, say(m.milestone) + (m.unit ? ` — ${state.callSign(m.unit)}` : '')),
    el('span', { class: 'proof', title: m.report }, proof.join(' · ')),
    ...(m.was ?? []).map((w) => el('span', { class: 'was' },
      `${say('was')} ${clockTime(w.at)} (${say(w.evidence)})${w.reason ? `: ${w.reason}` : ''}${w.by ? ` — ${w.by}` : ''}`)));
}

let problem = '';

// act does something and says in words when it could not be done.
async function act(state: State, f: () => Promise<unknown>): Promise<void> {
  try {
    await f();
    problem = '';
  } catch (e) {
    problem = e instanceof Error ? e.message : String(e);
  }
  state.changed();
}

function sendForm(state: State, i: Incident): HTMLElement {
  const list = el('select', { id: 'send-unit', 'aria-label': say('sendUnits') });
  const at = i.location;
  const far = (c: [number, number]): number => (at ? Math.hypot((c[0] - at.lon) * 110.5, (c[1] - at.lat) * 111.2) : 0);
  const free = [...state.units.values()].filter((u) => !i.units.includes(u.id) || u.properties.incident !== i.id);
  free.sort((a, b) => Number(Boolean(a.properties.incident)) - Number(Boolean(b.properties.incident))
    || (a.geometry ? far(a.geometry.coordinates) : 1e9) - (b.geometry ? far(b.geometry.coordinates) : 1e9));
  for (const u of free) {
    const p = u.properties;
    const km = u.geometry && at ? `${far(u.geometry.coordinates).toFixed(1)} km` : say('nofix');
    list.append(el('option', { value: u.id }, `${p.call_sign} — ${km} — ${p.incident ? `#${p.incident_number.slice(-3)}` : say('free')}`));
  }
  return el('form', { class: 'row', submit: (e) => { e.preventDefault(); void act(state, () => api.dispatch(i.id, [list.value])); } },
    list, el('button', { class: 'primary', id: 'send' }, say('send')));
}

function actions(state: State, i: Incident): HTMLElement[] {
  const text = el('input', { 'aria-label': say('note'), placeholder: say('note'), id: 'note-text' });
  return [
    sendForm(state, i),
    el('form', { class: 'row', submit: (e) => { e.preventDefault(); void act(state, () => api.note(i.id, text.value).then(() => { text.value = ''; })); } },
      text, el('button', {}, say('add'))),
    el('div', { class: 'row' },
      el('button', { type: 'button', id: 'review', click: () => void act(state, () => api.review(i.id)) }, say('review')),
      el('button', { type: 'button', id: 'close', class: 'danger', click: () => void act(state, () => api.close(i.id)) }, say('close'))),
  ];
}

let drawn = '';

export function drawDetail(state: State): void {
  const panel = byId('detail');
  const i = state.incidents.get(state.selected);
  panel.hidden = !i;
  if (!i) return;
  // Buttons act on the incident that they were made for, so another incident
  // begins with an empty panel.
  if (drawn !== i.id + i.status) {
    panel.replaceChildren();
    problem = '';
  }
  drawn = i.id + i.status;
  draw(panel,
    el('div', { class: 'title' },
      el('h2', {}, `${categoryName(state, i.category)} · ${i.number}`),
      el('button', { type: 'button', id: 'back', 'aria-label': say('back'), click: () => { state.selected = ''; state.changed(); } }, '✕')),
    el('p', { class: 'where' }, [i.address, i.district].filter(Boolean).join(' · ')),
    ...(i.description ? [el('p', {}, i.description)] : []),
    ...(i.caller ? [el('p', { class: 'dim' }, `${say('caller')}: ${i.caller}`)] : []),
    ...(state.isOpen(i) ? actions(state, i) : []),
    ...(problem ? [el('p', { class: 'error', role: 'alert' }, problem)] : []),
    el('h3', {}, say('clocks')), ...i.clocks.map((c) => clockBar(state, c)),
    ...(i.alerts?.length ? [el('h3', {}, say('alerts')), ...i.alerts.map((a) => el('p', { class: 'alert' }, `${clockTime(a.at)} ⚠ ${a.text}`))] : []),
    el('h3', {}, say('timeline')), el('ol', { class: 'timeline' }, ...i.milestones.map((m) => milestoneRow(state, m))),
    ...(i.notes ?? []).map((n) => el('p', { class: 'note' }, `${clockTime(n.at)} ${n.by}: ${n.text}`)));
}

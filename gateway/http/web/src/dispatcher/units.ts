// The list of units: every one of them, found by typing, sorted by what matters.
import { agencyColour } from '../shared/agency';
import { el, type Child } from '../shared/dom';
import type { State } from '../shared/state';
import { duration } from '../shared/time';
import type { Unit } from '../shared/types';
import { both, say } from '../shared/words';

let typed = '';
const shownAtMost = 120;

function order(u: Unit): number {
  const p = u.properties;
  return p.emergency ? 0 : p.status === 'needs_assistance' ? 1 : p.incident ? 2 : p.status === 'out_of_service' ? 4 : 3;
}

export function unitRows(state: State): Child[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...state.units.values()]
    .filter((u) => words.every((w) => `${u.properties.call_sign} ${u.properties.agency} ${say(u.properties.status)}`.toLowerCase().includes(w)))
    .sort((a, b) => order(a) - order(b) || a.properties.call_sign.localeCompare(b.properties.call_sign, undefined, { numeric: true }));
  return [
    el('input', {
      id: 'find-unit', type: 'search', autocomplete: 'off', 'aria-label': both('Cari tim', 'Find a unit'), placeholder: both('Cari tim, instansi, status (/)', 'Find unit, agency, status (/)'),
      input: (e) => { typed = (e.target as HTMLInputElement).value; state.changed(); },
      keydown: (e) => { if ((e as KeyboardEvent).key === 'Enter' && found[0]) state.select({ unit: found[0].id }); },
    }),
    ...found.slice(0, shownAtMost).map((u) => unitRow(state, u)),
    found.length > shownAtMost ? el('p', { class: 'dim' }, both(`${found.length - shownAtMost} tim lagi: ketik untuk mencari`, `${found.length - shownAtMost} more: type to find`)) : null,
  ];
}

function unitRow(state: State, u: Unit): HTMLElement {
  const p = u.properties;
  const age = p.fix_at ? state.age(p.fix_at) : null;
  const old = age === null || age > state.staleS;
  const isSelected = state.selected.unit === u.id;
  return el('button', {
    type: 'button', class: `unitrow${p.emergency ? ' emergency' : ''}${isSelected ? ' selected' : ''}`, 'data-key': u.id, draggable: 'true', 'aria-pressed': String(isSelected),
    click: () => state.select({ unit: u.id }),
    dragstart: (e) => (e as DragEvent).dataTransfer?.setData('text/unit', u.id),
  },
  el('span', { class: 'dot', style: `background:${agencyColour(p.agency)}` }),
  el('b', {}, p.call_sign),
  el('span', { class: `state${p.incident ? ' busy' : ''}` }, p.emergency ? `✱ ${say('emergency')}` : say(p.status || 'unreported'), p.incident_number ? ` · ${p.incident_number.slice(-3)}` : ''),
  el('span', { class: old ? 'age old' : 'age' }, age === null ? both('tanpa posisi', 'no position') : `${old ? '⌛ ' : ''}${duration(age)}`));
}

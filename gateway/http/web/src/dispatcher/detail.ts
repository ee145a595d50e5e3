// The panel of one incident: what it is, its clocks, what can be done, and its
// timeline.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import { vague } from '../shared/geometry';
import type { Notices } from '../shared/notice';
import { standing } from '../shared/standing';
import type { State } from '../shared/state';
import { clockTime, localInput } from '../shared/time';
import type { Incident } from '../shared/types';
import { both, say } from '../shared/words';
import type { Form } from './act';
import { acts } from './acts';
import { categoryName, teamChip } from './board';
import { clockBar, shapes } from './clockbar';
import { timeline } from './timeline';

// placeOf is the address, with the sub-district where the address does not name it.
export function placeOf(i: Incident): string {
  return [i.address, i.district && !i.address?.includes(i.district) ? i.district : ''].filter(Boolean).join(' · ');
}

export class IncidentPanel {
  form: Form = { kind: '' };
  private readonly opened = new Set<string>();
  private drawnFor = '';

  constructor(private readonly state: State, private readonly notices: Notices, private readonly pick: (what: string, take: (p: { lat: number; lon: number }) => void) => void) {}

  // ask opens one of the panel's forms, as a key or a button does.
  ask(form: Form): void {
    this.form = form;
    this.state.changed();
    if (form.kind) takeKeyboard(2);
  }

  rows(): Child[] {
    const { state } = this;
    const i = state.incidents.get(state.selected.incident);
    if (!i) return [];
    if (this.drawnFor !== i.id) {
      this.form = { kind: '' };
      this.opened.clear();
    }
    this.drawnFor = i.id;
    const how = standing(state, i);
    return [
      el('div', { class: `title ${how}`, 'data-key': i.id },
        el('span', { class: 'shape', 'aria-hidden': 'true' }, shapes[how]!),
        el('h2', {}, categoryName(state, i.category), el('span', { class: 'number' }, i.number)),
        el('button', { type: 'button', id: 'back', 'aria-label': both('Kembali', 'Back'), click: () => state.select({}) }, '✕')),
      el('div', { class: 'about', 'data-key': i.id },
        el('p', { class: 'where' }, el('span', { class: 'status' }, say(i.status)), ` ${placeOf(i) || '—'}`),
        vague(i) ? el('p', { class: 'warn' }, `▲ ${both('Lokasi perkiraan', 'Approximate place')} ± ${Math.round(i.location!.uncertainty_m!)} m: ${both('kedatangan belum dinilai dari GPS', 'GPS does not yet prove an arrival')} `,
          !state.can('relocate') ? null : el('button', {
            type: 'button', id: 'confirm-place', click: () => void this.notices.act(
              () => api.relocate(i.id, { lat: i.location!.lat, lon: i.location!.lon }, both('lokasi dipastikan', 'place confirmed')).then((x) => state.putIncident(x)),
              { text: both('Lokasi dipastikan', 'Place confirmed') }),
          }, both('Titik ini benar', 'This point is right'))) : null,
        i.description ? el('p', {}, i.description) : null,
        i.caller ? el('p', { class: 'dim' }, `${both('Pelapor', 'Caller')}: ${i.caller}`) : null,
        i.caller_erased_at ? el('p', { class: 'dim', id: 'erased' }, `${both('Pelapor dihapus', 'Caller erased')} ${localInput(i.caller_erased_at).replace('T', ' ')} WIB`) : null,
        i.merged_into ? el('p', { class: 'warn' }, both('Digabung ke ', 'Merged into '), el('button', { type: 'button', class: 'small', click: () => state.select({ incident: i.merged_into! }) }, state.incidents.get(i.merged_into)?.number ?? i.merged_into)) : null,
        i.duplicates?.length ? el('p', { class: 'dim' }, `${both('Laporan ganda', 'Duplicates')}: ${i.duplicates.map((d) => state.incidents.get(d)?.number ?? d).join(', ')}`) : null,
        i.external_id ? el('p', { class: 'dim' }, `CAD: ${i.external_id}`) : null,
        el('p', { class: 'who' }, ...i.units.map((u) => {
          const chip = teamChip(state, u, i);
          const button = el('button', { type: 'button', class: 'bare', 'data-key': u, click: () => state.select({ unit: u }) }, chip);
          return button;
        }))),
      el('div', { class: 'clocks', 'data-key': `${i.id} clocks` }, ...i.clocks.filter((c) => !c.stopped_at || !state.isOpen(i)).map((c) => clockBar(state, c))),
      ...acts({ state, incident: i, form: this.form, ask: (f) => this.ask(f), shut: (f) => { if (this.form === f) this.ask({ kind: '' }); }, notices: this.notices, pick: this.pick }),
      el('h3', { 'data-key': `${i.id} h` }, both('Kronologi', 'Timeline'), el('span', { class: 'dim' }, ` ${clockTime(i.received_at)} – ${i.closed_at ? clockTime(i.closed_at) : '…'} WIB`)),
      timeline({ state, incident: i, opened: this.opened, ...(state.can('milestones') ? { correct: (m) => this.ask({ kind: 'correct', milestone: m }) } : {}) }),
    ];
  }
}

// takeKeyboard gives a form that was asked for the keyboard, at the frame after the one
// in which it is drawn: a slow machine takes a few. Whoever is in one of its fields
// already stays there.
function takeKeyboard(frame: number): void {
  requestAnimationFrame(() => {
    const drawn = document.querySelector('#detail form.ask');
    if (frame > 1 || (!drawn && frame > -60)) takeKeyboard(frame - 1);
    else if (!drawn?.contains(document.activeElement)) drawn?.querySelector<HTMLElement>('input,textarea,select,button')?.focus();
  });
}

// What the acts on an incident and their forms have in common.
import { api } from '../shared/api';
import type { Notices } from '../shared/notice';
import type { State } from '../shared/state';
import type { Correction, Incident, Milestone, Unconfirmed } from '../shared/types';
import { both } from '../shared/words';

export interface Form { kind: '' | 'send' | 'note' | 'close' | 'cancel' | 'reopen' | 'correct' | 'release' | 'merge' | 'voice' | 'erase'; milestone?: Milestone; twice?: Twice }

// Twice is a correction that is asked for again, with what the gateway said it would change.
export interface Twice { body: Correction; told: Unconfirmed }

export interface ActsOptions {
  state: State;
  incident: Incident;
  form: Form;
  ask: (f: Form) => void;
  // shut ends a form, if it is still the one that is open.
  shut: (f: Form) => void;
  notices: Notices;
  pick: (what: string, take: (p: { lat: number; lon: number }) => void) => void;
}

// send sends units to an incident, and offers to take them off again.
export function send(state: State, notices: Notices, incident: string, units: string[]): Promise<unknown> {
  const names = units.map((u) => state.callSign(u)).join(', ');
  return notices.act(() => api.dispatch(incident, units).then((i) => state.putIncident(i)), {
    text: both(`${names} dikirim`, `${names} sent`), undo: !state.can('release') ? undefined : () => api.release(incident, units).then((i) => state.putIncident(i)),
  }).then(() => state.changed());
}

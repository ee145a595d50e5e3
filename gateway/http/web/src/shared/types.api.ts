// Holds the page's types to the API's description: the build fails when a type asks for
// more than the API promises, or has a member that the API does not name. Update is not
// here: it comes by the event stream only, which is not described.
import type { components, operations } from './openapi';
import type * as page from './types';

type Schemas = components['schemas'];
type Answer<O extends keyof operations, Status extends number = 200> =
  operations[O]['responses'] extends Record<Status, { content: { 'application/json': infer A } }> ? A : never;

// Unnamed are the members of a page's type, at any depth, that the API does not name.
type Unnamed<Page, API> =
  Page extends readonly (infer P)[] ? (API extends readonly (infer A)[] ? Unnamed<P, A> : never)
    : Page extends object ? { [K in keyof Page & string]-?: K extends keyof API ? Unnamed<NonNullable<Page[K]>, NonNullable<API[K]>> : K }[keyof Page & string]
      : never;

// Held takes the API's answer only when it is all that the page's type asks for.
type Held<Page, API extends Page> = Unnamed<Page, API>;

interface Types {
  clock: Held<page.Clock, Schemas['Clock']>;
  milestone: Held<page.Milestone, Schemas['Milestone']>;
  alert: Held<page.Alert, Schemas['Alert']>;
  alarm: Held<page.SOPAlarm, Schemas['Alarm']>;
  session: Held<page.Session, Answer<'session'>>;
  incident: Held<page.Incident, Schemas['Incident']>;
  unit: Held<page.Unit, Schemas['Units']['features'][number]>;
  link: Held<page.Link, Schemas['Link']>;
  setup: Held<page.Setup, Schemas['Setup']>;
  place: Held<page.Place, Answer<'places'>['places'][number]>;
  report: Held<page.RawReport, Schemas['Report']>;
  delivery: Held<Omit<page.Delivery, 'guess'>, Schemas['Delivery']>;
  enrolled: Held<page.Enrolled, Answer<'bindDevice', 201>>;
  stranger: Held<page.Stranger, Answer<'strangers'>['devices'][number]>;
  devices: Held<page.Devices, Answer<'devices'>>;
  unconfirmed: Held<page.Unconfirmed, Schemas['Unconfirmed']>;
}

// Each type stands here with its members that the API does not name; there are none.
export const unnamed: { [T in keyof Types as [Types[T]] extends [never] ? never : T]: Types[T] } = {};

// What the page reads of the API's answers, in the API's own words (types.api.ts holds
// them to its description).
export interface Clock {
  clock: string;
  unit?: string;
  state: 'running' | 'warning' | 'met' | 'breached' | 'contradictory';
  started_at: string;
  due_at: string;
  stopped_at?: string;
  remaining_s: number;
}
export interface Superseded { at: string; evidence: string; report: string; known_at: string; reason?: string; by?: string }
export interface Milestone {
  milestone: string;
  unit?: string;
  at: string;
  evidence: string;
  report: string;
  confidence: number;
  known_at?: string;
  clock?: string;
  device?: string;
  identity_assurance?: 'claimed' | 'network' | 'device';
  verdict?: string;
  other?: { at: string; evidence: string; report: string };
  was?: Superseded[];
}
export interface Alert { id: string; kind: string; unit?: string; incident?: string; at: string; report: string; text: string; count?: number; last_at?: string; acked_at?: string; acked_by?: string; withdrawn?: boolean }
// SOPAlarm is an alarm about one of the procedure's clocks, as the gateway keeps it.
export interface SOPAlarm {
  id: string; kind: 'breach' | 'warning'; state: 'raised' | 'answered' | 'breached' | 'withdrawn';
  incident: string; clock: string; unit?: string; started_at: string; due_at: string; seen_at?: string; text: string; text_en: string;
}
// Session is who this browser is signed in as, and what the role may do.
export interface Session { name: string; role: string; rights: string[]; until: string | null; can_sign_in: boolean }
export interface Note { at: string; by: string; text: string }
export interface Incident {
  id: string;
  number: string;
  category: string;
  status: string;
  location?: { lat: number; lon: number; radius_m?: number; uncertainty_m?: number; place?: string };
  address?: string;
  district?: string;
  caller?: string;
  caller_erased_at?: string;
  description?: string;
  external_id?: string;
  received_at: string;
  closed_at?: string;
  units: string[];
  milestones: Milestone[];
  clocks: Clock[];
  alerts?: Alert[];
  alarms?: SOPAlarm[];
  merged_into?: string;
  duplicates?: string[];
  notes?: Note[];
  reviews?: string[];
  as_of: number;
}
export interface UnitProperties {
  id: string;
  call_sign: string;
  agency: string;
  status: string;
  status_at: string | null;
  incident: string;
  incident_number: string;
  fix_at: string | null;
  fix_age_s: number | null;
  stale: boolean;
  silence: { state: string; since?: string; why: string; why_en: string } | null;
  heard_at: string | null;
  course_deg: number | null;
  speed_mps: number | null;
  accuracy_m: number | null;
  emergency: boolean;
  battery_pct: number | null;
  link: string;
  as_of: number;
}
export interface Unit {
  id: string;
  geometry: { type: 'Point'; coordinates: [number, number] } | null;
  properties: UnitProperties;
}
export interface Link {
  id: string; kind: string; protocol?: string; state: string; since: string; why?: string;
  frames: number; errors: number; reports: number; duplicates: number; shed?: number;
  last_heard: string | null; last_error?: string; location?: { lat: number; lon: number };
  waiting?: number; waiting_since?: string; clock_s?: number;
}
export interface Category { key: string; id: string; en: string }
// MapSetup is what the configuration's map section offers beside the built-in basemap.
export interface MapSetup { geojson?: string; pmtiles?: string; tiles?: string; attribution?: string }
export interface Setup {
  county: string;
  categories: Category[];
  sop: Record<string, number>;
  warn_at: number;
  stale_after_s: number;
  units: { id: string; call_sign: string; agency: string; devices: string[] }[];
  clock: { now: string; speed: number };
  map?: MapSetup;
  routes: string[];
}
export interface Place { name: string; district: string; lat: number; lon: number; radius_m: number }
export interface Point { lat: number; lon: number }
export interface Hearing { link: string; received_at: string; rssi_dbm?: number }
export interface RawReport {
  id?: string; link?: string; protocol: string; device?: string; received_at?: string; device_time?: string; site?: string; arrived_at?: string;
  status?: string; status_code?: string; text?: string; raw?: string; journaled_at: string; heard: Hearing[];
  fix?: { point: [number, number] };
}
export interface Delivery {
  message: string; unit?: string; device: string; link?: string; at: string; state: string;
  attempt?: number; text?: string; poll?: boolean; why?: string; report?: string;
  unanswered?: boolean; // nothing answers it: sent is all that will be known
  guess?: true; // made by this page until the gateway tells of the message itself
}
export interface Update {
  seq: number; id: string; kind: string; at: string; known_at: string; incident?: string; unit?: string;
  report?: string; status?: string; text?: string; by?: string; alert?: Alert; delivery?: Delivery;
}
// Enrolled is a device as it was bound; what proves it is told once.
export interface Enrolled { unit: string; device: string; app?: string; url?: string; qr?: string; warning?: string }
export interface Stranger { device: string; first_heard: string; last_heard: string; reports: number; last_said?: string; last_link: string; emergency?: boolean }
// Device is what one device sent since the gateway began: received = stored + duplicates + refused.
export interface Device {
  device: string; unit?: string; last_link: string; received: number; stored: number; duplicates: number; refused: number; set_aside: number; shed: number;
  last_heard?: string; last_reason?: string; last_reason_at?: string;
}
// Account is a user of the embedded broker.
export interface Account {
  user: string; role: string; connected: number; since?: string; last_seen?: string; accepted: number; withheld: number; refused: number; slowed: number; excess: number;
  last_reason?: string; last_reason_at?: string;
}
export interface Devices { since: string; devices: Device[]; accounts: Account[] }

// hasEnded tells whether an incident of this status goes on no more.
export function hasEnded(status: string): boolean {
  return ['closed', 'cancelled', 'merged'].includes(status);
}

// Correction is a milestone's time as a person sets it; confirm takes one that looks like a slip.
export interface Correction { milestone: Milestone['milestone']; unit: string; at: string; reason: string; confirm?: boolean }

// Judged is a clock or an interval as it stands.
export interface Judged { state?: string; seconds: number; limit_s?: number }

// Unconfirmed is the answer to a correction that looks like a slip.
export interface Unconfirmed {
  detail: string;
  code: 'confirm';
  doubts: { code: string; text: string }[];
  effects: { name: string; unit?: string; before: Judged | null; after: Judged | null }[];
}

// The views that are pages of their own: they open beside the live page, which goes
// on behind them with its alarms, and close to return to it.
export function openView(view: 'replay' | 'analysis', query: Record<string, string> = {}): void {
  const q = new URLSearchParams(query).toString();
  window.open(`/${view}/${q ? `?${q}` : ''}`, `htgateway-${view}`)?.focus();
}

// backToLive closes such a view when the page that opened it is still there.
export function backToLive(): void {
  if (window.opener) window.close();
  location.assign('/');
}

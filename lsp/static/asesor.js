// What swaps by itself, like the row that waits for a consent, may take away the control that had the focus. HTMX
// finds it again by its id; without one, go to the nearest part of the page that is still there.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  detail.xhr.held = [];
  for (let node = document.activeElement; node; node = node.parentElement) if (node.id) detail.xhr.held.push(node.id);
});
document.addEventListener('htmx:afterSettle', ({ detail }) => {
  // After a press portal.js goes to the heading of what was asked for and scrolls there; a heading that has the
  // focus already would not be scrolled to.
  const cause = detail.requestConfig && detail.requestConfig.triggeringEvent;
  if (cause && /submit|click/.test(cause.type)) return;
  const { held } = detail.xhr;
  if (document.activeElement !== document.body || !held || !held[0]) return;
  const part = held.map((id) => document.getElementById(id)).find(Boolean);
  if (!part) return;
  const goal = part.querySelector('h1,h2,h3') || part;
  goal.tabIndex = -1;
  goal.focus({ preventScroll: true });
});

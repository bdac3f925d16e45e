// Asks before unsaved typing is lost, and makes a failed autosave seen and heard. Only where a form has data-guard.
(() => {
  'use strict';
  // Form -> how often it changed: what is typed while a save is under way stays unsaved.
  const dirty = new Map();
  const mark = (form) => form && 'guard' in form.dataset && dirty.set(form, (dirty.get(form) || 0) + 1);
  const on = (name, act) => document.addEventListener(name, act);
  on('input', (event) => mark(event.target.form));
  on('submit', (event) => dirty.delete(event.target));
  addEventListener('beforeunload', (event) => {
    if ([...dirty.keys()].some((form) => form.isConnected)) event.preventDefault();
  });
  on('htmx:beforeRequest', ({ detail }) => { detail.xhr.change = dirty.get(detail.elt.closest('form')); });
  // The status tells what was stored: htmx calls 409 and 422 successful too. Only the form and its autosave store.
  on('htmx:afterRequest', ({ detail: { elt, xhr, target } }) => {
    const form = elt.closest('form');
    if (!form || !('guard' in form.dataset) || !elt.matches('form,[hx-vals*=autosave]')) return;
    if (xhr.status > 199 && xhr.status < 400) {
      if (dirty.get(form) === xhr.change) dirty.delete(form);
      return;
    }
    const shown = document.getElementById(target.id);
    mark(form.isConnected ? form : shown && shown.querySelector('form'));
    // The line of an autosave stands at the end of a long form, out of sight.
    const why = elt !== form && shown && shown.querySelector('.err');
    if (!why) return;
    const status = document.getElementById('status');
    status.className = 'notice bad';
    status.textContent = why.textContent.trim();
  });
})();

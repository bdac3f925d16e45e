// What the portal adds when scripts run; every page works without it. Strict CSP: no eval, nothing inline.
(() => {
  'use strict';
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const formOf = (event) => event.detail.elt.closest('form');
  // Guarded forms with typing that is not stored, each with the number of its last change.
  const dirty = new Map();
  const AUTOSAVE = '[hx-vals*=autosave]';

  // The one status region: heard on success, also seen on failure.
  const say = (text, failed) => {
    const status = document.getElementById('status');
    if (!status) return;
    status.className = failed ? 'notice bad' : 'sr';
    status.textContent = text;
  };
  const kept = ' Isian Anda masih ada di layar ini tetapi belum tersimpan. ';
  const again = 'Tunggu sebentar, lalu tekan tombolnya sekali lagi.';
  const sentences = {
    400: 'Halaman ini sudah terlalu lama terbuka.' + kept + 'Salin isian panjang, lalu muat ulang halaman.',
    403: 'Akun Anda tidak berhak melakukan ini. Tidak ada yang berubah.',
    404: 'Data ini tidak ditemukan lagi. Muat ulang halaman.',
    413: 'Berkas terlalu besar. Berkas lain tetap tersimpan. Pilih berkas yang lebih kecil.',
    429: 'Terlalu banyak percobaan.' + kept + again,
  };

  // A second press while the first is under way does nothing. The button is marked, not disabled: it keeps
  // the focus, and its own name and value still travel with the form.
  const busy = (form, yes) => {
    if (!form) return;
    for (const node of [form, ...form.elements]) {
      if (node !== form && node.type !== 'submit') continue;
      const mark = node === form ? 'aria-busy' : 'aria-disabled';
      if (yes) node.setAttribute(mark, 'true');
      else node.removeAttribute(mark);
    }
  };
  on('submit', (event) => {
    const form = event.target;
    if (form.getAttribute('aria-busy')) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.method === 'post' && !('again' in form.dataset)) {
      dirty.delete(form);
      busy(form, true);
    }
  }, true);
  addEventListener('pageshow', (event) => event.persisted && [...document.forms].forEach((form) => busy(form, false)));

  // Unsaved changes: only where the form asks for it.
  on('input', (event) => {
    const form = event.target.form;
    if (form && 'guard' in form.dataset) dirty.set(form, (dirty.get(form) || 0) + 1);
  });
  addEventListener('beforeunload', (event) => {
    if ([...dirty.keys()].some((form) => form.isConnected)) event.preventDefault();
  });

  on('htmx:beforeRequest', (event) => {
    say('');
    event.detail.xhr.change = dirty.get(formOf(event));
  });
  on('htmx:xhr:progress', (event) => {
    const bar = event.target.querySelector('progress[data-upload]');
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });
  // Stored or not is told by the status: htmx calls every answer that it swaps successful, 409 and 422 too. Only the
  // form itself and its autosave store anything. What was typed while the answer was under way stays unsaved.
  on('htmx:afterRequest', (event) => {
    const { elt, xhr, target, successful } = event.detail;
    const form = formOf(event);
    busy(form, false);
    if (!form || !('guard' in form.dataset) || (elt !== form && !elt.matches(AUTOSAVE))) return;
    const shown = target && document.getElementById(target.id);
    if (successful && xhr.status < 400) {
      if (dirty.get(form) === xhr.change) dirty.delete(form);
      return;
    }
    const unsaved = form.isConnected ? form : shown && shown.querySelector('form[data-guard]');
    if (unsaved) dirty.set(unsaved, (dirty.get(unsaved) || 0) + 1);
    // The line of an autosave stands at the end of a long form, out of sight.
    const why = elt !== form && shown && shown.querySelector('.err');
    if (why) say(why.textContent.trim(), true);
  });

  // What swaps by itself, like the row that waits for a consent, may take away the control that had the focus. HTMX
  // finds it again by its id; without one, go to the nearest part of the page that is still there.
  on('htmx:beforeSwap', ({ detail }) => {
    detail.xhr.held = [];
    for (let node = document.activeElement; node; node = node.parentElement) if (node.id) detail.xhr.held.push(node.id);
  });
  const holdPlace = ({ xhr }) => {
    const lost = document.activeElement === document.body && xhr && xhr.held && xhr.held[0];
    const part = lost && xhr.held.map((id) => document.getElementById(id)).find(Boolean);
    if (!part) return;
    const goal = part.querySelector('h1,h2,h3') || part;
    goal.tabIndex = -1;
    goal.focus({ preventScroll: true });
  };

  // After a panel is swapped by a press, go to its first error or its heading, and say its notice aloud.
  // A list filtered while typing keeps the focus where it is.
  on('htmx:afterSettle', ({ target, detail }) => {
    const cause = detail.requestConfig && detail.requestConfig.triggeringEvent;
    if (!cause || !/submit|click/.test(cause.type)) return void holdPlace(detail);
    if (detail.xhr.settled) return;
    if (target.id !== detail.target.id && !detail.target.contains(target)) return; // an out-of-band region
    detail.xhr.settled = true;
    const notice = target.querySelector('.notice');
    if (notice) say(notice.textContent.trim());
    const goal = target.querySelector('[data-focus],[aria-invalid=true]') || target.querySelector('h1,h2,h3') || target;
    if (!goal.matches('a,button,input,select,textarea')) goal.tabIndex = -1;
    goal.focus();
  });

  // What happened, what was kept, what to do.
  on('htmx:sendError', () => say('Sambungan internet terputus.' + kept + 'Periksa sinyal, lalu tekan tombolnya sekali lagi.', true));
  on('htmx:timeout', () => say('Server belum menjawab.' + kept.replace('belum', 'mungkin belum') + again, true));
  on('htmx:responseError', ({ detail }) => say(sentences[detail.xhr.status] || 'Server sedang bermasalah.' + kept + again, true));
})();

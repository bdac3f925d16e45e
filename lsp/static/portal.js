// What the portal adds when scripts run; every page works without it. Strict CSP: no eval, nothing inline.
(() => {
  'use strict';
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const formOf = (event) => event.detail.elt.closest('form');

  const { classList } = document.body;
  classList.add('live');
  // The one status region: heard on success, also seen on failure.
  const say = (text, failed) => {
    const status = document.getElementById('status');
    if (!status) return;
    status.className = failed ? 'notice bad' : 'sr';
    status.textContent = text;
    if (failed) classList.remove('live');
  };
  const kept = ' Isian Anda masih ada di layar ini tetapi belum tersimpan. ';
  const again = 'Tunggu sebentar, lalu tekan tombolnya sekali lagi.';
  const sentences = {
    400: 'Halaman ini sudah terlalu lama terbuka.' + kept + 'Salin isian panjang, lalu muat ulang halaman.',
    403: 'Akun Anda tidak berhak melakukan ini. Tidak ada yang berubah.',
    404: 'Data ini tidak ditemukan lagi. Muat ulang halaman.',
    413: 'Terlalu besar. Yang lain tetap tersimpan. Kecilkan berkas atau isiannya.',
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
      busy(form, true);
    }
  }, true);
  addEventListener('pageshow', (event) => event.persisted && [...document.forms].forEach((form) => busy(form, false)));

  on('htmx:beforeRequest', () => say(''));
  on('htmx:xhr:progress', (event) => {
    const bar = event.target.querySelector('progress[data-upload]');
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });
  on('htmx:afterRequest', (event) => busy(formOf(event), false));

  // After a panel is swapped by a press, go to its first error or its heading, and say its notice aloud.
  // A list filtered while typing keeps the focus where it is.
  on('htmx:afterSettle', ({ target, detail }) => {
    const cause = detail.requestConfig && detail.requestConfig.triggeringEvent;
    if (!cause || !/submit|click/.test(cause.type) || detail.xhr.settled) return;
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

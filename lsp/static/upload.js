// Sends files so that a broken line costs little: large ones in pieces (tus 1.0), all of them again by themselves.
// Every form works without it. What is kept in the browser: the address of an upload, size and time of its file.
(() => {
  'use strict';
  const LARGE = 1e6, DAY = 864e5;
  // A browser sends a piece whose line broke once more by itself, from its beginning: on a bad line they are small.
  const MOST = 256 * 1024, LEAST = 64 * 1024;
  const WAITS = [1, 2, 4, 8, 15, 30]; // seconds; then the person is asked
  const SILENT = 30e3, REBUILDING = 120e3; // how long an answer may take while bytes move, and after the last
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const wait = (seconds) => new Promise((done) => {
    setTimeout(done, seconds * 1000);
    addEventListener('online', done, { once: true });
  });

  // --- What the row says -----------------------------------------------------------------------------------
  const tell = (form, text) => { // in words beside the bar, not read aloud
    const line = form.querySelector('[data-sent]');
    if (line) line.textContent = text;
  };
  const note = (form, text) => {
    tell(form, '');
    let line = form.querySelector('[role=status]');
    if (!line) {
      line = document.createElement('p');
      line.className = 'wide note';
      line.setAttribute('role', 'status');
      form.append(line);
    }
    line.textContent = text;
    line.hidden = !text;
  };
  const bar = (form, sent, total) => {
    const progress = form.querySelector('progress');
    if (!progress) return;
    tell(form, sent < total ? Math.floor(100 * sent / total) + ' % terkirim' : 'Sedang diperiksa …');
    progress.hidden = false;
    progress.max = total;
    progress.value = sent;
  };
  const free = (form) => htmx.trigger(form, 'htmx:afterRequest', { elt: form });
  const askPerson = (form, text) => {
    note(form, text);
    form.querySelector('[type=submit]').textContent = 'Coba lagi';
    form.tries = 0;
    free(form);
  };
  const LOST = 'Sambungan terputus. Berkas ini masih terpilih';
  const waiting = (form) => note(form, LOST + ' dan dikirim lagi begitu ada sinyal.');
  const gaveUp = (form, sent) => askPerson(form, LOST
    + (sent ? ', yang sudah terkirim (' + Math.floor(sent * 100) + ' %) tidak diulang. ' : '. ')
    + 'Periksa sinyal, lalu tekan Coba lagi.');
  const swap = (form, html, select) => {
    const target = form.closest('li');
    const eventInfo = { target, xhr: {}, requestConfig: { triggeringEvent: { type: 'submit' } } };
    htmx.swap(target, html, { swapStyle: 'outerHTML', swapDelay: 0, settleDelay: 20 }, { select, eventInfo });
  };

  // --- Where an upload goes on after the page was left ------------------------------------------------------
  const keyOf = (form) => 'unggah:' + form.dataset.pieces;
  const store = (act) => { try { return act(localStorage); } catch { return null; } };
  const recall = (form, file) => {
    const [at, size, time] = (store((box) => box.getItem(keyOf(form))) || '').split(' ');
    return Number(size) === file.size && Number(time) === file.lastModified ? at : '';
  };
  const remember = (form, file, at) => store(
    (box) => box.setItem(keyOf(form), [at, file.size, file.lastModified, Date.now()].join(' ')));
  const forget = (form) => store((box) => box.removeItem(keyOf(form)));
  store((box) => Object.keys(box).forEach((key) => {
    if (key.startsWith('unggah:') && Date.now() - box.getItem(key).split(' ')[3] > DAY) box.removeItem(key);
  }));

  // --- The protocol -----------------------------------------------------------------------------------------
  const ask = (form, method, address, headers = {}, body = null, moved = () => {}) => new Promise((done) => {
    const xhr = new XMLHttpRequest();
    let timer;
    const within = (time) => { clearTimeout(timer); timer = setTimeout(() => xhr.abort(), time); };
    xhr.open(method, address);
    const token = form.elements.csrf_token.value;
    const all = { 'Tus-Resumable': '1.0.0', 'HX-Request': 'true', 'X-CSRFToken': token, ...headers };
    for (const name in all) xhr.setRequestHeader(name, all[name]);
    xhr.upload.onprogress = ({ loaded }) => { within(SILENT); moved(loaded); };
    xhr.upload.onload = () => within(REBUILDING);
    xhr.onloadend = () => { clearTimeout(timer); done(xhr); };
    within(SILENT);
    xhr.send(body);
  });
  const begin = (form, file) => {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name.slice(-120))));
    const { kind, part } = form.elements;
    const said = 'filename ' + name + (kind ? ',kind ' + btoa(kind.value) : '') + (part?.checked ? ',part' : '');
    return ask(form, 'POST', form.dataset.pieces, { 'Upload-Length': file.size, 'Upload-Metadata': said });
  };
  const piece = (form, file, at, offset, size) => ask(
    form, 'PATCH', at, { 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' },
    file.slice(offset, offset + size), (loaded) => bar(form, offset + loaded, file.size));

  // One step at a time: where is it, else begin, then a piece. What fails is asked for anew.
  const send = async (form, file) => {
    const most = Number(form.dataset.most) || MOST; // recordings: from desks
    let at = recall(form, file), offset = at ? -1 : 0, tries = 0, size = most;
    for (;;) {
      const answer = offset < 0 ? await ask(form, 'HEAD', at)
        : at ? await piece(form, file, at, offset, size) : await begin(form, file);
      if (!form.isConnected) return;
      const { status } = answer;
      const isRow = /html/.test(answer.getResponseHeader('Content-Type'));
      if (status === 401) { location = answer.getResponseHeader('HX-Redirect') || location; return; }
      if (status === 404 && at) {
        at = '';
        offset = 0;
        forget(form);
      } else if (status === 201) {
        at = answer.getResponseHeader('Location');
        remember(form, file, at);
        tries = 0;
      } else if (status === 200 && isRow) {
        forget(form);
        swap(form, answer.responseText);
        return;
      } else if (status === 200 || status === 204) {
        offset = Number(answer.getResponseHeader('Upload-Offset'));
        if (!tries) size = Math.min(most, size * 1.1);
        tries = 0;
        note(form, '');
        bar(form, offset, file.size);
        if (offset < file.size) continue;
        forget(form); // taken in by an earlier press, or in another tab
        swap(form, (await ask(form, 'GET', location.pathname)).responseText, '#' + form.closest('li').id);
        return;
      } else if ((status === 413 || status === 422) && isRow) {
        forget(form);
        swap(form, answer.responseText);
        return;
      } else if (status && status < 500 && status !== 409 && status !== 423) {
        askPerson(form, status === 429 ? answer.responseText
          : 'Halaman ini sudah terlalu lama terbuka. Muat ulang halaman, lalu pilih berkas ini lagi. '
            + 'Yang sudah terkirim tidak diulang.');
        return;
      } else if (tries === WAITS.length) {
        if (status === 503 && !isRow) askPerson(form, answer.responseText);
        else gaveUp(form, Math.max(0, offset) / file.size);
        return;
      } else {
        if (!status) waiting(form);
        size = LEAST;
        await wait(WAITS[tries++]);
        if (at) offset = -1;
      }
    }
  };

  // --- When a form is sent ----------------------------------------------------------------------------------
  on('submit', (event) => {
    const form = event.target, input = form.querySelector('[type=file]');
    const file = input && input.files[0];
    const large = () => form.dataset.pieces && input.files[0].size > LARGE;
    if (event.defaultPrevented || !file) return;
    const wrong = (form.closest('li') || form).querySelector('.err');
    if (wrong) wrong.remove();
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
    tell(form, 'Menyiapkan berkas …');
    if (!(input.ready || large())) return;
    event.preventDefault();
    event.stopPropagation();
    Promise.resolve(input.ready).then(() => setTimeout(() => { // a form that is being sent cannot be sent again
      input.ready = null;
      if (large()) send(form, input.files[0]);
      else {
        free(form);
        form.requestSubmit();
      }
    }));
  }, true);

  // A small file goes in one request; when its line breaks it is sent again, three times by itself.
  const sendAgain = async ({ detail }) => {
    const form = detail.elt.closest('form');
    if (!form || !form.querySelector('[type=file]')) return;
    const status = document.getElementById('status'); // the row says it
    status.className = 'sr';
    status.textContent = '';
    form.tries = (form.tries || 0) + 1;
    if (form.tries > 3) return gaveUp(form, 0);
    waiting(form);
    await wait(WAITS[form.tries]);
    if (form.isConnected) form.requestSubmit();
  };
  on('htmx:sendError', sendAgain);
  on('htmx:timeout', sendAgain);

  // The camera is offered beside the choice of a file, never instead of it.
  const offerCamera = (root) => root.querySelectorAll('[type=file][accept*=image]').forEach((input) => {
    if (input.camera) return;
    input.camera = document.createElement('button');
    input.camera.type = 'button';
    input.camera.className = 'btn';
    input.camera.textContent = 'Ambil foto';
    input.camera.onclick = () => {
      const { accept } = input;
      input.accept = 'image/*';
      input.setAttribute('capture', 'environment');
      input.click();
      input.removeAttribute('capture');
      input.accept = accept;
    };
    input.after(input.camera);
  });
  if (matchMedia('(pointer: coarse)').matches) on('htmx:load', ({ target }) => offerCamera(target));
})();

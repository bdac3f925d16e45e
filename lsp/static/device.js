// Tries camera, microphone and line, and answers the questions of the page. Nothing is recorded; nothing is sent but
// random bytes to time the line. Whoever knows better changes the answer before saving it.
(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const box = byId('uji');
  const { down, up, downBytes, upBytes, needsDown, needsUp } = box.dataset;
  let stream, sound;

  const tell = (words, fine) => {
    const row = document.createElement('li');
    const text = document.createElement('span');
    text.textContent = words;
    const badge = document.createElement('span');
    badge.className = 'badge ' + (fine ? 'ok' : 'bad');
    badge.textContent = fine ? 'baik' : 'perlu dicek';
    row.append(text, badge);
    byId('hasil').append(row);
  };
  const answer = (name, fine) => {
    const choice = document.querySelector(`input[name=${name}][value=${fine ? 'ya' : 'tidak'}]`);
    if (choice) choice.checked = true;
  };
  const result = (name, words, fine) => { tell(words, fine); answer(name, fine); };

  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    if (sound) sound.close();
    stream = sound = null;
    byId('kamera').hidden = byId('suara').hidden = byId('berhenti').hidden = true;
  };

  const camera = () => {
    const video = byId('kamera');
    video.srcObject = stream;
    video.hidden = byId('berhenti').hidden = false;
    video.play().catch(() => {});
    const [track] = stream.getVideoTracks();
    const { width, height } = track.getSettings();
    result('camera', `Kamera menyala${width ? `, ${width} × ${height} titik` : ''}.`, true);
  };

  // Loudest moment within some seconds, 0 to 100.
  const loudness = async () => {
    sound = new AudioContext();
    const ear = sound.createAnalyser();
    sound.createMediaStreamSource(stream).connect(ear);
    const wave = new Uint8Array(ear.fftSize);
    byId('suara').hidden = false;
    let most = 0;
    for (let turn = 0; turn < 40 && sound; turn += 1) {
      await new Promise((go) => setTimeout(go, 100));
      ear.getByteTimeDomainData(wave);
      const peak = Math.max(...wave.map((each) => Math.abs(each - 128)));
      most = Math.max(most, peak);
      byId('volume').value = Math.min(100, peak * 2);
    }
    return most;
  };

  const timed = async (work, bytes) => {
    const begun = performance.now();
    await work();
    return Math.round(bytes * 8 / (performance.now() - begun)); // bits in a millisecond are kbit/s
  };
  const line = async () => {
    const csrf = document.querySelector('[name=csrf_token]').value;
    const fetched = async (url, options) => {
      const reply = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(30000), ...options });
      if (!reply.ok) throw new Error(reply.status);
      return reply.arrayBuffer();
    };
    try {
      const fast = await timed(() => fetched(down), downBytes);
      const out = await timed(() => fetched(up, {
        method: 'POST', headers: { 'X-CSRFToken': csrf, 'Content-Type': 'application/octet-stream' },
        body: crypto.getRandomValues(new Uint8Array(+upBytes)),
      }), upBytes);
      result('line', `Sambungan: turun ${fast} kbit/s, naik ${out} kbit/s. Rapat perlu ${needsDown} dan ${needsUp}.`,
        fast >= needsDown && out >= needsUp);
    } catch {
      result('line', 'Sambungan terputus saat diuji.', false);
    }
  };

  const why = (error) => ({
    NotAllowedError: 'Kamera dan mikrofon belum diizinkan di peramban ini.',
    NotFoundError: 'Kamera atau mikrofon tidak ditemukan.',
    NotReadableError: 'Kamera atau mikrofon sedang dipakai aplikasi lain.',
  }[error.name] || 'Kamera dan mikrofon tidak dapat dibuka.');

  const run = async () => {
    const begin = byId('mulai');
    stop();
    byId('hasil').textContent = '';
    begin.disabled = true;
    const lineDone = line();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
      camera();
      const loud = await loudness();
      result('microphone', loud > 8 ? 'Mikrofon menangkap suara.' : 'Mikrofon menyala, tetapi tidak terdengar suara.', loud > 8);
    } catch (error) {
      answer('camera', false);
      answer('microphone', false);
      tell(why(error), false);
    }
    await lineDone;
    begin.textContent = 'Uji lagi';
    begin.disabled = false;
  };

  if (navigator.mediaDevices && window.AbortSignal && AbortSignal.timeout) {
    box.hidden = false;
    byId('mulai').addEventListener('click', run);
    byId('berhenti').addEventListener('click', stop);
    addEventListener('pagehide', stop);
  }
})();

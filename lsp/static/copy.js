// One tap copies an account number or an amount. Without scripts, or without a clipboard, no button is shown.
(() => {
  'use strict';
  const show = () => navigator.clipboard && document.querySelectorAll('[data-copy][hidden]').forEach((each) => { each.hidden = false; });
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest && target.closest('[data-copy]');
    if (!button) return;
    // Without a text of its own, it copies the box before it.
    const box = button.dataset.copy ? null : button.previousElementSibling;
    const text = box ? box.value : button.dataset.copy;
    const status = document.getElementById('status');
    try {
      await navigator.clipboard.writeText(text);
      const words = button.textContent;
      button.textContent = 'Tersalin';
      if (status) status.textContent = 'Tersalin: ' + (box && box.rows ? 'semua isian' : text);
      setTimeout(() => { button.textContent = words; }, 2000);
    } catch {
      button.hidden = true;
      if (status) status.textContent = 'Peramban ini tidak dapat menyalin. Salin sendiri angkanya.';
    }
  });
  show();
  document.addEventListener('htmx:afterSettle', show);
})();

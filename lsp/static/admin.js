// Keys for the checklist; each presses a link or button, or goes to a field, that is there. `data-key` names it.
// Only while the focus is in the checklist: a letter pressed elsewhere must not record a verdict (WCAG 2.1.4).
(() => {
  'use strict';
  const home = () => document.querySelector('#checklist [aria-current]');

  // A phrase goes into the note, where it can be changed; without scripts the server puts it there.
  // "Tulis catatan" has then been done, and no longer stands there.
  const put = (button) => {
    const note = button.form.querySelector('textarea');
    const fault = document.getElementById('note-error');
    if (fault) {
      fault.remove();
      note.removeAttribute('aria-invalid');
      note.removeAttribute('aria-describedby');
    }
    if (!note.value.includes(button.dataset.phrase)) {
      note.value = `${note.value} ${button.dataset.phrase}`.trim();
      document.getElementById('status').textContent = `Catatan: ${note.value}`;
    }
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-phrase]');
    if (!button) return;
    event.preventDefault();
    put(button);
  });

  // From file to file of the open row and on to its link, so that each can be opened with Enter.
  const step = (back) => {
    const files = [...document.querySelectorAll('#checklist [data-file]')];
    const at = files.indexOf(document.activeElement);
    const goal = files[back ? (at < 0 ? files.length : at) - 1 : at + 1] || home();
    if (goal) goal.focus();
  };

  const press = (goal) => {
    if (goal.disabled) {
      const reason = document.getElementById(goal.getAttribute('aria-describedby'));
      if (!reason) return;
      reason.scrollIntoView({ block: 'center' });
      document.getElementById('status').textContent = reason.textContent;
    } else if (goal.matches('textarea,input')) {
      goal.focus();
    } else if (!goal.getAttribute('aria-disabled')) {
      goal.click();
    }
  };

  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const typing = event.target.closest('input,select,textarea');
    if (typing && event.key === 'Escape' && event.target.closest('#verdict,#eligibility') && home()) {
      event.preventDefault();
      home().focus();
    }
    if (typing || !event.target.closest('#checklist,#next-case')) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      step(event.key === 'ArrowLeft');
      return;
    }
    const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
    const goal = [...document.querySelectorAll('#case [data-key]')].find((node) => node.dataset.key === key);
    if (!goal) return;
    event.preventDefault();
    press(goal);
  });
})();
